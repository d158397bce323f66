// The message box: mention pill, text, files, reply line, and the two pickers that open from it.

import { avatar } from "./avatar.js";
import { begun, matching } from "./commands.js";
import { byId, h, icon, iconButton, readFile } from "./dom.js";
import { closePicker, openPicker, pickerIsOpen, pickerKey, pickerOwner } from "./picker.js";
import { announce, channelTitle, currentChannel, isDirect, post, session, userById, userName } from "./session.js";
import { closeSlash, openSlash, slashIsOpen, slashKey, submitSlash } from "./slash.js";
import { fileSize, say } from "./words.js";

const box = byId("message-box");
const mention = byId("mention");
/** Height in pixels above which the box holds more than one line. */
const ONE_LINE = 40;
let files = [];
let replyTo = null;
let sending = false;
/** What was begun and not sent, by person and channel. */
const drafts = new Map();
let draftOf = null;
/** Channels in which this person took the pill away. */
const withoutPill = new Set();

export function startComposer() {
  byId("composer").addEventListener("submit", submit);
  byId("composer").addEventListener("keydown", slashKey);
  box.addEventListener("keydown", boxKey);
  box.addEventListener("input", typed);
  box.addEventListener("blur", () => pickerOwner() === box && closePicker());
  box.addEventListener("paste", (event) => addFiles(event.clipboardData.files));
  mention.addEventListener("click", togglePill);
  byId("attach").addEventListener("click", () => byId("file-input").click());
  byId("file-input").addEventListener("change", (event) => {
    addFiles(event.target.files);
    event.target.value = "";
  });
  acceptDrops(byId("chat"));
}

/** Makes the box fit the channel that is open. */
export function resetComposer() {
  closeSlash();
  closePicker();
  cancelReply();
  showProblem("");
  changeDraft();
  showWords();
}

/** What was begun stays where, and with whom, it was begun. */
function changeDraft() {
  const here = `${session.person} ${session.channel}`;
  if (here === draftOf) return;
  if (draftOf) drafts.set(draftOf, { text: box.value, files });
  const draft = drafts.get(here) ?? { text: "", files: [] };
  draftOf = here;
  files = draft.files;
  box.value = draft.text;
  grow();
}

/** Rewrites what depends on channel and language. */
export function showWords() {
  const channel = currentChannel();
  const title = channelTitle(channel);
  box.placeholder = isDirect(channel)
    ? say("placeholderDirect", { name: title })
    : say("placeholder", { channel: `#${title}` });
  box.setAttribute("aria-label", `${say("messageBox")}: ${box.placeholder}`);
  showPill();
  showFiles();
  if (replyTo) startReply(replyTo);
}

/** Puts a text into the box, ready to be sent or changed. */
export function prefill(text) {
  box.value = text;
  grow();
  box.focus();
}

export function showProblem(text) {
  byId("problem").textContent = text;
  byId("problem").hidden = !text;
}

// ---- the mention of the bot ----

const pillWanted = () => !isDirect(currentChannel()) && !withoutPill.has(session.channel);

function showPill() {
  const label = say("mention", { name: session.bot.name });
  const pressed = pillWanted();
  mention.hidden = isDirect(currentChannel());
  mention.setAttribute("aria-pressed", String(pressed));
  mention.setAttribute("aria-label", label);
  mention.title = label;
  mention.replaceChildren(...(pressed ? [h("bdi", {}, `@${session.bot.name}`), icon("close")] : [icon("at")]));
}

function togglePill() {
  if (pillWanted()) withoutPill.add(session.channel);
  else withoutPill.delete(session.channel);
  showPill();
  box.focus();
}

// ---- typing ----

function typed() {
  grow();
  showProblem("");
  const text = box.value;
  if (text.startsWith("/") && !text.includes("\n")) return typedSlash(text.slice(1));
  const at = /(?:^|\s)@([^\s@]{0,32})$/.exec(text.slice(0, box.selectionStart));
  if (at) return offerPeople(at[1]);
  closePicker();
}

/** The box is as high as its text. Once there are several lines it stays wide until it is empty. */
function grow() {
  const { classList } = byId("written");
  if (!box.value) classList.remove("tall");
  fit();
  if (!box.value || box.scrollHeight <= ONE_LINE) return;
  classList.add("tall");
  fit();
}

function fit() {
  box.style.setProperty("height", "auto");
  box.style.setProperty("height", `${box.scrollHeight}px`);
}

function typedSlash(text) {
  const whole = begun(text);
  if (whole) return startSlash(whole.entry, whole.rest);
  openPicker({
    owner: box,
    title: text ? say("commandsMatching", { text }) : say("commands"),
    items: matching(text).map((entry) => ({
      entry,
      name: entry.base,
      label: `/${entry.label}`,
      detail: entry.description,
      lead: avatar(session.bot),
      tail: session.bot.name,
    })),
    note: say("noCommands"),
    onChoose: ({ entry }) => startSlash(entry),
  });
}

function startSlash(entry, written) {
  box.value = "";
  grow();
  showProblem("");
  byId("written").hidden = true;
  const leave = () => {
    byId("written").hidden = false;
    showProblem("");
    box.focus();
  };
  openSlash(entry, leave, written);
}

function offerPeople(part) {
  const wanted = part.toLowerCase();
  const items = [session.bot, ...session.people]
    .filter((user) => userName(user).toLowerCase().includes(wanted))
    .map((user) => ({
      user,
      name: userName(user),
      label: userName(user),
      lead: avatar(user),
      tail: user.bot ? "APP" : "",
    }));
  if (!items.length) return closePicker();
  openPicker({ owner: box, title: say("people"), items, onChoose: ({ user }) => mentionUser(user) });
}

/** The bot becomes the pill where it has none yet; everyone else a name in the text. */
export function mentionUser(user) {
  const end = box.selectionStart;
  const before = box.value.slice(0, end).replace(/@[^\s@]*$/, "");
  const asPill = user.id === session.bot.id && mention.hidden === false && !pillWanted();
  if (asPill) withoutPill.delete(session.channel);
  const inserted = asPill ? before : `${before}@${userName(user)} `;
  box.value = inserted + box.value.slice(end);
  box.setSelectionRange(inserted.length, inserted.length);
  showPill();
  grow();
  box.focus();
}

function boxKey(event) {
  if (event.isComposing || pickerKey(event)) return;
  const atStart = box.selectionStart === 0 && box.selectionEnd === 0;
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    byId("composer").requestSubmit();
  } else if (event.key === "Backspace" && atStart && pillWanted()) togglePill();
  else if (event.key === "Escape" && !pickerIsOpen()) cancelReply();
}

// ---- replies ----

export function startReply(message) {
  replyTo = message;
  const name = userName(userById(message.author.id) ?? message.author);
  const cancel = iconButton("close", say("cancelReply"), () => {
    cancelReply();
    box.focus();
  });
  byId("reply-bar").replaceChildren(h("bdi", {}, say("replyingTo", { name })), cancel);
  byId("reply-bar").hidden = false;
}

function cancelReply() {
  replyTo = null;
  byId("reply-bar").hidden = true;
}

// ---- files ----

function addFiles(list) {
  files = [...files, ...list].slice(0, 10);
  showFiles();
}

function showFiles() {
  byId("files").hidden = files.length === 0;
  byId("files").setAttribute("aria-label", say("filesToSend"));
  byId("files").replaceChildren(
    ...files.map((file) => {
      const remove = () => {
        files = files.filter((other) => other !== file);
        showFiles();
        box.focus();
      };
      return h(
        "li",
        {},
        icon("file"),
        h("bdi", {}, file.name),
        h("small", {}, fileSize(file.size)),
        iconButton("trash", say("removeFile", { name: file.name }), remove),
      );
    }),
  );
}

function acceptDrops(area) {
  const over = (shown) => area.classList.toggle("dropping", shown);
  area.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    over(true);
  });
  area.addEventListener("dragleave", (event) => area.contains(event.relatedTarget) || over(false));
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    addFiles(event.dataTransfer.files);
  });
}

// ---- sending ----

async function submit(event) {
  event.preventDefault();
  if (sending) return;
  sending = true;
  try {
    // The bare mention goes out by the button alone: a second Enter must not send it by accident.
    const bare = event.submitter !== null && pillWanted();
    showProblem((await (slashIsOpen() ? submitSlash() : sendText(bare))) ?? "");
  } finally {
    sending = false;
  }
}

async function sendText(bare) {
  const written = box.value.trim();
  if (!written && !files.length && !bare) return null;
  const pill = pillWanted() ? `<@${session.bot.id}> ` : "";
  try {
    await post("say", {
      channel: session.channel,
      content: (pill + withMentions(written)).trim(),
      ...(replyTo && { reply_to: replyTo.id }),
      ...(files.length && { attachments: await Promise.all(files.map(readFile)) }),
    });
  } catch (refusal) {
    return refusal.message;
  }
  announce("sent");
  prefill("");
  files = [];
  cancelReply();
  showFiles();
  return null;
}

/** "@lin" becomes a real mention, as in Discord; longer names first. */
function withMentions(text) {
  const known = [session.bot, ...session.people].sort((a, b) => userName(b).length - userName(a).length);
  return known.reduce((result, user) => result.replace(mentionOf(user), `<@${user.id}>`), text);
}

const mentionOf = (user) => new RegExp(`(?<![\\w@])@${userName(user).replace(/[^\w ]/g, "\\$&")}(?!\\w)`, "g");
