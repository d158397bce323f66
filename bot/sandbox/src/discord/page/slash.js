// The form of a chosen slash command: one field an option, in place of the message box.

import { avatar } from "./avatar.js";
import { descriptionOf, entryOf, invocation, nameOf } from "./commands.js";
import { byId, h, icon, iconButton, readFile } from "./dom.js";
import { closePicker, openPicker, pickerKey, pickerOwner } from "./picker.js";
import { announce, channelTitle, isDirect, post, session, userName } from "./session.js";
import { currentLocale, say } from "./words.js";

const STRING = 3;
const INTEGER = 4;
const BOOLEAN = 5;
const USER = 6;
const CHANNEL = 7;
const NUMBER = 10;
const FILE = 11;
const MOST_CHOICES = 25;
const TYPING_PAUSE_MS = 150;

/** The command being filled in: `{ entry, fields: Map(name -> field), leave }`, or null. */
let form = null;

export const slashIsOpen = () => form !== null;

/** Replaces the message box by the fields of `entry`, with what was written behind its name; `leave()` brings it back. */
export function openSlash(entry, leave, written = "") {
  closePicker();
  form = { entry, fields: new Map(), leave };
  const cancel = h(
    "button",
    {
      type: "button",
      class: "command-chip",
      "aria-label": `/${entry.label}: ${say("cancelCommand")}`,
      title: say("cancelCommand"),
      onclick: () => closeSlash(),
    },
    `/${entry.label}`,
  );
  byId("command").replaceChildren(cancel, h("span", { id: "command-fields" }), h("span", { id: "command-more" }));
  byId("command").hidden = false;
  byId("command").setAttribute("aria-label", `/${entry.label}`);
  for (const option of entry.options.filter(({ required }) => required)) addField(option);
  fill(written);
  showRest();
  const fields = [...form.fields.values()];
  const first = fields.find(({ option, input }) => option.required && !input.value) ?? fields.at(-1);
  // Without a field that must be filled in, Enter sends.
  (first?.input ?? byId("send")).focus();
}

/** The form again in the language that is spoken now, with all that was filled in. */
export function retellSlash() {
  if (!form) return;
  const { entry, fields, leave } = form;
  const focused = document.activeElement;
  openSlash(entryOf(entry.base) ?? entry, leave);
  for (const { option, input, chosen } of fields.values()) {
    const field = fieldOf(option);
    field.chosen = chosen && (fixedChoices(option)?.find(({ value }) => value === chosen.value) ?? chosen);
    if (option.type === FILE) field.input.files = input.files;
    else field.input.value = field.chosen?.label ?? input.value;
  }
  showRest();
  if (focused.isConnected) focused.focus();
}

/** Escape gives a command up also where no field has the focus. */
export function slashKey(event) {
  if (!form || event.isComposing || event.key !== "Escape") return;
  event.preventDefault();
  closeSlash();
}

export function closeSlash() {
  if (!form) return;
  const { leave } = form;
  form = null;
  closePicker();
  byId("command").hidden = true;
  byId("command").replaceChildren();
  leave();
}

// ---- fields ----

const named = (name) => form.entry.options.find((option) => [option.name, nameOf(option)].includes(name));

/** Fills in `node:node-3 reason:disk is failing`; what stands before the first name is the first option's. */
function fill(written) {
  const text = written.trim();
  if (!text) return;
  const marks = [...text.matchAll(/(?<=^|\s)([^\s:]+):/g)].filter(([, name]) => named(name));
  const first = form.entry.options[0];
  const before = text.slice(0, marks[0]?.index).trim();
  if (before && first) write(first, before);
  marks.forEach((mark, at) => write(named(mark[1]), text.slice(mark.index + mark[0].length, marks[at + 1]?.index).trim()));
}

const fieldOf = (option) => form.fields.get(option.name) ?? addField(option);

function write(option, value) {
  const { input } = fieldOf(option);
  if (option.type !== FILE) input.value = value;
}

/** `reason:` typed at the end of a field leads to that option's. */
function moves(field) {
  const mark = /(?<=^|\s)([^\s:]+):$/.exec(field.input.value);
  const option = mark && named(mark[1]);
  if (!option || (option !== field.option && form.fields.get(option.name)?.input.value)) return false;
  field.input.value = field.input.value.slice(0, mark.index).trim();
  const next = fieldOf(option);
  showRest();
  next.input.focus();
  return true;
}

function addField(option) {
  const name = nameOf(option);
  const isFile = option.type === FILE;
  const input = h("input", {
    type: isFile ? "file" : "text",
    role: isFile ? null : "combobox",
    autocomplete: "off",
    spellcheck: "false",
    "aria-expanded": isFile ? null : "false",
    "aria-autocomplete": isFile ? null : "list",
    "aria-required": String(Boolean(option.required)),
    "aria-label": `${name} (${say(option.required ? "required" : "optional")}): ${descriptionOf(option)}`,
    "data-option": option.name,
    maxlength: option.max_length,
    inputmode: option.type === INTEGER || option.type === NUMBER ? "decimal" : null,
  });
  const field = { option, input, chosen: null, asked: 0 };
  field.box = fieldBox(field, name);
  form.fields.set(option.name, field);
  input.addEventListener("focus", () => offer(field));
  input.addEventListener("blur", () => pickerOwner() === input && closePicker());
  input.addEventListener("input", () => {
    field.chosen = null;
    markFault(field, false);
    if (!moves(field)) offer(field);
  });
  input.addEventListener("keydown", (event) => fieldKey(event, field));
  byId("command-fields").append(field.box);
  return field;
}

function fieldBox(field, name) {
  const label = h("label", {}, h("span", { class: "option-name" }, h("bdi", {}, name)), field.input);
  const take = () => {
    removeField(field);
    (byId("command-fields").querySelector("input") ?? byId("command-more").querySelector("button")).focus();
  };
  const remove = iconButton("close", say("removeOption", { name }), take, { class: "icon-button option-remove" });
  return h("div", { class: "option-field" }, label, !field.option.required && remove);
}

function removeField(field) {
  form.fields.delete(field.option.name);
  field.box.remove();
  showRest();
}

/** Pills for the optional options that are not in use yet. */
function showRest() {
  const rest = form.entry.options.filter(({ name }) => !form.fields.has(name));
  const pills = rest.map((option) => {
    const label = say("addOption", { name: nameOf(option) });
    const add = () => {
      const field = addField(option);
      showRest();
      field.input.focus();
    };
    return h(
      "button",
      {
        type: "button",
        class: "option-add",
        "data-add-option": option.name,
        "aria-label": label,
        title: descriptionOf(option),
        onclick: add,
      },
      "+ ",
      h("bdi", {}, nameOf(option)),
    );
  });
  byId("command-more").replaceChildren(...pills);
}

function fieldKey(event, field) {
  if (event.isComposing || pickerKey(event)) return;
  if (event.key === "Escape") closeSlash();
  else if (event.key === "Backspace" && !field.input.value) back(field);
  else if (event.key === "Enter") byId("composer").requestSubmit();
  else return;
  event.preventDefault();
}

/** Backspace in an empty field takes an optional one away, then the command. */
function back(field) {
  const inputs = [...form.fields.values()].map(({ input }) => input);
  const before = inputs[inputs.indexOf(field.input) - 1];
  if (!field.option.required) removeField(field);
  else if (!before) return closeSlash();
  (before ?? byId("command-more").querySelector("button"))?.focus();
}

/** After a choice: the next field that is still empty and required, else this one. */
function forward(field) {
  const empty = [...form.fields.values()].find(({ option, input }) => option.required && !input.value);
  (empty ?? field).input.focus();
}

function markFault(field, faulty) {
  field.box.classList.toggle("faulty", faulty);
  field.input.setAttribute("aria-invalid", String(faulty));
}

// ---- choices ----

/** Shows what may be entered: fixed choices, completion by the bot, or just the description. */
function offer(field) {
  const { option } = field;
  if (option.autocomplete) return complete(field);
  const choices = fixedChoices(option);
  if (choices)
    show(
      field,
      choices.filter((choice) => contains(choice.label, field.chosen ? "" : field.input.value)),
    );
  else show(field, [], " ");
}

const contains = (text, part) => text.toLowerCase().includes(part.trim().toLowerCase());

function fixedChoices({ type, choices }) {
  if (choices?.length) return choices.map((choice) => ({ label: nameOf(choice), value: choice.value }));
  if (type === BOOLEAN)
    return [
      { label: say("yes"), value: true },
      { label: say("no"), value: false },
    ];
  if (type === USER)
    return [...session.people, session.bot].map((person) => ({
      label: userName(person),
      value: person.id,
      lead: avatar(person),
    }));
  if (type === CHANNEL)
    return session.channels
      .filter((channel) => !isDirect(channel))
      .map((channel) => ({ label: channelTitle(channel), value: channel.id, lead: icon("hash") }));
  return null;
}

function show(field, items, note = say("noChoices")) {
  const { option, input } = field;
  if (document.activeElement !== input) return;
  openPicker({
    owner: input,
    title: nameOf(option),
    detail: `${say(option.required ? "required" : "optional")} · ${descriptionOf(option)}`,
    items,
    note,
    onChoose: (item) => {
      field.chosen = item;
      input.value = item.label;
      markFault(field, false);
      forward(field);
      closePicker();
    },
  });
}

/** Asks the bot once the typing pauses; an answer that a later one overtook is dropped. */
function complete(field) {
  const asked = ++field.asked;
  // Until the bot answers, only what fits of its last answer: Enter never takes another name than the one typed.
  const fitting = (field.items ?? []).filter((item) => contains(item.label, field.input.value));
  show(field, fitting, field.items ? undefined : say("loadingChoices"));
  setTimeout(async () => {
    if (asked !== field.asked || !form) return;
    try {
      const { choices } = await post("autocomplete", invocation(form.entry, optionsWhileTyping(field)));
      if (asked !== field.asked || !form) return;
      field.items = choices
        .slice(0, MOST_CHOICES)
        .map((choice) => ({ label: localChoice(choice), value: choice.value }));
      show(field, field.items);
    } catch {
      if (asked === field.asked && form) show(field, [], say("choicesFailed"));
    }
  }, TYPING_PAUSE_MS);
}

const localChoice = (choice) => choice.name_localizations?.[currentLocale()] ?? String(choice.name);

function optionsWhileTyping(focused) {
  return [...form.fields.values()]
    .filter((field) => field === focused || field.input.value)
    .map((field) => {
      const { name, type } = field.option;
      return field === focused
        ? { name, type, value: field.input.value, focused: true }
        : { name, type, value: valueOf(field) ?? field.input.value };
    });
}

// ---- sending ----

/** The value in the option's own type; undefined if the text is none. */
function valueOf({ option, input, chosen }) {
  const text = input.value.trim();
  if (chosen) return chosen.value;
  const fixed = fixedChoices(option);
  if (fixed)
    return fixed.find(({ label, value }) => [label.toLowerCase(), String(value)].includes(text.toLowerCase()))?.value;
  if (option.type === STRING || option.type === FILE) return text;
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

/** Null if all fields can be sent, else the sentence for the first that cannot. */
function faultOf(field) {
  const name = nameOf(field.option);
  if (!field.input.value.trim()) return field.option.required ? say("optionNeeded", { name }) : null;
  if (valueOf(field) !== undefined) return null;
  return say(fixedChoices(field.option) ? "optionChoice" : "optionNumber", { name });
}

/** An option as it is sent; a file with its content. */
async function sent(field) {
  const { option, input } = field;
  const value = option.type === FILE ? await readFile(input.files[0]) : valueOf(field);
  return { name: option.name, type: option.type, value };
}

/** Sends the command; the sentence to show if it cannot be sent. */
export async function submitSlash() {
  const { entry, fields } = form;
  for (const field of fields.values()) {
    const fault = faultOf(field);
    if (!fault) continue;
    markFault(field, true);
    field.input.focus();
    return fault;
  }
  const filled = [...fields.values()].filter(({ input }) => input.value.trim());
  try {
    const options = await Promise.all(filled.map(sent));
    const { interaction_id } = await post("command", invocation(entry, options));
    session.invoked.set(interaction_id, { name: entry.base });
    announce("sent");
    closeSlash();
    return null;
  } catch (refusal) {
    return refusal.message;
  }
}
