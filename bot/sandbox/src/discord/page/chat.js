// The message list: draws the channel that is open, keeps it in step with events, and scrolls.

import { byId, h, icon } from "./dom.js";
import { avatar } from "./avatar.js";
import { article, dayLine, sameDay, usedLine } from "./message.js";
import { channelTitle, currentChannel, isDirect, isShown, isThread, session, shownMessages } from "./session.js";
import { styledTime, say } from "./words.js";

const NEAR_END = 80;
const list = byId("messages");
let atEnd = true;
let lastTop = 0;

/** Follows the end of the list as long as the person has not scrolled away from it. */
export function startChat() {
  list.addEventListener("scroll", scrolled);
  byId("to-present").addEventListener("click", toEnd);
  list.addEventListener("keydown", walk);
  const follow = new ResizeObserver(() => atEnd && toEnd());
  follow.observe(byId("message-list"));
  follow.observe(list);
  setInterval(refreshTimes, 30_000);
}

export function toEnd() {
  list.scrollTop = list.scrollHeight;
  setAtEnd(true);
}

/** Only moving up leaves the end: when the list grows, it is the end that moves away. */
function scrolled() {
  const near = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_END;
  setAtEnd(near || (atEnd && list.scrollTop >= lastTop));
}

function setAtEnd(yes) {
  atEnd = yes;
  lastTop = list.scrollTop;
  byId("to-present").hidden = yes;
}

/** Draws the channel from nothing; screen readers are not read all of it. */
export function showChat(examples) {
  const shown = shownMessages();
  list.setAttribute("aria-busy", "true");
  list.setAttribute("aria-label", say("messages", { channel: channelTitle(currentChannel()) }));
  const parts = shown.flatMap((message, at) => {
    const before = shown[at - 1];
    return [(!before || !sameDay(message, before)) && dayLine(message), article(message, before)].filter(Boolean);
  });
  byId("message-list").replaceChildren(welcome(examples, shown.length === 0), ...parts);
  toEnd();
  list.removeAttribute("aria-busy");
}

/** Draws one message that is new or changed. */
export function showMessage(message) {
  if (!isShown(message)) return;
  const old = articleOf(message.id);
  const shown = shownMessages();
  const at = shown.findIndex(({ id }) => id === message.id);
  if (old) return replace(old, article(message, shown[at - 1]));
  if (at < shown.length - 1) return showChat();
  const before = shown[at - 1];
  if (!before || !sameDay(message, before)) byId("message-list").append(dayLine(message));
  byId("message-list").append(article(message, before));
  byId("message-list").querySelector(".examples")?.remove();
  if (atEnd) toEnd();
}

/** The focus stays on the same control of the message that was drawn anew. */
function replace(old, fresh) {
  const focused = old.contains(document.activeElement) && document.activeElement;
  const customId = focused && focused.dataset.customId;
  old.replaceWith(fresh);
  if (!focused) return;
  const same = customId && fresh.querySelector(`[data-custom-id="${CSS.escape(customId)}"]:not(:disabled)`);
  (same || fresh).focus({ preventScroll: true });
}

/** Takes a message away; the one below may need its own head now. */
export function removeMessage(message) {
  const gone = articleOf(message.id);
  if (!gone) return;
  const below = gone.nextElementSibling;
  const lineAbove = gone.previousElementSibling;
  gone.remove();
  const next = below?.dataset.messageId && session.messages.get(below.dataset.messageId);
  if (next) showMessage(next);
  else if (lineAbove?.matches(".day-line") && !below) lineAbove.remove();
}

const articleOf = (id) => list.querySelector(`article[data-message-id="${CSS.escape(id)}"]`);

/** A note that only this page knows: a command that nobody answered. */
export function showNote(name) {
  const close = h("button", { type: "button", class: "linked" }, say("dismiss"));
  const note = h(
    "div",
    { class: "message note ephemeral", role: "alert" },
    name && usedLine(session.me, name),
    h("div", { class: "gutter" }, avatar(session.bot)),
    h(
      "div",
      { class: "body" },
      h("div", { class: "failed" }, icon("warning"), say("noResponse")),
      h("div", { class: "only-you" }, icon("eye"), say("onlyYou"), " · ", close),
    ),
  );
  close.onclick = () => note.remove();
  byId("message-list").append(note);
  if (atEnd) toEnd();
}

// ---- the start of a channel ----

function welcome(examples, empty) {
  const channel = currentChannel();
  const direct = isDirect(channel);
  const title = channelTitle(channel);
  const sign = direct
    ? avatar(session.bot, { class: "avatar colour-mate large" })
    : h("span", { class: "sign" }, icon(isThread(channel) ? "thread" : "hash"));
  const headline = direct || isThread(channel) ? title : say("welcomeChannel", { channel: title });
  const line = direct
    ? say("startDirect", { name: title })
    : isThread(channel)
      ? say("startThread")
      : say("startChannel", { channel: title });
  return h(
    "div",
    { class: "welcome" },
    sign,
    h("h2", {}, h("bdi", {}, headline)),
    h("p", {}, line),
    empty && examples && exampleButtons(examples),
  );
}

function exampleButtons(use) {
  const buttons = ["example1", "example2", "example3"].map((key) =>
    h("button", { type: "button", class: "example", onclick: () => use(say(key)) }, say(key)),
  );
  return h("div", { class: "examples" }, h("p", {}, say("tryAsking")), buttons);
}

// ---- moving by keyboard ----

/** Up and down walk from message to message. */
function walk(event) {
  const here = document.activeElement;
  if (!here.matches("article.message, #messages") || event.altKey || event.ctrlKey) return;
  const articles = [...list.querySelectorAll("article")];
  const at = articles.indexOf(here);
  const last = articles.length - 1;
  const moves = {
    ArrowDown: at < 0 ? last : Math.min(at + 1, last),
    ArrowUp: at < 0 ? last : Math.max(at - 1, 0),
    Home: 0,
    End: last,
  };
  if (!(event.key in moves) || !articles.length) return;
  event.preventDefault();
  articles[moves[event.key]].focus();
}

function refreshTimes() {
  for (const element of list.querySelectorAll("time[data-relative]")) {
    const date = new Date(Number(element.dataset.relative));
    element.textContent = styledTime(date, "R", new Date(Date.now() + session.clockOffset));
  }
}
