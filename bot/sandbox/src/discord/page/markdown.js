// Discord's Markdown, read into DOM nodes. The text is hostile: elements are made one by one,
// nesting is bounded, and no rule scans further than once over what is left.

import { copy, h, iconButton, link } from "./dom.js";
import { paint } from "./highlight.js";
import { say, styledTime } from "./words.js";

const DEEPEST = 10;

/**
 * Renders a message's text. `names` resolves what a mention points to:
 * `{ user(id), role(id), channel(id), now() }`, each a name or undefined.
 */
export function markdown(text, names) {
  return blocks(text, { names, depth: 0 });
}

/** Renders one line's worth: no headings, lists, quotes or code blocks. */
export function inlineMarkdown(text, names) {
  return inline(text, { names, depth: 0 });
}

const deeper = (context) => ({ ...context, depth: context.depth + 1 });

// ---- blocks ----

/** A code block. Not one expression, because blank lines at both ends would make it slow. */
const FENCE = {
  exec(rest) {
    const end = rest.startsWith("```") ? rest.indexOf("```", 3) : -1;
    if (end < 4) return null;
    const inside = rest.slice(3, end);
    const language = /^([\w+\-.#]+)\n/.exec(inside)?.[1];
    const code = language ? inside.slice(language.length) : inside;
    const after = rest[end + 3] === "\n" ? 4 : 3;
    return [rest.slice(0, end + after), language, trimLines(code)];
  },
};

function trimLines(code) {
  let [from, to] = [0, code.length];
  while (code[from] === "\n") from++;
  while (to > from && code[to - 1] === "\n") to--;
  return code.slice(from, to);
}

const LINE = /^[^\n]*(?:\n|$)/;
const HEADING = /^(#{1,3}) +([^\n]+)(?:\n|$)/;
const SUBTEXT = /^-# +([^\n]+)(?:\n|$)/;
const QUOTE = /^(?:>(?: [^\n]*)?(?:\n|$))+/;
const QUOTE_REST = /^>>> ([\s\S]+)/;
const LIST = /^(?:(?: *(?:[-*]|\d{1,9}\.) +[^\n]+| {2,}\S[^\n]*)(?:\n|$))+/;
const ITEM = /^( *)([-*]|\d{1,9}\.) +(.*)$/;

/** Block rules in order; each makes an element from its match. */
const BLOCKS = [
  [FENCE, ([, language, code]) => codeBlock(code, language)],
  [HEADING, ([, marks, text], context) => heading(marks.length, text, context)],
  [SUBTEXT, ([, text], context) => h("small", { class: "subtext" }, inline(text, context))],
  [QUOTE_REST, ([, text], context) => quote(text, context)],
  [QUOTE, ([text], context) => quote(text.replace(/^> ?/gm, "").replace(/\n$/, ""), context)],
  [LIST, ([text], context) => list(text, context)],
];

function blocks(text, context) {
  const out = document.createDocumentFragment();
  if (context.depth > DEEPEST) return (out.append(text), out);
  let rest = text;
  let plain = "";
  const flush = () => {
    const gap = plain.endsWith("\n\n") && rest ? " gap" : "";
    if (plain.trim()) out.append(h("div", { class: `text${gap}` }, inline(plain.replace(/\n$/, ""), context)));
    plain = "";
  };
  while (rest) {
    const found = firstBlock(rest);
    if (found) {
      flush();
      out.append(found.make(found.match, deeper(context)));
    }
    const taken = found ? found.match[0] : plainLine(rest);
    if (!found) plain += taken;
    rest = rest.slice(taken.length);
  }
  flush();
  return out;
}

function firstBlock(rest) {
  for (const [rule, make] of BLOCKS) {
    const match = rule.exec(rest);
    if (match && (rule !== LIST || ITEM.test(rest.split("\n", 1)[0]))) return { match, make };
  }
  return null;
}

/** The rest of the line, or what stands before a code block that begins inside it. */
function plainLine(rest) {
  const [line] = LINE.exec(rest);
  const fence = line.indexOf("```", 1);
  const closed = fence > 0 && rest.indexOf("```", fence + 3) > 0;
  return closed ? line.slice(0, fence) : line;
}

/** Headings of a message stand below the page's own h1 and h2. */
function heading(level, text, context) {
  return h(`h${level + 2}`, { class: `heading-${level}` }, inline(text, context));
}

function quote(text, context) {
  return h("blockquote", {}, h("div", {}, blocks(text, context)));
}

/** One list, or several where bullets and numbers follow each other. */
function list(text, context) {
  const out = document.createDocumentFragment();
  let element = null;
  for (const item of listItems(text)) {
    const tag = /\d/.test(item.mark) ? "ol" : "ul";
    if (element?.localName !== tag) out.append((element = h(tag, { start: tag === "ol" && parseInt(item.mark, 10) })));
    element.append(h("li", {}, blocks(item.lines.join("\n"), context)));
  }
  return out;
}

/** Splits a list into its outermost items; what is indented deeper belongs to the item before. */
function listItems(text) {
  const items = [];
  let indent = null;
  for (const line of text.replace(/\n$/, "").split("\n")) {
    const match = ITEM.exec(line);
    indent ??= match[1].length;
    if (match && match[1].length <= indent) items.push({ mark: match[2], lines: [match[3]] });
    else items.at(-1).lines.push(line.replace(new RegExp(`^ {0,${indent + 2}}`), ""));
  }
  return items;
}

function codeBlock(code, language) {
  const done = h("span", { class: "copied", role: "status" });
  const button = iconButton("copy", say("copyCode"), async () => {
    done.textContent = say((await copy(code)) ? "copied" : "notCopied");
    setTimeout(() => (done.textContent = ""), 2000);
  });
  const body = h("code", { class: "code", "data-language": language }, paint(code, language));
  return h(
    "div",
    { class: "code-block" },
    h("pre", { tabindex: "0" }, body),
    h("div", { class: "code-tools" }, done, button),
  );
}

// ---- inline ----

/** Rules that begin with a fixed sign: mentions, times, links. Each makes a node from its match. */
const SIGNS = [
  [/^\\([^0-9A-Za-z\s])/, ([, sign]) => sign],
  [/^<@!?(\d{1,20})>/, ([, id], { names }) => pill("@", names.user(id) ?? id, { "data-user": id })],
  [/^<@&(\d{1,20})>/, ([, id], { names }) => pill("@", names.role(id) ?? id)],
  [/^<#(\d{1,20})>/, ([, id], { names }) => pill("#", names.channel(id) ?? id)],
  [/^<\/([^:<>\n]{1,98}):\d{1,20}>/, ([, name]) => pill("/", name)],
  [/^@(everyone|here)\b/, ([, name]) => pill("@", name)],
  [/^<t:(-?\d{1,13})(?::([tTdDfFRsS]))?>/, ([, seconds, style], { names }) => time(seconds, style, names)],
  [/^<a?(:\w{2,32}:)\d{1,20}>/, ([, name]) => name],
  [/^<(https?:\/\/[^\s<>]+)>/, ([, url]) => link(url, url)],
  [
    /^\[((?:[^[\]\\\n]|\\.)+)\]\(<?(https?:\/\/[^\s<>()]*(?:\([^\s<>()]*\)[^\s<>()]*)?)>?(?: +"[^"\n]*")?\)/,
    ([, text, url], context) => link(url, inline(text, deeper(context))),
  ],
  [
    /^https:\/\/(?:www\.|ptb\.|canary\.)?discord(?:app)?\.com\/channels\/(?:@me|\d{1,20})\/(\d{1,20})(?:\/(\d{1,20}))?(?![\w/])/,
    ([url, channel, message], { names }) => jump(url, channel, message, names),
  ],
  [/^https?:\/\/[^\s<>\u3000-\u303f\uff00-\uffef]+/, ([url]) => link(url, url)],
];

/** Pairs of marks around text, longest first. */
const PAIRS = [
  ["**", (inside) => h("strong", {}, inside)],
  ["__", (inside) => h("u", {}, inside)],
  ["~~", (inside) => h("s", {}, inside)],
  ["||", (inside) => spoiler(inside)],
  ["*", (inside) => h("em", {}, inside)],
  ["_", (inside) => h("em", {}, inside)],
];

function inline(text, context) {
  const out = document.createDocumentFragment();
  if (context.depth > DEEPEST) return (out.append(text), out);
  let plain = "";
  for (let at = 0; at < text.length;) {
    const found =
      "\\<@[h`*_~|".includes(text[at]) && (code(text, at) ?? sign(text, at, context) ?? pair(text, at, context));
    if (!found) plain += text[at++];
    else {
      out.append(plain, found.node);
      plain = "";
      at += found.length;
    }
  }
  out.append(plain);
  return out;
}

function code(text, at) {
  if (text[at] !== "`") return null;
  const ticks = /^`+/.exec(text.slice(at, at + 100))[0];
  const end = closingTicks(text, at + ticks.length, ticks.length);
  if (end < 0) return { node: ticks, length: ticks.length };
  const inside = text.slice(at + ticks.length, end).replace(/^ (.*`.*) $/, "$1");
  return { node: h("code", { class: "inline-code" }, inside), length: end + ticks.length - at };
}

function closingTicks(text, from, count) {
  for (let at = text.indexOf("`", from); at >= 0; at = text.indexOf("`", at)) {
    let end = at;
    while (text[end] === "`") end++;
    if (end - at === count && at > from) return at;
    at = end;
  }
  return -1;
}

function sign(text, at, context) {
  if (!"\\<@[h".includes(text[at])) return null;
  const rest = text.slice(at);
  for (const [rule, make] of SIGNS) {
    const match = rule.exec(rest);
    if (!match) continue;
    if (match[0].startsWith("http")) trimUrl(match);
    return { node: make(match, context), length: match[0].length };
  }
  return null;
}

/** Punctuation that ends a sentence is not part of a bare address. */
function trimUrl(match) {
  match[0] = match[0].replace(/[.,;:!?'"*_~|`\]]+$/, "");
  if (match[0].endsWith(")") && !match[0].includes("(")) match[0] = match[0].slice(0, -1);
}

function pair(text, at, context) {
  for (const [mark, make] of PAIRS) {
    if (!text.startsWith(mark, at) || !opens(text, at, mark)) continue;
    const end = closing(text, at + mark.length, mark);
    if (end < 0) continue;
    const inside = inline(text.slice(at + mark.length, end), deeper(context));
    return { node: make(inside), length: end + mark.length - at };
  }
  return null;
}

function opens(text, at, mark) {
  if (mark === "*") return /\S/.test(text[at + 1] ?? " ");
  if (mark === "_") return !/\w/.test(text[at - 1] ?? " ");
  return true;
}

/** Where the pair ends; escapes, inline code and the doubled mark are passed over. */
function closing(text, from, mark) {
  for (let at = from; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "`") at = afterCode(text, at);
    else if (text.startsWith(mark, at) && at > from) {
      if (closes(text, at, mark)) return at;
      if (mark.length === 1 && text[at + 1] === mark) at++;
    }
  }
  return -1;
}

function afterCode(text, at) {
  const end = closingTicks(text, at + 1, 1);
  return end < 0 ? at : end;
}

function closes(text, at, mark) {
  if (mark.length === 2) return text[at + 2] !== mark[0];
  if (text[at + 1] === mark || text[at - 1] === mark) return false;
  return mark === "*" ? /\S/.test(text[at - 1]) : !/\w/.test(text[at + 1] ?? " ");
}

const pill = (prefix, name, more = {}) => h("span", { class: "pill", ...more }, h("bdi", {}, prefix + name));

/** A link to a channel or message that is here leads there; any other is a plain link. */
function jump(url, channel, message, names) {
  const go = names.jump?.(channel, message);
  if (!go) return link(url, url);
  const label = `#${names.channel(channel)}${message ? " › 💬" : ""}`;
  return h("button", { type: "button", class: "pill", title: url, onclick: go }, h("bdi", {}, label));
}

function time(seconds, style, names) {
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return `<t:${seconds}>`;
  const relative = style === "R" && { "data-relative": date.getTime() };
  return h(
    "time",
    { datetime: date.toISOString(), title: styledTime(date, "F"), ...relative },
    styledTime(date, style, names.now()),
  );
}

function spoiler(inside) {
  const hidden = h("span", { class: "spoiler-text" }, inside);
  const show = () => box.classList.add("shown");
  const box = h("button", { type: "button", class: "spoiler", title: say("spoiler"), onclick: show }, hidden);
  return box;
}
