// Menus: of a message, of a person, and the trouble menu. Arrow keys move, Escape goes back,
// and the focus returns to where the menu was opened.

import { byId, h, icon, step } from "./dom.js";
import { say } from "./words.js";

let close = null;

export const closeMenu = () => close?.();

/**
 * Opens a menu at an event's place. Items: `{ label, icon, run }`, `{ label, icon, items }`
 * for a submenu, `{ title }` for a caption, `{ line: true }`; `checked` and `danger` as they say.
 */
export function openMenu(event, label, items, id) {
  closeMenu();
  const opener = document.activeElement === document.body ? event.currentTarget : document.activeElement;
  const menu = menuOf(label, items, id);
  const origin = event.type === "click" ? event.currentTarget : null;
  origin?.setAttribute("aria-expanded", "true");
  close = (refocus = true) => {
    close = null;
    document.removeEventListener("pointerdown", outside, true);
    menu.remove();
    origin?.setAttribute("aria-expanded", "false");
    if (refocus && opener?.isConnected) opener.focus();
  };
  const outside = (press) => menu.contains(press.target) || close(false);
  document.addEventListener("pointerdown", outside, true);
  byId("chat").append(menu);
  place(menu, origin ? origin.getBoundingClientRect() : pointOf(event));
  entries(menu)[0]?.focus();
}

function pointOf({ clientX, clientY, target }) {
  if (clientX || clientY) return { left: clientX, right: clientX, top: clientY, bottom: clientY };
  return target.getBoundingClientRect();
}

/** Below its origin where there is room, else above; never outside the window. */
function place(menu, { left, right, top, bottom }) {
  const { width, height } = menu.getBoundingClientRect();
  const x = left + width + 8 <= innerWidth ? left : Math.max(8, right - width);
  const y =
    bottom + height + 12 <= innerHeight
      ? bottom + 4
      : Math.max(8, Math.min(top - height - 4, innerHeight - height - 8));
  menu.style.setProperty("left", `${Math.min(x, innerWidth - width - 8)}px`);
  menu.style.setProperty("top", `${y}px`);
}

const entries = (menu) => [...menu.children].filter((item) => item.matches("[role^=menuitem]") && !item.disabled);

/** `back` takes a submenu back to its opener; the outermost menu closes. */
function menuOf(label, items, id, back) {
  const menu = h("div", {
    role: "menu",
    class: "menu",
    id,
    tabindex: "-1",
    "aria-label": label,
    onkeydown: (event) => menuKey(event, menu, back),
  });
  menu.addEventListener("contextmenu", (event) => event.preventDefault());
  menu.append(...items.flatMap((item) => entry(item, menu)));
  return menu;
}

function entry(item, menu) {
  if (item.line) return h("div", { role: "separator", class: "menu-line" });
  if (item.title) return h("div", { class: "menu-title", role: "presentation" }, item.title);
  if (item.items) return submenu(item, menu);
  const run = () => {
    closeMenu();
    item.run();
  };
  return h(
    "button",
    {
      type: "button",
      tabindex: "-1",
      role: item.checked === undefined ? "menuitem" : "menuitemcheckbox",
      "aria-checked": item.checked === undefined ? null : String(item.checked),
      "data-item": item.name,
      class: item.danger && "danger",
      disabled: item.disabled,
      onclick: run,
      onmouseenter: () => closeSubmenus(menu),
    },
    h("bdi", {}, item.label),
    item.icon && icon(item.icon),
  );
}

/** A submenu stands inside the menu, to its side where the window is wide enough. */
function submenu(item, menu) {
  const back = () => {
    closeSubmenus(menu);
    opener.focus();
  };
  const inner = menuOf(item.label, item.items, null, back);
  inner.classList.add("submenu");
  inner.hidden = true;
  const show = (focus) => {
    inner.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    placeBeside(inner, opener, menu);
    if (focus) (entries(inner)[0] ?? inner).focus();
  };
  const opener = h(
    "button",
    {
      type: "button",
      tabindex: "-1",
      role: "menuitem",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "data-item": item.name,
      onclick: () => show(true),
      onmouseenter: () => show(false),
    },
    h("bdi", {}, item.label),
    icon("next"),
  );
  opener.addEventListener("keydown", (event) => event.key === "ArrowRight" && (show(true), event.preventDefault()));
  return [opener, inner];
}

function placeBeside(inner, opener, menu) {
  const { top, bottom } = opener.getBoundingClientRect();
  const box = menu.getBoundingClientRect();
  const { width, height } = inner.getBoundingClientRect();
  const right = box.right + width + 8 <= innerWidth;
  const left = box.left - width - 8 >= 0;
  const x = right ? box.right + 2 : left ? box.left - width - 2 : Math.max(8, innerWidth - width - 16);
  // Without room to a side: below its opener, else above it, so that it never lies on it.
  const y = right || left ? top - 6 : bottom + 2 + height + 8 <= innerHeight ? bottom + 2 : top - height - 2;
  inner.style.setProperty("left", `${x}px`);
  inner.style.setProperty("top", `${Math.max(8, Math.min(y, innerHeight - height - 8))}px`);
}

function closeSubmenus(menu) {
  for (const inner of menu.querySelectorAll(":scope > .submenu")) {
    inner.hidden = true;
    inner.previousElementSibling.setAttribute("aria-expanded", "false");
  }
}

function menuKey(event, menu, back) {
  const all = entries(menu);
  const at = all.indexOf(document.activeElement);
  const moves = { ArrowDown: step(at, 1, all.length), ArrowUp: step(at, -1, all.length), Home: 0, End: all.length - 1 };
  if (event.key in moves) all[moves[event.key]]?.focus();
  else if (back && (event.key === "ArrowLeft" || event.key === "Escape")) back();
  else if (event.key === "Escape" || event.key === "Tab") closeMenu();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** The submenu of registered app commands; says so when there are none. */
export function appsItem(items) {
  const none = { label: say("noApps"), disabled: true };
  return { label: say("apps"), name: "apps", items: items.length ? items : [none] };
}
