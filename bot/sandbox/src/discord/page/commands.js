// The commands that the bot has registered, as a person sees them: nothing else is ever offered.

import { channelById, isDirect, session } from "./session.js";
import { currentLocale } from "./words.js";

const CHAT = 1;
export const USER = 2;
export const MESSAGE = 3;
const SUBCOMMAND = 1;
const GROUP = 2;
const GUILD_CONTEXT = 0;
const DIRECT_CONTEXT = 1;

/** A registered name in the person's language. */
export const nameOf = (it) => it.name_localizations?.[currentLocale()] ?? it.name;
export const descriptionOf = (it) => it.description_localizations?.[currentLocale()] ?? it.description ?? "";

/** Commands of one type that may be used in the channel that is open. */
export const commandsOf = (type) =>
  session.commands.filter((command) => (command.type ?? CHAT) === type && usableHere(command));

function usableHere(command) {
  const direct = isDirect(channelById(session.channel));
  if (command.contexts) return command.contexts.includes(direct ? DIRECT_CONTEXT : GUILD_CONTEXT);
  return !direct || command.dm_permission !== false;
}

/**
 * Slash commands with their subcommands flattened: `node events` is one entry
 * `{ command, path: ["node", "events"], label, base, description, options }`.
 */
const slashCommands = () => commandsOf(CHAT).flatMap((command) => flatten(command, command, []));

function flatten(command, part, above) {
  const parts = [...above, part];
  const subs = (part.options ?? []).filter(({ type }) => type === SUBCOMMAND || type === GROUP);
  if (subs.length) return subs.flatMap((sub) => flatten(command, sub, parts));
  return [
    {
      command,
      path: parts.map(({ name }) => name),
      label: parts.map(nameOf).join(" "),
      base: parts.map(({ name }) => name).join(" "),
      description: descriptionOf(part),
      options: part.options ?? [],
    },
  ];
}

/** Entries whose localised or base name matches what was typed, names that begin with it first. */
export function matching(text) {
  const wanted = text.trim().toLowerCase();
  const texts = (entry) => [entry.label.toLowerCase(), entry.base.toLowerCase()];
  const begins = (entry) => texts(entry).some((name) => name.startsWith(wanted));
  const found = slashCommands().filter((entry) => begins(entry) || texts(entry).some((name) => name.includes(wanted)));
  return found.sort((a, b) => begins(b) - begins(a));
}

/** The entry with this base name, in the language that is spoken now. */
export const entryOf = (base) => slashCommands().find((entry) => entry.base === base);

/** The entry whose name was typed in full, in either form, and what was typed behind it: `{ entry, rest }`. */
export function begun(text) {
  for (const entry of slashCommands()) {
    const name = [entry.label, entry.base].find((name) => text.startsWith(`${name} `));
    if (name) return { entry, rest: text.slice(name.length) };
  }
  return null;
}

/** How a command that a message names is shown: `{ label, slash }`. */
export function baseCommand(name) {
  const entry = session.commands
    .flatMap((command) => ((command.type ?? CHAT) === CHAT ? flatten(command, command, []) : []))
    .find(({ base }) => base === name);
  if (entry) return { label: entry.label, slash: true };
  const other = session.commands.find((command) => command.name === name);
  return other && (other.type ?? CHAT) !== CHAT ? { label: nameOf(other), slash: false } : { label: name, slash: true };
}

/** The body for /local/command and /local/autocomplete: options nested below their subcommands. */
export function invocation(entry, options) {
  let nested = options;
  for (const name of entry.path.slice(1).reverse()) {
    nested = [{ name, type: nested === options ? SUBCOMMAND : GROUP, options: nested }];
  }
  return { channel: session.channel, name: entry.command.name, type: CHAT, options: nested };
}
