// Round pictures for people and bots: an initial on a colour that stays the same.

import { h, icon } from "./dom.js";
import { session, userName } from "./session.js";

const COLOURS = 6n;

/** A person's picture; decoration, because the name always stands beside it. */
export function avatar(user, more = {}) {
  const own = user?.id === session.bot?.id;
  const name = userName(user);
  const picture = h("span", {
    class: `avatar colour-${own ? "mate" : colourOf(user)}`,
    "aria-hidden": "true",
    ...more,
  });
  picture.append(own ? icon("helm") : user?.bot ? icon("robot") : [...name][0].toUpperCase());
  return picture;
}

/** By the id, as Discord does: neighbours differ. */
function colourOf(user) {
  return BigInt(user?.id ?? 0) % COLOURS;
}
