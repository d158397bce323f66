// Building blocks for everything the page shows. Text only ever becomes a text node or an
// attribute value: nothing that a message says is parsed as HTML.

const SVG = "http://www.w3.org/2000/svg";

/** Finds one of the fixed elements of index.html. */
export const byId = (id) => document.getElementById(id);

/**
 * Makes an element: `h("button", { class: "pill", onclick: remove }, "text", child)`.
 * A property that is a function becomes a listener; false, null and undefined are left out.
 */
export function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === false || value == null) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child != null && child !== false));
  return element;
}

/** One of the symbols of index.html; decoration, so hidden from screen readers. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

/** The emoji of a button or an option; the bot's own emoji are shown by name. */
export function emoji(value) {
  if (!value) return null;
  return h(
    "span",
    { class: "emoji", "aria-hidden": value.id ? null : "true" },
    value.id ? `:${value.name}:` : value.name,
  );
}

/** A button that shows only an icon; the label is its accessible name and its tooltip. */
export function iconButton(name, label, onclick, more = {}) {
  return h(
    "button",
    { type: "button", class: "icon-button", title: label, "aria-label": label, onclick, ...more },
    icon(name),
  );
}

/** An http or https address, or null: everything else is not followed. */
export function safeUrl(text) {
  try {
    const url = new URL(text, location.href);
    return url.protocol === "http:" || url.protocol === "https:" ? url : null;
  } catch {
    return null;
  }
}

/** A link to another site; unsafe addresses stay plain text. */
export function link(address, ...children) {
  const url = safeUrl(address);
  if (!url) return h("span", {}, ...children);
  return h("a", { href: url.href, target: "_blank", rel: "noopener noreferrer", title: url.href }, ...children);
}

/** The address of a stored file: whatever host it names, it is served from here. */
export function fileUrl(address) {
  const url = safeUrl(address ?? "");
  if (!url) return "";
  return url.pathname.startsWith("/attachments/") ? url.pathname + url.search : url.href;
}

/** Puts text on the clipboard; true if it is there. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** Moves `index` by one step within `length` items, round the end. */
export const step = (index, by, length) => (length ? (index + by + length) % length : -1);

/** A chosen file as it is sent: its name, and its bytes in base64. */
export function readFile(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve({ filename: file.name, data: reader.result.slice(reader.result.indexOf(",") + 1) });
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
