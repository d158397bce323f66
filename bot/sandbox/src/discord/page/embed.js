// Embeds and attachments of a message.

import { fileUrl, h, link, safeUrl } from "./dom.js";
import { fileBox } from "./file.js";
import { inlineMarkdown, markdown } from "./markdown.js";
import { names, now } from "./session.js";
import { messageTime } from "./words.js";

/** All embeds of a message, each with its coloured bar. */
export const embeds = (message) => (message.embeds ?? []).map((embed) => embedCard(embed, message.attachments ?? []));

function embedCard(embed, attachments) {
  const card = h("div", { class: "embed" });
  if (Number.isInteger(embed.color)) card.style.setProperty("--bar", `#${embed.color.toString(16).padStart(6, "0")}`);
  const text = h(
    "div",
    { class: "embed-text" },
    embed.author && h("div", { class: "embed-author" }, titled(embed.author.name, embed.author.url)),
    embed.title && h("div", { class: "embed-title" }, titled(embed.title, embed.url)),
    embed.description && h("div", { class: "embed-description" }, markdown(embed.description, names)),
    embed.fields?.length > 0 && fields(embed.fields),
  );
  const thumbnail = embed.thumbnail && picture(embed.thumbnail, attachments, "embed-thumbnail");
  card.append(h("div", { class: "embed-main" }, text, thumbnail));
  if (embed.image) card.append(picture(embed.image, attachments, "embed-image"));
  if (embed.footer || embed.timestamp) card.append(footer(embed));
  return card;
}

function titled(text, url) {
  const content = inlineMarkdown(text, names);
  return url && safeUrl(url) ? link(url, content) : h("span", {}, content);
}

/** Inline fields stand up to three in a row, the others alone. */
function fields(list) {
  const grid = h("dl", { class: "embed-fields" });
  let row = [];
  const endRow = () => {
    row.forEach((field) => field.classList.add(`of-${row.length}`));
    row = [];
  };
  for (const field of list) {
    const cell = h(
      "div",
      { class: "embed-field" },
      h("dt", {}, inlineMarkdown(field.name, names)),
      h("dd", {}, markdown(field.value, names)),
    );
    grid.append(cell);
    if (!field.inline) endRow();
    else if (row.push(cell) === 3) endRow();
  }
  endRow();
  return grid;
}

function picture({ url, proxy_url }, attachments, kind) {
  const file = url?.startsWith("attachment://") && attachments.find(({ filename }) => filename === url.slice(13));
  const address = fileUrl(file ? file.url : (proxy_url ?? url));
  const name = file?.filename ?? url?.split("/").pop()?.split("?")[0] ?? "";
  const image = h("img", { src: address, alt: file?.description ?? name, loading: "lazy", class: kind });
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer", class: "picture" }, image);
}

function footer({ footer, timestamp }) {
  const parts = h("div", { class: "embed-footer" }, footer && h("bdi", {}, footer.text));
  const date = timestamp && new Date(timestamp);
  if (date && footer) parts.append(" • ");
  if (date) parts.append(h("time", { datetime: timestamp }, messageTime(date, now())));
  return parts;
}

/** The files of a message that no embed shows already. */
export function attachments(message) {
  const used = JSON.stringify(message.embeds ?? []);
  return (message.attachments ?? []).filter((file) => !shownByEmbed(file, used)).map(fileBox);
}

const shownByEmbed = (file, used) =>
  used.includes(JSON.stringify(file.url)) || used.includes(`"attachment://${file.filename}"`);
