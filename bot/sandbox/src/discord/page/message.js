// One message as an article: reply line, name, text, embeds, files, buttons, notes.

import { avatar } from "./avatar.js";
import { rows } from "./components.js";
import { baseCommand } from "./commands.js";
import { h, icon, iconButton } from "./dom.js";
import { attachments, embeds } from "./embed.js";
import { markdown } from "./markdown.js";
import {
  announce,
  currentChannel,
  isDirect,
  isEphemeral,
  isPending,
  isThread,
  names,
  now,
  session,
  userById,
  userName,
} from "./session.js";
import { clockTime, messageTime, longDate, say, styledTime } from "./words.js";

const THREAD_CREATED = 18;
const GROUP_MS = 7 * 60_000;

/** What can be done with a message; page.js says how. */
export const actions = {
  reply(_message) {},
  createThread(_message) {},
  openMenu(_message, _where) {},
  openUserMenu(_user, _where) {},
  openChannel(_id) {},
};

/** Renders a message; `before` is the one above it, whose author and time may be shared. */
export function article(message, before) {
  const grouped = followsOn(message, before);
  return h(
    "article",
    {
      class: classesOf(message, grouped),
      tabindex: "-1",
      "data-number": message.local?.number,
      "data-message-id": message.id,
      "aria-label": `${userName(message.author)}, ${messageTime(new Date(message.timestamp), now())}`,
      oncontextmenu: (event) => contextMenu(event, message),
    },
    leadLine(message),
    h("div", { class: "gutter" }, grouped ? shortTime(message) : avatar(authorOf(message))),
    h(
      "div",
      { class: "body" },
      !grouped && head(message),
      message.type === THREAD_CREATED ? threadStarted(message) : content(message),
    ),
    tools(message),
  );
}

/** The known person or bot behind a message, else what the message says of its author. */
const authorOf = (message) =>
  message.webhook_id ? { ...message.author, bot: true } : (userById(message.author.id) ?? message.author);

function classesOf(message, grouped) {
  const classes = ["message"];
  if (grouped) classes.push("grouped");
  if (isEphemeral(message)) classes.push("ephemeral");
  if (message.content?.includes(`<@${session.me.id}>`)) classes.push("mentioned");
  return classes.join(" ");
}

/** Messages of one author that follow within minutes share a head, unless something stands above. */
function followsOn(message, before) {
  if (!before || leads(message) || message.type === THREAD_CREATED) return false;
  if (before.author.id !== message.author.id || isEphemeral(before) !== isEphemeral(message)) return false;
  return sameDay(message, before) && new Date(message.timestamp) - new Date(before.timestamp) < GROUP_MS;
}

export const sameDay = (one, other) =>
  new Date(one.timestamp).toDateString() === new Date(other.timestamp).toDateString();

export function dayLine(message) {
  return h("div", { class: "day-line", role: "separator" }, h("span", {}, longDate(new Date(message.timestamp))));
}

// ---- the line above: what it replies to, or the command that called it ----

const leads = (message) => Boolean(commandName(message) || repliesTo(message));
const commandName = (message) => message.interaction_metadata?.name ?? message.interaction?.name;
const repliesTo = (message) =>
  message.message_reference?.message_id ?? message.interaction_metadata?.interacted_message_id;

function leadLine(message) {
  if (commandName(message)) return commandLine(message);
  return repliesTo(message) ? replyLine(message) : null;
}

function commandLine(message) {
  const { user } = message.interaction_metadata ?? message.interaction;
  return usedLine(userById(user.id) ?? user, commandName(message));
}

/** "lin used /ask" */
export function usedLine(user, name) {
  const command = baseCommand(name);
  const [before, after = ""] = say("usedCommand", { name: "\u0000" }).split("\u0000");
  const title = h("bdi", { class: "command-name" }, command.slash && icon("slash"), command.label);
  return h("div", { class: "lead" }, avatar(user), before, nameButton(user), after, title);
}

function replyLine(message) {
  const id = repliesTo(message);
  const original = session.messages.get(id) ?? message.referenced_message;
  if (!original) return h("div", { class: "lead" }, h("em", {}, say("originalGone")));
  const preview = (original.content || original.embeds?.[0]?.title || say("attachmentOnly"))
    .replace(/```(?:[\w+-]*\n)?/g, "")
    .trim()
    .split("\n", 1)[0]
    .slice(0, 200);
  return h(
    "div",
    { class: "lead" },
    avatar(authorOf(original)),
    nameButton(authorOf(original), message),
    appTag(original),
    h(
      "button",
      { type: "button", class: "lead-text", title: say("jumpTo"), onclick: () => jumpTo(id) },
      markdown(preview, names),
    ),
  );
}

export function jumpTo(id) {
  const target = document.querySelector(`article[data-message-id="${CSS.escape(id)}"]`);
  if (!target) return;
  target.scrollIntoView({ block: "center", behavior: "smooth" });
  target.focus({ preventScroll: true });
  target.classList.add("found");
  setTimeout(() => target.classList.remove("found"), 1600);
}

// ---- head: name, tag, time ----

function head(message) {
  const date = new Date(message.timestamp);
  return h(
    "header",
    {},
    nameButton(authorOf(message)),
    appTag(message),
    h("time", { datetime: message.timestamp, title: styledTime(date, "F") }, messageTime(date, now())),
  );
}

function shortTime(message) {
  return h("time", { class: "short-time", datetime: message.timestamp }, clockTime(new Date(message.timestamp)));
}

const appTag = (message) => (message.author.bot || message.webhook_id) && h("span", { class: "tag" }, "APP");

function nameButton(user) {
  const open = (event) => {
    event.preventDefault();
    event.stopPropagation();
    actions.openUserMenu(user, event);
  };
  const role = user.roles?.includes("operators")
    ? "operators"
    : user.roles?.includes("approvers")
      ? "approvers"
      : user.bot
        ? "apps"
        : "";
  return h(
    "button",
    {
      type: "button",
      tabindex: "-1",
      class: `name ${role}`,
      "aria-haspopup": "menu",
      onclick: open,
      oncontextmenu: open,
    },
    h("bdi", {}, userName(user)),
  );
}

// ---- body ----

function content(message) {
  return [
    isPending(message) && !message.content ? thinking(message) : text(message),
    embeds(message),
    attachments(message),
    rows(message),
    message.thread && threadCard(message.thread),
    session.failed.has(message.id) && failure(session.failed.get(message.id)),
    isEphemeral(message) && privateNote(message),
  ].flat();
}

function thinking(message) {
  const dots = h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
  return h("div", { class: "thinking" }, dots, say("thinking", { name: userName(authorOf(message)) }));
}

function text(message) {
  if (!message.content && !message.edited_timestamp) return null;
  const shown = h("div", { class: "content" }, markdown(message.content ?? "", names));
  if (onlyEmoji(message.content)) shown.classList.add("big");
  if (message.edited_timestamp) addEdited(shown, message);
  return shown;
}

const onlyEmoji = (text) =>
  /^(?=.*\p{Extended_Pictographic})[\p{Extended_Pictographic}\p{Emoji_Modifier}\u200d\ufe0f ]{1,60}$/u.test(text ?? "");

/** "(edited)" stands at the end of the last line of text, or alone under what has no text. */
function addEdited(shown, message) {
  if (!message.content) return;
  const last = shown.lastElementChild?.matches(".text") ? shown.lastElementChild : shown;
  last.append(
    " ",
    h("small", { class: "edited", title: styledTime(new Date(message.edited_timestamp), "F") }, say("edited")),
  );
}

function threadStarted(message) {
  const open = () => actions.openChannel(message.message_reference?.channel_id ?? message.thread?.id);
  return h(
    "div",
    { class: "content" },
    say("startedThread", { name: userName(message.author) }),
    h("button", { type: "button", class: "linked", onclick: open }, message.content),
  );
}

function threadCard(thread) {
  const open = () => actions.openChannel(thread.id);
  return h(
    "button",
    { type: "button", class: "thread-card", "aria-label": `${say("openThread")}: ${thread.name}`, onclick: open },
    icon("thread"),
    h("bdi", {}, thread.name),
    h("span", { class: "thread-open" }, say("openThread"), " ›"),
  );
}

function failure(reason) {
  return h("div", { class: "failed", role: "alert", title: reason }, icon("warning"), say("failed"));
}

function privateNote(message) {
  const dismiss = () => announce("dismiss", message);
  return h(
    "div",
    { class: "only-you" },
    icon("eye"),
    say("onlyYou"),
    " · ",
    h("button", { type: "button", class: "linked", onclick: dismiss }, say("dismiss")),
  );
}

// ---- what can be done with it ----

function tools(message) {
  const label = say("moreFor", { name: userName(message.author) });
  const more = iconButton("more", label, (event) => actions.openMenu(message, event), {
    class: "icon-button more",
    "aria-haspopup": "menu",
  });
  if (isEphemeral(message)) return h("div", { class: "tools" }, more);
  return h(
    "div",
    { class: "tools" },
    iconButton("reply", say("reply"), () => actions.reply(message), { tabindex: "-1" }),
    mayThread(message) &&
      iconButton("thread", say("createThread"), () => actions.createThread(message), { tabindex: "-1" }),
    more,
  );
}

/** Threads begin at messages of a channel that have none yet. */
export function mayThread(message) {
  const channel = currentChannel();
  return !isEphemeral(message) && !isDirect(channel) && !isThread(channel) && !message.thread;
}

/** Links and selected text keep the browser's own menu. */
function contextMenu(event, message) {
  if (event.target.closest("a, input, textarea") || String(getSelection())) return;
  event.preventDefault();
  actions.openMenu(message, event);
}
