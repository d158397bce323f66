// A light touch of colour in code blocks: comments, strings, keys and numbers.
// Four kinds are enough for the shell, YAML and JSON that people paste here.

import { h } from "./dom.js";

const STRING = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/;
const HASH = /(?<=^|\s)#[^\n]*/m;
const NUMBER = /\b\d+(?:\.\d+)?\b/;

/** language: [[class, pattern]…], tried together from left to right. */
const LANGUAGES = {
  yaml: [
    ["comment", HASH],
    ["key", /^[ \t-]*[\w./-]+(?=:(?:\s|$))/m],
    ["string", STRING],
    ["number", NUMBER],
  ],
  json: [
    ["key", /"(?:[^"\\\n]|\\.)*"(?=\s*:)/],
    ["string", STRING],
    ["number", /-?\b\d+(?:\.\d+)?\b|\b(?:true|false|null)\b/],
  ],
  bash: [
    ["comment", HASH],
    ["string", STRING],
    ["key", /(?<=^|[|;&]\s*)(?:sudo )?[\w./-]+/m],
    ["number", /(?<=\s)--?[A-Za-z][\w-]*/],
  ],
  diff: [
    ["removed", /^-[^\n]*/m],
    ["added", /^\+[^\n]*/m],
    ["comment", /^@@[^\n]*/m],
  ],
};
const SAME = { yml: "yaml", sh: "bash", shell: "bash", console: "bash" };

/** The code as nodes, coloured where the language is known. */
export function paint(code, language) {
  const name = language?.toLowerCase();
  const rules = LANGUAGES[SAME[name] ?? name];
  if (!rules) return [code];
  const any = new RegExp(rules.map(([, rule]) => `(${rule.source})`).join("|"), "gm");
  const out = [];
  let done = 0;
  for (const match of code.matchAll(any)) {
    const kind = rules[match.slice(1).findIndex((group) => group !== undefined)][0];
    out.push(code.slice(done, match.index), h("span", { class: `code-${kind}` }, match[0]));
    done = match.index + match[0].length;
  }
  return [...out, code.slice(done)];
}
