// The list above the message box: commands, people, choices. The focus stays in the text field;
// the field points at the active entry with aria-activedescendant.

import { byId, h, step } from "./dom.js";

let open = null;

export const pickerIsOpen = () => open !== null;
export const pickerOwner = () => open?.owner;

/**
 * Shows `items` (`{ label, detail, lead, value }`) for the text field `owner`.
 * `note` stands in place of an empty list.
 */
export function openPicker({ owner, title, detail, items, note, onChoose, active = 0 }) {
  closePicker();
  open = { owner, items, onChoose, active: -1 };
  byId("picker-title").replaceChildren(h("b", {}, title), ...(detail ? [h("span", {}, detail)] : []));
  byId("picker").setAttribute("aria-label", title);
  byId("picker").replaceChildren(...items.map(row));
  byId("picker-note").textContent = items.length ? "" : (note ?? "");
  byId("picker-panel").hidden = false;
  owner.setAttribute("aria-controls", "picker");
  owner.setAttribute("aria-haspopup", "listbox");
  if (owner.getAttribute("role") === "combobox") owner.setAttribute("aria-expanded", "true");
  activate(items.length ? active : -1);
}

export function closePicker() {
  if (!open) return;
  const { owner } = open;
  open = null;
  byId("picker-panel").hidden = true;
  byId("picker").replaceChildren();
  owner.removeAttribute("aria-activedescendant");
  owner.removeAttribute("aria-controls");
  if (owner.getAttribute("role") === "combobox") owner.setAttribute("aria-expanded", "false");
}

function row(item, index) {
  return h(
    "li",
    {
      role: "option",
      id: `picker-${index}`,
      "aria-selected": "false",
      "data-name": item.name,
      // The field keeps the focus: a press must not take it away before the click arrives.
      onpointerdown: (event) => event.preventDefault(),
      onmousemove: () => activate(index, false),
      onclick: () => choose(index),
    },
    item.lead,
    h(
      "span",
      { class: "option-text" },
      h("bdi", { class: "option-label" }, item.label),
      item.detail && h("small", {}, h("bdi", {}, item.detail)),
    ),
    item.tail && h("span", { class: "option-tail" }, item.tail),
  );
}

function activate(index, scroll = true) {
  if (open.active === index) return;
  open.active = index;
  const rows = [...byId("picker").children];
  rows.forEach((row, at) => row.setAttribute("aria-selected", String(at === index)));
  if (index < 0) return open.owner.removeAttribute("aria-activedescendant");
  open.owner.setAttribute("aria-activedescendant", `picker-${index}`);
  if (scroll) rows[index].scrollIntoView({ block: "nearest" });
}

function choose(index) {
  const { items, onChoose } = open;
  closePicker();
  onChoose(items[index]);
}

/** Handles a key for the open picker; true if it was one of its keys. */
export function pickerKey(event) {
  if (!open || event.isComposing) return false;
  const { active, items } = open;
  if (event.key === "Escape") {
    closePicker();
    // A panel without entries is no step of its own: the key goes on to what stands behind it.
    if (!items.length) return false;
  } else if (event.key === "ArrowDown" && items.length) activate(step(active, 1, items.length));
  else if (event.key === "ArrowUp" && items.length) activate(step(Math.max(active, 0), -1, items.length));
  else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey && active >= 0) choose(active);
  else return false;
  event.preventDefault();
  event.stopPropagation();
  return true;
}
