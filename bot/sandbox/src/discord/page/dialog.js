// The one dialog: modals that the bot opens, and the page's own question for a thread's name.
// A native <dialog> keeps the focus inside and gives it back when it closes.

import { byId, h, iconButton } from "./dom.js";
import { post } from "./session.js";
import { say } from "./words.js";

const ROW = 1;
const LABEL = 18;
const PARAGRAPH = 2;

/** Opens a modal that the bot sent. */
export function openModal(modal) {
  openDialog({
    title: modal.title,
    inputs: modal.components.flatMap(inputsOf),
    submitLabel: say("submit"),
    submit: (values) => post("modal", { modal_id: modal.id, values }),
  });
}

/** A row of text inputs, or the newer label with one input inside. */
function inputsOf(part) {
  if (part.type === LABEL) return [{ ...part.component, label: part.label, description: part.description }];
  return part.type === ROW ? part.components : [];
}

/** Asks for the values of `inputs` (Discord's text inputs) and hands them to `submit`. */
export function openDialog({ title, inputs, submitLabel, submit }) {
  const dialog = byId("modal");
  const opener = document.activeElement;
  const fields = inputs.map(field);
  const problem = h("p", { class: "dialog-problem", role: "alert" });
  const close = () => dialog.close();
  dialog.onclose = () => giveFocusBack(opener);
  let sending = false;
  const trySubmit = async (event) => {
    event.preventDefault();
    if (sending) return;
    const faulty = fields.filter((it) => !check(it));
    if (faulty.length) return faulty[0].control.focus();
    const values = Object.fromEntries(fields.map(({ input, control }) => [input.custom_id, control.value]));
    sending = true;
    try {
      await submit(values);
      close();
    } catch (refusal) {
      problem.textContent = refusal.message;
    } finally {
      sending = false;
    }
  };
  const form = h(
    "form",
    { method: "dialog", novalidate: true, onsubmit: trySubmit },
    h("header", {}, h("h2", { id: "modal-title" }, h("bdi", {}, title)), iconButton("close", say("close"), close)),
    h(
      "div",
      { class: "dialog-body" },
      fields.map(({ box }) => box),
      problem,
    ),
    h(
      "footer",
      {},
      h("button", { type: "button", class: "button plain", onclick: close }, say("cancel")),
      h("button", { type: "submit", class: "button primary" }, submitLabel),
    ),
  );
  dialog.replaceChildren(form);
  if (!dialog.open) dialog.showModal();
  fields[0]?.control.focus();
}

/** The message may have been drawn anew meanwhile: then to the same control in it. */
function giveFocusBack(opener) {
  const message = opener.isConnected ? null : opener.closest("[data-message-id]")?.dataset.messageId;
  const part = opener.dataset?.customId;
  const same =
    message &&
    part &&
    document.querySelector(`[data-message-id="${CSS.escape(message)}"] [data-custom-id="${CSS.escape(part)}"]`);
  (opener.isConnected && opener !== document.body ? opener : (same ?? byId("message-box"))).focus();
}

function field(input) {
  const id = `field-${input.custom_id}`;
  const required = input.required !== false;
  const attributes = {
    id,
    name: input.custom_id,
    placeholder: input.placeholder,
    maxlength: input.max_length ?? 4000,
    "aria-required": String(required),
    "aria-describedby": `${id}-note`,
  };
  const long = input.style === PARAGRAPH;
  const control = long
    ? h("textarea", { ...attributes, rows: 5 })
    : h("input", { ...attributes, type: "text", autocomplete: "off" });
  control.value = input.value ?? "";
  const note = h("span", { id: `${id}-note`, class: "field-note" }, input.description);
  const count = h("span", { class: "field-count", "aria-hidden": "true" });
  const showCount = () =>
    (count.textContent = input.max_length ? `${[...control.value].length} / ${input.max_length}` : "");
  const label = h(
    "label",
    { for: id },
    h("bdi", {}, input.label),
    required && h("span", { class: "star", "aria-hidden": "true" }, " *"),
  );
  const box = h("div", { class: "field" }, label, control, h("div", { class: "field-foot" }, note, count));
  const it = { input, control, note, box, required };
  control.addEventListener("input", () => {
    showCount();
    if (box.classList.contains("faulty")) check(it);
  });
  showCount();
  return it;
}

/** True if the field may be sent; else it says what is missing. */
function check({ input, control, note, box, required }) {
  const length = control.value.trim().length;
  const short = length > 0 && length < (input.min_length ?? 0);
  const fault = required && !length ? say("fieldNeeded") : short ? say("fieldShort", { count: input.min_length }) : "";
  note.textContent = fault || (input.description ?? "");
  box.classList.toggle("faulty", Boolean(fault));
  control.setAttribute("aria-invalid", String(Boolean(fault)));
  return !fault;
}
