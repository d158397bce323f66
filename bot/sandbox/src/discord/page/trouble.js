// The trouble menu: what can go wrong between the bot and Discord, on request.

import { byId } from "./dom.js";
import { openMenu } from "./menu.js";
import { post, session } from "./session.js";
import { say } from "./words.js";

const CLOSE_CODES = [1000, 1001, 4000, 4004, 4009, 4013, 4014];
const REQUESTS = 3;

/** Draws the button: it shows that something is switched on. */
export function showTrouble() {
  const on = session.faults.length > 0;
  const label = on ? say("troubleOn", { list: session.faults.map(inWords).join(say("comma")) }) : say("trouble");
  byId("trouble").classList.toggle("on", on);
  byId("trouble").setAttribute("aria-label", label);
  byId("trouble").title = label;
}

/** A trouble that lasts, as the local Discord names it. */
function inWords({ kind, status, ms, left }) {
  const what = say(`lasting-${kind}`, { status, seconds: ms / 1000 });
  return left === undefined ? what : what + say("lasting-left", { left });
}

/** Opens the menu; `failed` is told what the local Discord refuses. */
export function openTrouble(event, failed) {
  openMenu(event, say("trouble"), items(failed), "trouble-menu");
}

function items(failed) {
  const fault = (label, body) => ({ label, name: nameOf(body), run: () => post("fault", body).catch(failed) });
  const status = (code) => fault(say(`fault${code}`), { kind: "status", status: code, requests: REQUESTS });
  const slow = (ms) => fault(say("faultSlow", { seconds: ms / 1000 }), { kind: "slow", ms });
  return [
    fault(say("faultOff"), { kind: "off" }),
    { title: say("troubleRest") },
    status(429),
    status(500),
    status(503),
    slow(1500),
    slow(4000),
    { title: say("troubleGateway") },
    fault(say("faultDrop"), { kind: "drop" }),
    ...CLOSE_CODES.map((code) => fault(say("faultClose", { code }), { kind: "close", code })),
    fault(say("faultCloseNone"), { kind: "close", code: null }),
    fault(say("faultOp7"), { kind: "op7" }),
    fault(say("faultOp9Yes"), { kind: "op9", resumable: true }),
    fault(say("faultOp9No"), { kind: "op9", resumable: false }),
    fault(say("faultUnparsable"), { kind: "unparsable" }),
  ];
}

/** A stable name for tests: "status-429", "close-none", "op9-false". */
function nameOf({ kind, status, ms, code, resumable }) {
  const detail = status ?? ms ?? resumable ?? (kind === "close" ? (code ?? "none") : undefined);
  return detail === undefined ? kind : `${kind}-${detail}`;
}
