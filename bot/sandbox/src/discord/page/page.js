// The page: reads who and where from the address, wires the controls, and keeps
// everything drawn in step with the local Discord.

import { avatar } from "./avatar.js";
import { removeMessage, showChat, showMessage, showNote, startChat, toEnd } from "./chat.js";
import { commandsOf, MESSAGE, nameOf, USER } from "./commands.js";
import { settle } from "./components.js";
import { mentionUser, prefill, resetComposer, showProblem, showWords, startComposer, startReply } from "./composer.js";
import { openDialog, openModal } from "./dialog.js";
import { byId, copy, h, icon } from "./dom.js";
import { appsItem, closeMenu, openMenu } from "./menu.js";
import { actions, jumpTo, mayThread } from "./message.js";
import {
  catchUp,
  channelById,
  channelByKey,
  channelKey,
  channelTitle,
  currentChannel,
  isDirect,
  isEphemeral,
  isThread,
  listen,
  loadState,
  on,
  post,
  session,
  userName,
} from "./session.js";
import { retellSlash } from "./slash.js";
import { showBotState, showChannels, showMembers } from "./sidebar.js";
import { openTrouble, showTrouble } from "./trouble.js";
import { say, speak } from "./words.js";

const THREAD_NAME_LIMIT = 100;
const address = new URLSearchParams(location.search);
/** The channel that the address asks for, until it has been opened. */
let wanted = address.get("channel");

// ---- drawing ----

function showAll() {
  speak(session.me.locale);
  byId("language").value = document.documentElement.lang;
  showPerson();
  showChrome();
  showChat(prefill);
  showWords();
}

/** Everything in the language that was switched to. */
function retell() {
  showAll();
  retellSlash();
}

/** Everything around the messages. */
function showChrome() {
  showChannels(openChannel);
  showMembers(openUserMenu);
  showBotState();
  showTrouble();
  showThemeLabel();
  showTitle();
}

function showPerson() {
  const people = session.people.filter(({ bot }) => !bot);
  byId("person").replaceChildren(...people.map(({ name }) => h("option", { value: name }, name)));
  byId("person").value = session.person;
  byId("own-avatar").replaceChildren(avatar(session.me));
  byId("own-roles").textContent = session.me.roles?.join(", ") || say("everyone");
}

function showTitle() {
  const channel = currentChannel();
  const parent = isThread(channel) && channelById(channel.parent_id);
  const sign = icon(isDirect(channel) ? "at" : isThread(channel) ? "thread" : "hash");
  const crumb = parent
    ? [
        h(
          "button",
          { type: "button", class: "crumb", onclick: () => openChannel(parent.id) },
          `#${channelTitle(parent)}`,
        ),
        h("span", { class: "crumb-mark" }, "›"),
      ]
    : [];
  byId("channel-title").replaceChildren(
    ...(parent ? crumb : []),
    sign,
    h("h1", {}, h("bdi", {}, channelTitle(channel))),
  );
}

// ---- where we are ----

function openChannel(id, remember = true) {
  if (!channelById(id)) return;
  session.channel = id;
  session.unread.delete(id);
  closeDrawer();
  if (remember) rememberAddress();
  showChrome();
  showChat(prefill);
  resetComposer();
  if (!matchMedia("(pointer: coarse)").matches) byId("message-box").focus();
}

function rememberAddress() {
  const here = new URLSearchParams({ person: session.person, channel: channelKey(currentChannel()) });
  if (location.search.slice(1) !== String(here)) history.pushState(null, "", `?${here}`);
}

async function switchPerson(name, channel) {
  session.person = name;
  session.unread.clear();
  session.failed.clear();
  session.busy.clear();
  wanted = channel ?? channelKey(currentChannel());
  listen();
}

function goBack() {
  byId("modal").close();
  const { person, channel } = Object.fromEntries(new URLSearchParams(location.search));
  if (person && person !== session.person) return switchPerson(person, channel);
  const target = channelByKey(channel ?? "");
  if (target) openChannel(target.id, false);
}

/** After every (re)connection the state is read anew: events may have been missed. */
async function refresh() {
  try {
    await loadState();
  } catch (refusal) {
    return showProblem(refusal.message);
  }
  const first = wanted !== null || session.channel === null;
  const target = (wanted !== null && channelByKey(wanted)) || currentChannel() || session.channels[0];
  wanted = null;
  session.channel = target.id;
  rememberAddress();
  showAll();
  if (first) resetComposer();
  catchUp();
  document.body.classList.add("ready");
}

// ---- what can be done with messages and people ----

actions.reply = (message) => {
  startReply(message);
  byId("message-box").focus();
};

actions.createThread = (message) => {
  const suggestion = (message.content || message.embeds?.[0]?.title || "")
    .replace(/<[^>]*>|[*_`~#>|]/g, "")
    .trim()
    .split("\n", 1)[0]
    .slice(0, THREAD_NAME_LIMIT)
    // Half an emoji is none.
    .replace(/[\ud800-\udbff]$/, "");
  openDialog({
    title: say("createThread"),
    inputs: [{ custom_id: "name", label: say("threadName"), value: suggestion, max_length: THREAD_NAME_LIMIT }],
    submitLabel: say("create"),
    submit: async ({ name }) => {
      const thread = await post("thread", { message_id: message.id, name });
      if (!channelById(thread.id)) session.channels = [...session.channels, thread];
      openChannel(thread.id);
    },
  });
};

actions.openChannel = openChannel;
actions.openUserMenu = openUserMenu;

actions.openMenu = (message, event) => {
  const ephemeral = isEphemeral(message);
  openMenu(
    event,
    say("menuFor", { name: userName(message.author) }),
    [
      !ephemeral && { label: say("reply"), name: "reply", icon: "reply", run: () => actions.reply(message) },
      mayThread(message) && {
        label: say("createThread"),
        name: "thread",
        icon: "thread",
        run: () => actions.createThread(message),
      },
      { label: say("copyText"), name: "copy", icon: "copy", run: () => copyText(textOf(message)) },
      { line: true },
      appsItem(targetCommands(MESSAGE, message.id)),
    ].filter(Boolean),
    "message-menu",
  );
};

function openUserMenu(user, event) {
  openMenu(
    event,
    say("menuFor", { name: userName(user) }),
    [
      { label: say("mention", { name: userName(user) }), name: "mention", icon: "at", run: () => mentionUser(user) },
      { label: say("copyId"), name: "copy", icon: "copy", run: () => copyText(user.id) },
      { line: true },
      appsItem(targetCommands(USER, user.id)),
    ],
    "user-menu",
  );
}

/** The registered commands of one type, each ready to run on its target. */
function targetCommands(type, target_id) {
  return commandsOf(type).map((command) => ({
    label: nameOf(command),
    name: command.name,
    icon: "app",
    run: async () => {
      try {
        const body = { channel: session.channel, name: command.name, type, target_id };
        const { interaction_id } = await post("command", body);
        session.invoked.set(interaction_id, { name: command.name });
        toEnd();
      } catch (refusal) {
        showProblem(refusal.message);
      }
    },
  }));
}

async function copyText(text) {
  if (!(await copy(text))) showProblem(say("notCopied"));
}

function textOf({ content, embeds }) {
  const cards = (embeds ?? []).map(({ title, description, fields }) =>
    [title, description, ...(fields ?? []).flatMap(({ name, value }) => [name, value])].filter(Boolean).join("\n"),
  );
  return [content, ...cards].filter(Boolean).join("\n\n");
}

// ---- modals ----

/** Those that were shown already: closing one is known only here. */
const shownModals = new Set();

function showModal(modal) {
  if (shownModals.has(modal.id)) return;
  shownModals.add(modal.id);
  settle();
  openModal(modal);
}

// ---- events ----

on("connected", async () => {
  byId("offline-note").hidden = true;
  if (byId("problem").textContent === say("unreachable")) showProblem("");
  await refresh();
});
on("disconnected", () => (byId("offline-note").hidden = false));
on("message", (message) => {
  if (message.author.id === session.bot.id) settle();
  showMessage(message);
  if (message.channel_id !== session.channel) showChannels(openChannel);
});
on("message-gone", removeMessage);
on("dismiss", (message) => {
  session.dismissed.add(message.id);
  removeMessage(message);
  byId("message-box").focus();
});
on("channels", () => showChannels(openChannel));
on("faults", showTrouble);
on("connection", showChrome);
on("locale", retell);
on("jump", ({ channel, message }) => {
  if (channel !== session.channel) openChannel(channel);
  if (message) jumpTo(message);
});
on("modal", showModal);
on("sent", toEnd);
on("failed", ({ interaction_id, channel_id, message_id }) => {
  const from = session.invoked.get(interaction_id);
  const clicked = session.messages.get(message_id ?? from?.message_id);
  if (!clicked) return channel_id === session.channel && showNote(from?.name);
  settle();
  if (!session.failed.has(clicked.id)) session.failed.set(clicked.id, "");
  showMessage(clicked);
});

// ---- controls ----

function openDrawer() {
  document.body.classList.add("drawer-open");
  byId("open-drawer").setAttribute("aria-expanded", "true");
  (document.querySelector(".channel[aria-current]") ?? byId("person")).focus();
}

function closeDrawer(refocus = false) {
  document.body.classList.remove("drawer-open");
  byId("open-drawer").setAttribute("aria-expanded", "false");
  if (refocus) byId("open-drawer").focus();
}

function showMembersPanel(shown) {
  document.body.classList.toggle("members-open", shown);
  byId("toggle-members").setAttribute("aria-pressed", String(shown));
}

function showThemeLabel() {
  const label = say(document.documentElement.dataset.theme === "dark" ? "toLight" : "toDark");
  byId("theme").setAttribute("aria-label", label);
  byId("theme").title = label;
}

/** Switches the theme and remembers it. */
function switchTheme() {
  const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  localStorage.setItem("theme", theme);
  showThemeLabel();
}

/** The system's preference counts as long as nothing was chosen here. */
function followSystem({ matches }) {
  if (localStorage.getItem("theme")) return;
  document.documentElement.dataset.theme = matches ? "light" : "dark";
  showThemeLabel();
}

async function switchLanguage(locale) {
  try {
    await post("locale", { locale });
    session.me = { ...session.me, locale };
    retell();
  } catch (refusal) {
    showProblem(refusal.message);
  }
}

function wireControls() {
  byId("person").addEventListener("change", (event) => switchPerson(event.target.value));
  byId("language").addEventListener("change", (event) => switchLanguage(event.target.value));
  byId("theme").addEventListener("click", switchTheme);
  byId("trouble").addEventListener("click", (event) => openTrouble(event, (refusal) => showProblem(refusal.message)));
  byId("open-drawer").addEventListener("click", openDrawer);
  byId("close-drawer").addEventListener("click", () => closeDrawer(true));
  byId("scrim").addEventListener("click", () => closeDrawer(true));
  byId("drawer").addEventListener("keydown", (event) => event.key === "Escape" && closeDrawer(true));
  byId("toggle-members").addEventListener("click", () =>
    showMembersPanel(!document.body.classList.contains("members-open")),
  );
  // Where it lies over the messages it is shown only when somebody asks for it, until they press elsewhere.
  const overlaid = matchMedia("(max-width: 1000px)");
  overlaid.addEventListener("change", ({ matches }) => matches && showMembersPanel(false));
  document.addEventListener("pointerdown", ({ target }) => {
    if (overlaid.matches && !target.closest("#members, #toggle-members")) showMembersPanel(false);
  });
  byId("chat").addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !overlaid.matches || !event.target.closest("#members, #toggle-members")) return;
    showMembersPanel(false);
    byId("toggle-members").focus();
  });
  matchMedia("(prefers-color-scheme: light)").addEventListener("change", followSystem);
  addEventListener("popstate", goBack);
  addEventListener("resize", closeMenu);
}

/** The address may name somebody who is not there. */
async function start() {
  try {
    await loadState();
  } catch (refusal) {
    if (refusal.status) session.person = "lin";
  }
  listen();
}

speak(navigator.language);
session.person = address.get("person") ?? "lin";
wireControls();
startComposer();
startChat();
showMembersPanel(innerWidth >= 1200);
start();
