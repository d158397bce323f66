// Channels with their threads, the direct message, the members, and the bot's state.

import { avatar } from "./avatar.js";
import { byId, h, icon } from "./dom.js";
import { channelKey, channelTitle, isDirect, isThread, session, userName } from "./session.js";
import { say } from "./words.js";

const TEXT = 0;

/** Redraws the channel list; `open` is called with the id of the channel that is chosen. */
export function showChannels(open) {
  const entry = (channel) => channelEntry(channel, open);
  const text = session.channels.filter(({ type }) => type === TEXT);
  const list = text.map((channel) => h("li", {}, entry(channel), threads(channel, entry)));
  byId("guild-name").textContent = session.guild.name;
  byId("channels").replaceChildren(...list);
  byId("directs").replaceChildren(...session.channels.filter(isDirect).map((channel) => h("li", {}, entry(channel))));
}

function threads(parent, entry) {
  const own = session.channels.filter((channel) => isThread(channel) && channel.parent_id === parent.id);
  if (!own.length) return null;
  return h(
    "ul",
    { class: "threads" },
    own.map((channel) => h("li", {}, entry(channel))),
  );
}

function channelEntry(channel, open) {
  const here = channel.id === session.channel;
  const unread = session.unread.has(channel.id) && !here;
  const sign = isDirect(channel) ? avatar(session.bot) : icon(isThread(channel) ? "thread" : "hash");
  const prefix = isThread(channel) ? `${say("thread")}: ` : isDirect(channel) ? "@" : "#";
  return h(
    "button",
    {
      type: "button",
      class: `channel${unread ? " unread" : ""}`,
      "aria-current": here && "page",
      "aria-label": `${prefix}${channelTitle(channel)}${unread ? `, ${say("unread")}` : ""}`,
      "data-channel": channelKey(channel),
      "data-channel-id": channel.id,
      onclick: () => open(channel.id),
    },
    isDirect(channel) ? withDot(sign, session.online) : sign,
    h("bdi", {}, channelTitle(channel)),
  );
}

/** An avatar with the round mark of being online. */
function withDot(picture, online) {
  picture.append(h("span", { class: `dot ${online ? "online" : "offline"}` }));
  return picture;
}

/** The bot's state beside the channel's name. */
export function showBotState() {
  const online = session.online === true;
  const state = byId("bot-state");
  state.className = online ? "online" : "offline";
  state.hidden = session.online === null;
  state.replaceChildren(
    h("span", { class: "dot" }),
    h("bdi", {}, session.bot.name),
    " ",
    h("span", { class: "state-word" }, say(online ? "online" : "offline")),
  );
}

/** Members by their highest role, as Discord lists them. */
export function showMembers(openMenu) {
  const groups = [
    ["approvers", (person) => person.roles.includes("approvers")],
    ["operators", (person) => person.roles.includes("operators")],
    ["crew", (person) => person.roles.includes("crew")],
  ];
  const people = session.people.filter(({ bot }) => !bot);
  const listed = new Set();
  const sections = groups.map(([role, belongs]) => {
    const own = people.filter((person) => belongs(person) && !listed.has(person.id));
    own.forEach(({ id }) => listed.add(id));
    return memberGroup(role, own, openMenu);
  });
  const rest = people.filter(({ id }) => !listed.has(id));
  byId("members").replaceChildren(
    ...[
      memberGroup(say("apps"), [session.bot], openMenu),
      ...sections,
      memberGroup(say("everyone"), rest, openMenu),
    ].filter(Boolean),
  );
}

function memberGroup(title, people, openMenu) {
  if (!people.length) return null;
  const rows = people.map((person) => h("li", {}, member(person, openMenu)));
  return h("section", {}, h("h3", {}, `${title} — ${people.length}`), h("ul", {}, rows));
}

function member(person, openMenu) {
  const open = (event) => {
    event.preventDefault();
    openMenu(person, event);
  };
  const online = person.bot ? session.online : true;
  return h(
    "button",
    {
      type: "button",
      class: `member${online ? "" : " away"}`,
      "aria-haspopup": "menu",
      onclick: open,
      oncontextmenu: open,
    },
    withDot(avatar(person), online),
    h("bdi", {}, userName(person)),
    person.bot && h("span", { class: "tag" }, "APP"),
  );
}
