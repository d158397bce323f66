// Round pictures for people and bots: an initial on a colour that stays the same for a name.

import { h, icon } from "./dom.js";
import { session, userName } from "./session.js";

const COLOURS = 6;

/** A person's picture; decoration, because the name always stands beside it. */
export function avatar(user, more = {}) {
  const own = user?.id === session.bot?.id;
  const name = userName(user);
  const picture = h("span", {
    class: `avatar colour-${own ? "mate" : colourOf(name)}`,
    "aria-hidden": "true",
    ...more,
  });
  picture.append(own ? icon("helm") : user?.bot ? icon("robot") : [...name][0].toUpperCase());
  return picture;
}

function colourOf(name) {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return sum % COLOURS;
}
