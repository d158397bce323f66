// Buttons and select menus under a message, and what happens when they are used.

import { emoji, h, icon, safeUrl } from "./dom.js";
import { select } from "./select.js";
import { announce, post, session } from "./session.js";

const ROW = 1;
const BUTTON = 2;
const LINK_STYLE = 5;
const BUTTON_STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link" };
/** Discord gives an application this long to answer a click. */
const ANSWER_MS = 3000;

/** The component rows of a message. */
export const rows = (message) =>
  (message.components ?? []).filter(({ type }) => type === ROW).map((row) => rowOf(row, message));

function rowOf(row, message) {
  const parts = row.components.map((part) => (part.type === BUTTON ? button(part, message) : menu(part, message)));
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
    const { interaction_id } = await post("component", {
      message_id: message.id,
      custom_id: customId,
      ...(values && { values }),
    });
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
  const part = document.querySelector(
    `[data-message-id="${CSS.escape(messageId)}"] [data-custom-id="${CSS.escape(customId)}"]`,
  );
  part?.classList.toggle("busy", busy);
  part?.setAttribute("aria-busy", String(busy));
}

const isBusy = (message, customId) => session.busy.get(message.id) === customId;

const menu = (part, message) =>
  select(part, isBusy(message, part.custom_id), (values) => use(message, part.custom_id, values));

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
