// Buttons and select menus under a message, and what happens when they are used.

import { h, icon, safeUrl, step } from "./dom.js";
import { announce, post, session, userName } from "./session.js";
import { say } from "./words.js";

const ROW = 1;
const BUTTON = 2;
const LINK_STYLE = 5;
const BUTTON_STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link" };
/** Discord gives an application this long to answer a click. */
const ANSWER_MS = 3000;

/** The component rows of a message. */
export const rows = (message) => (message.components ?? []).filter(({ type }) => type === ROW).map((row) => rowOf(row, message));

function rowOf(row, message) {
  const parts = row.components.map((part) => (part.type === BUTTON ? button(part, message) : select(part, message)));
  return h("div", { class: "component-row" }, parts);
}

// ---- using one ----

/** Sends a click or a choice; the component looks busy until something comes back. */
async function use(message, customId, values) {
  if (session.failed.delete(message.id)) announce("message", message);
  settle();
  session.busy.set(message.id, customId);
  drawBusy(message.id, customId, true);
  setTimeout(() => session.busy.get(message.id) === customId && settle(), ANSWER_MS + 200);
  try {
    const { interaction_id } = await post("component", { message_id: message.id, custom_id: customId, ...(values && { values }) });
    session.invoked.set(interaction_id, { message_id: message.id });
  } catch (refusal) {
    settle();
    session.failed.set(message.id, refusal.message);
    announce("message", session.messages.get(message.id) ?? message);
  }
}

/** Nothing is waited for any more. */
export function settle() {
  for (const [messageId, customId] of session.busy) drawBusy(messageId, customId, false);
  session.busy.clear();
}

/** The message is not drawn anew for this: the focus stays where it is. */
function drawBusy(messageId, customId, busy) {
  const part = document.querySelector(`[data-message-id="${CSS.escape(messageId)}"] [data-custom-id="${CSS.escape(customId)}"]`);
  part?.classList.toggle("busy", busy);
  part?.setAttribute("aria-busy", String(busy));
}

const isBusy = (message, customId) => session.busy.get(message.id) === customId;

// ---- buttons ----

function button(part, message) {
  if (part.style === LINK_STYLE) return linkButton(part);
  const busy = isBusy(message, part.custom_id);
  return h(
    "button",
    {
      type: "button",
      class: `button ${BUTTON_STYLES[part.style] ?? "secondary"}${busy ? " busy" : ""}`,
      disabled: part.disabled,
      "data-custom-id": part.custom_id,
      onclick: () => !isBusy(message, part.custom_id) && use(message, part.custom_id),
    },
    emoji(part.emoji),
    part.label && h("bdi", {}, part.label),
  );
}

function linkButton(part) {
  const url = safeUrl(part.url);
  const content = [emoji(part.emoji), part.label && h("bdi", {}, part.label), icon("outside")];
  if (part.disabled || !url) return h("button", { type: "button", class: "button link", disabled: true }, content);
  return h("a", { class: "button link", href: url.href, target: "_blank", rel: "noopener noreferrer" }, content);
}

function emoji(value) {
  if (!value) return null;
  return h("span", { class: "emoji", "aria-hidden": value.id ? null : "true" }, value.id ? `:${value.name}:` : value.name);
}

// ---- select menus: a button that opens a listbox ----

const USER_SELECT = 5;
const CHANNEL_SELECT = 8;

/** User and channel menus list what the page knows of. */
function optionsOf(part) {
  if (part.type === USER_SELECT) return session.people.map((person) => ({ label: userName(person), value: person.id }));
  if (part.type === CHANNEL_SELECT) return session.channels.map(({ name, id }) => ({ label: name, value: id }));
  return part.options ?? [];
}

function select(part, message) {
  const options = optionsOf(part);
  const label = part.placeholder || say("choose");
  const chosen = options.filter((option) => option.default);
  const shown = chosen.length ? chosen.map((option) => option.label).join(", ") : label;
  const opener = h(
    "button",
    {
      type: "button",
      class: `select${isBusy(message, part.custom_id) ? " busy" : ""}`,
      disabled: part.disabled,
      "aria-haspopup": "listbox",
      "aria-expanded": "false",
      "aria-label": chosen.length ? `${label}: ${shown}` : label,
      "data-custom-id": part.custom_id,
    },
    h("bdi", { class: chosen.length ? "" : "placeholder" }, shown),
    icon("chevron"),
  );
  const box = h("div", { class: "select-box" }, opener);
  const send = (values) => use(message, part.custom_id, values);
  opener.onclick = () => (box.querySelector(".select-list") ? null : openList({ part, options, label, box, opener, send }));
  return box;
}

/** Opens the listbox; one choice is sent at once, several when the list is closed by Done or Enter. */
function openList({ part, options, label, box, opener, send }) {
  const least = part.min_values ?? 1;
  const most = part.max_values ?? 1;
  const several = most > 1;
  const chosen = new Set(options.filter((option) => option.default).map((option) => option.value));
  const before = [...chosen].join();
  const hint = h("span", { class: "select-hint", role: "status" });
  const list = h("ul", { role: "listbox", tabindex: "-1", "aria-label": label, "aria-multiselectable": several && "true" });
  const panel = h("div", { class: "select-list" }, list);

  const close = (refocus) => {
    document.removeEventListener("pointerdown", outside, true);
    panel.remove();
    opener.setAttribute("aria-expanded", "false");
    if (refocus) opener.focus();
  };
  const finish = () => {
    if (chosen.size < least) return (hint.textContent = say("chooseAtLeast", { count: least }));
    close(true);
    send(options.map((option) => option.value).filter((value) => chosen.has(value)));
  };
  const outside = (event) => {
    if (box.contains(event.target)) return;
    const changed = [...chosen].join() !== before;
    if (several && changed && chosen.size >= least) finish();
    else close(false);
  };
  const choose = (row) => {
    const { value } = row.dataset;
    if (!several) chosen.clear();
    if (!chosen.delete(value) && chosen.size < most) chosen.add(value);
    if (!several) return finish();
    for (const other of list.children) other.setAttribute("aria-selected", String(chosen.has(other.dataset.value)));
  };

  list.append(...options.map((option) => optionRow(option, chosen, several, choose)));
  list.addEventListener("keydown", (event) => listKey(event, list, { choose, close, finish, several }));
  if (several) panel.append(h("div", { class: "select-foot" }, hint, h("button", { type: "button", class: "button primary", onclick: finish }, say("done"))));
  panel.addEventListener("keydown", (event) => event.key === "Escape" && (event.stopPropagation(), close(true)));
  box.append(panel);
  opener.setAttribute("aria-expanded", "true");
  document.addEventListener("pointerdown", outside, true);
  (list.querySelector("[aria-selected=true]") ?? list.firstElementChild)?.focus();
  panel.scrollIntoView({ block: "nearest" });
}

function optionRow(option, chosen, several, choose) {
  const row = h(
    "li",
    { role: "option", tabindex: "-1", "data-value": option.value, "aria-selected": String(chosen.has(option.value)), onclick: () => choose(row) },
    emoji(option.emoji),
    h("span", { class: "option-text" }, h("bdi", {}, option.label), option.description && h("small", {}, h("bdi", {}, option.description))),
    several ? h("span", { class: "check-box" }, icon("check")) : h("span", { class: "check-mark" }, icon("check")),
  );
  return row;
}

function listKey(event, list, { choose, close, finish, several }) {
  const rows = [...list.children];
  const at = rows.indexOf(document.activeElement);
  const moves = { ArrowDown: step(at, 1, rows.length), ArrowUp: step(at, -1, rows.length), Home: 0, End: rows.length - 1 };
  if (event.key in moves) rows[moves[event.key]]?.focus();
  else if (event.key === " " || (event.key === "Enter" && !several)) choose(rows[at]);
  else if (event.key === "Enter") finish();
  else if (event.key === "Tab" && !several) return close(false);
  else return;
  event.preventDefault();
}
