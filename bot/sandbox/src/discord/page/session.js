// What the page knows, and the control API it knows it from.

import { say } from "./words.js";

const DIRECT = 1;
const THREAD = 11;
const EPHEMERAL = 1 << 6;
const LOADING = 1 << 7;

/** Who looks at what, and everything that this person may see. */
export const session = {
  person: "lin",
  channel: null,
  me: null,
  people: [],
  bot: null,
  guild: null,
  channels: [],
  commands: [],
  faults: [],
  /** Whether the bot is connected; not known before the state was read. */
  online: null,
  messages: new Map(),
  unread: new Set(),
  dismissed: new Set(),
  failed: new Map(),
  busy: new Map(),
  invoked: new Map(),
  clockOffset: 0,
};

/** Tells the rest of the page what changed: `on("message", show)`, `announce("message", it)`. */
const bus = new EventTarget();
export const on = (kind, listener) => bus.addEventListener(kind, (event) => listener(event.detail));
export const announce = (kind, detail) => bus.dispatchEvent(new CustomEvent(kind, { detail }));

export const now = () => new Date(Date.now() + session.clockOffset);
export const isEphemeral = (message) => Boolean(message.flags & EPHEMERAL);
export const isPending = (message) => Boolean(message.local?.pending || message.flags & LOADING);
export const isDirect = (channel) => channel?.type === DIRECT;
export const isThread = (channel) => channel?.type === THREAD;

// ---- looking things up ----

export const currentChannel = () => channelById(session.channel);
export const channelById = (id) => session.channels.find((channel) => channel.id === id);

/** A channel's name as people read it; a direct message is named after the bot. */
export function channelTitle(channel) {
  if (!channel) return "";
  return isDirect(channel) ? session.bot.name : channel.name;
}

/** How the address names a channel. */
export const channelKey = (channel) => (isDirect(channel) ? "dm" : isThread(channel) ? channel.id : channel.name);

export function channelByKey(key) {
  const named = session.channels.filter((channel) => channelKey(channel) === key);
  return channelById(key) ?? named.at(-1);
}

/** The person or bot with this id, as `{ id, name, bot }`. */
export function userById(id) {
  return id === session.bot?.id ? session.bot : session.people.find((person) => person.id === id);
}

export const userName = (user) => user?.global_name || user?.name || user?.username || "?";

/** The messages of the channel that is open, oldest first. */
export function shownMessages() {
  return [...session.messages.values()].filter(isShown).sort((a, b) => a.local.number - b.local.number);
}

export function isShown(message) {
  return message.channel_id === session.channel && !session.dismissed.has(message.id) && !message.local?.deleted;
}

/** What mentions in a text are called. */
export const names = {
  user: (id) => (userById(id) ? userName(userById(id)) : undefined),
  role: (id) => (session.guild?.roles ?? []).find((role) => role.id === id)?.name,
  channel: (id) => channelById(id) && channelTitle(channelById(id)),
  now,
  jump: (channel, message) => channelById(channel) && (() => announce("jump", { channel, message })),
};

// ---- asking the local Discord ----

/** A refusal of the control API, in its own words; without a status if it could not be reached. */
class Refusal extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

async function request(path, options) {
  const response = await fetch(path, options).catch(() => {
    throw new Refusal(say("unreachable"));
  });
  const body = await response.json().catch(() => ({}));
  if (!response.ok) {
    const words = body.code ? say(`no-${body.code}`) : body.error;
    throw new Refusal(words ?? `${response.status} ${response.statusText}`, response.status);
  }
  return body;
}

/** Posts as the current person. */
export function post(operation, body) {
  return request(`/local/${operation}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ person: session.person, ...body }),
  });
}

/** When this page was opened, by the local Discord's clock. */
let openedAt = null;

/** As in Discord, a page that is loaded anew shows nothing private from before. */
const isPast = (message) => isEphemeral(message) && Date.parse(message.timestamp) < openedAt;

/** Reads everything anew; what was open stays open where it still exists. */
export async function loadState() {
  const person = session.person;
  const state = await request(`/local/state?person=${encodeURIComponent(person)}`);
  if (person !== session.person) return;
  const wasDirect = isDirect(currentChannel());
  const { me, people, bot, guild, channels, commands, faults } = state;
  Object.assign(session, { people, guild, channels, commands, faults });
  session.me = { ...me, ...people.find(({ id }) => id === me.id) };
  session.bot = { ...bot, name: userName(bot), bot: true };
  if (typeof state.online === "boolean") session.online = state.online;
  session.clockOffset = state.now - Date.now();
  openedAt ??= state.now;
  session.messages = new Map(state.messages.filter((it) => !isPast(it)).map((message) => [message.id, message]));
  session.channel = (wasDirect ? channels.find(isDirect) : currentChannel())?.id ?? null;
}

// ---- listening ----

const RETRY_MS = 2000;
let source = null;
/** Events that came before the state was read; null when events are taken at once. */
let held = [];

/** Opens this person's event stream; every (re)connection begins with reading the state. */
export function listen() {
  source?.close();
  held = [];
  source = new EventSource(`/local/events?person=${encodeURIComponent(session.person)}`);
  source.onopen = () => {
    held = [];
    announce("connected");
  };
  source.onerror = (event) => {
    announce("disconnected");
    if (event.target.readyState === EventSource.CLOSED && event.target === source) setTimeout(listen, RETRY_MS);
  };
  for (const [name, take] of Object.entries(EVENTS)) {
    source.addEventListener(name, (event) => {
      const data = JSON.parse(event.data);
      if (held) held.push(() => take(data));
      else take(data);
    });
  }
}

// A page that the browser keeps for its back button must not keep its stream: six of them, and no
// further page of this server loads.
addEventListener("pagehide", () => {
  source?.close();
  source = null;
});
addEventListener("pageshow", (event) => {
  if (event.persisted) listen();
});

/** Takes in what happened while the state was being read. */
export function catchUp() {
  const waiting = held ?? [];
  held = null;
  for (const take of waiting) take();
}

const EVENTS = {
  message_create: takeMessage,
  message_update: takeMessage,
  message_delete: ({ id }) => {
    const message = session.messages.get(id);
    if (!message) return;
    session.messages.delete(id);
    announce("message-gone", message);
  },
  channel_create: (channel) => {
    session.channels = [...session.channels.filter(({ id }) => id !== channel.id), channel];
    announce("channels");
  },
  commands: (commands) => {
    session.commands = Array.isArray(commands) ? commands : commands.commands;
    announce("commands");
  },
  faults: (faults) => {
    session.faults = Array.isArray(faults) ? faults : faults.faults;
    announce("faults");
  },
  connection: ({ online }) => {
    session.online = online;
    announce("connection");
  },
  locale: ({ locale }) => {
    session.me = { ...session.me, locale };
    announce("locale");
  },
  modal: (modal) => announce("modal", modal),
  interaction_failed: takeFailure,
};

function takeMessage(message) {
  const known = session.messages.has(message.id);
  session.messages.set(message.id, message);
  if (!known && message.channel_id !== session.channel) session.unread.add(message.channel_id);
  announce("message", message);
}

/** A failed click is shown under its message, a failed command as a note at the end of the channel. */
function takeFailure({ interaction_id, channel_id, message_id, reason }) {
  if (message_id) session.failed.set(message_id, reason ?? "");
  announce("failed", { interaction_id, channel_id, message_id, reason });
}
