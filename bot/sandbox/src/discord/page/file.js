// Files below a message: pictures as pictures, texts with a look into them, the rest for saving.

import { fileUrl, h, icon } from "./dom.js";
import { fileSize, say } from "./words.js";

/** What is shown as a picture; everything else may be anything. */
const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp"];
const TEXTS = ["text/plain", "application/json"];
/** Larger texts are not fetched only to be looked into. */
const MOST_BYTES = 1024 * 1024;
const MOST_LETTERS = 100_000;
const FIRST_LINES = 6;

/** Texts that were fetched, by address: a message is drawn anew with every edit. */
const fetched = new Map();

export function fileBox(file) {
  if (PICTURES.includes(file.content_type)) return image(file);
  const kind = file.content_type?.split(";")[0];
  return TEXTS.includes(kind) && file.size > 0 && file.size <= MOST_BYTES ? text(file) : card(file);
}

function image(file) {
  const address = fileUrl(file.url);
  const shown = h("img", {
    src: address,
    alt: file.description ?? file.filename,
    loading: "lazy",
    width: file.width,
    height: file.height,
  });
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer", class: "attached-image" }, shown);
}

function card(file) {
  return h("div", { class: "file-card" }, icon("file"), nameAndSize(file), download(file));
}

/** The first lines, all of them on request, and below them name, size and download. */
function text(file) {
  const shown = h("pre", { tabindex: "0", "aria-label": file.description || file.filename });
  const button = h("button", { type: "button", class: "file-more", "aria-expanded": "false" }, icon("chevron"));
  const box = h(
    "div",
    { class: "file-card text-file" },
    shown,
    h("div", { class: "file-bar" }, button, nameAndSize(file), download(file)),
  );
  contentOf(file).then((content) => fillIn(box, shown, button, content));
  return box;
}

function fillIn(box, shown, button, content) {
  if (content == null) {
    shown.remove();
    button.remove();
    return;
  }
  const lines = content.split("\n");
  const first = lines.slice(0, FIRST_LINES).join("\n");
  const draw = (open) => {
    shown.textContent = open ? content : first;
    box.classList.toggle("open", open);
    button.setAttribute("aria-expanded", String(open));
    button.title = say(open ? "collapse" : "expand");
    button.setAttribute("aria-label", button.title);
  };
  draw(false);
  if (lines.length <= FIRST_LINES) button.remove();
  else button.addEventListener("click", () => draw(!box.classList.contains("open")));
}

/** The text of a file, or null if it cannot be had. */
function contentOf(file) {
  const address = fileUrl(file.url);
  if (!fetched.has(address)) fetched.set(address, load(address));
  return fetched.get(address);
}

async function load(address) {
  try {
    const answer = await fetch(address);
    if (!answer.ok) return null;
    const content = (await answer.text()).replace(/\n$/, "");
    return content.length > MOST_LETTERS ? `${content.slice(0, MOST_LETTERS)}\n…` : content;
  } catch {
    return null;
  }
}

function nameAndSize(file) {
  return h(
    "div",
    { class: "file-text" },
    h("a", { href: fileUrl(file.url), download: file.filename }, h("bdi", {}, file.filename)),
    h("span", { class: "file-size" }, fileSize(file.size ?? 0)),
  );
}

function download(file) {
  const label = say("download", { name: file.filename });
  return h(
    "a",
    {
      href: fileUrl(file.url),
      download: file.filename,
      class: "icon-button",
      "aria-label": label,
      title: label,
    },
    icon("download"),
  );
}
