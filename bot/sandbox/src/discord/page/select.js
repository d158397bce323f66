// A select menu under a message: a button that opens a listbox.

import { emoji, h, icon, step } from "./dom.js";
import { session, userName } from "./session.js";
import { say } from "./words.js";

const USER_SELECT = 5;
const CHANNEL_SELECT = 8;

/** Makes the menu; `send` is called with the values that were chosen. */
export function select(part, busy, send) {
  const options = optionsOf(part);
  const label = part.placeholder || say("choose");
  const chosen = options.filter((option) => option.default).map((option) => option.label);
  const shown = chosen.join(", ") || label;
  const opener = h(
    "button",
    {
      type: "button",
      class: `select${busy ? " busy" : ""}`,
      disabled: part.disabled,
      title: shown,
      "aria-haspopup": "listbox",
      "aria-expanded": "false",
      "aria-label": chosen.length ? `${label}: ${shown}` : label,
      "data-custom-id": part.custom_id,
    },
    h("bdi", { class: chosen.length ? "" : "placeholder" }, shown),
    icon("chevron"),
  );
  const box = h("div", { class: "select-box" }, opener);
  opener.onclick = () => box.querySelector(".select-list") ?? new List({ part, options, label, box, opener, send });
  return box;
}

/** User and channel menus list what the page knows of. */
function optionsOf(part) {
  if (part.type === USER_SELECT) return session.people.map((person) => ({ label: userName(person), value: person.id }));
  if (part.type === CHANNEL_SELECT) return session.channels.map(({ name, id }) => ({ label: name, value: id }));
  return part.options ?? [];
}

/** The open listbox. One choice is sent at once, several when it is closed by Done, Enter or a press outside. */
class List {
  constructor({ part, options, label, box, opener, send }) {
    Object.assign(this, { options, box, opener, send });
    this.least = part.min_values ?? 1;
    this.most = part.max_values ?? 1;
    this.several = this.most > 1;
    this.chosen = new Set(options.filter((option) => option.default).map((option) => option.value));
    this.before = [...this.chosen].join();
    this.hint = h("span", { class: "select-hint", role: "status" });
    this.open(label);
  }

  open(label) {
    const several = this.several && "true";
    this.list = h(
      "ul",
      { role: "listbox", tabindex: "-1", "aria-label": label, "aria-multiselectable": several },
      this.options.map((option) => this.row(option)),
    );
    const finish = () => this.finish();
    const done = h("button", { type: "button", class: "button primary", onclick: finish }, say("done"));
    const foot = this.several && h("div", { class: "select-foot" }, this.hint, done);
    this.panel = h("div", { class: "select-list", onkeydown: (event) => this.key(event) }, this.list, foot);
    this.box.append(this.panel);
    this.opener.setAttribute("aria-expanded", "true");
    this.outside = (event) => this.box.contains(event.target) || this.leave();
    document.addEventListener("pointerdown", this.outside, true);
    (this.list.querySelector("[aria-selected=true]") ?? this.list.firstElementChild)?.focus();
    this.panel.scrollIntoView({ block: "nearest" });
  }

  row(option) {
    const { label, description, value } = option;
    const text = [h("bdi", {}, label), description && h("small", {}, h("bdi", {}, description))];
    return h(
      "li",
      {
        role: "option",
        tabindex: "-1",
        "data-value": value,
        "aria-selected": String(this.chosen.has(value)),
        onclick: () => this.choose(value),
      },
      emoji(option.emoji),
      h("span", { class: "option-text" }, text),
      h("span", { class: this.several ? "check-box" : "check-mark" }, icon("check")),
    );
  }

  choose(value) {
    if (!this.several) this.chosen.clear();
    if (!this.chosen.delete(value) && this.chosen.size < this.most) this.chosen.add(value);
    if (!this.several) return this.finish();
    for (const row of this.list.children) row.setAttribute("aria-selected", String(this.chosen.has(row.dataset.value)));
  }

  finish() {
    if (this.chosen.size < this.least) {
      this.hint.textContent = say("chooseAtLeast", { count: this.least });
      return;
    }
    this.close(true);
    this.send(this.options.map((option) => option.value).filter((value) => this.chosen.has(value)));
  }

  /** A press outside sends a changed choice of several, as in Discord. */
  leave() {
    const changed = [...this.chosen].join() !== this.before;
    if (this.several && changed && this.chosen.size >= this.least) this.finish();
    else this.close(false);
  }

  close(refocus) {
    document.removeEventListener("pointerdown", this.outside, true);
    this.panel.remove();
    this.opener.setAttribute("aria-expanded", "false");
    if (refocus) this.opener.focus();
  }

  key(event) {
    const rows = [...this.list.children];
    const at = rows.indexOf(document.activeElement);
    const moves = {
      ArrowDown: step(at, 1, rows.length),
      ArrowUp: step(at, -1, rows.length),
      Home: 0,
      End: rows.length - 1,
    };
    if (event.key === "Escape") this.close(true);
    else if (at < 0) return;
    else if (event.key in moves) rows[moves[event.key]].focus();
    else if (event.key === " " || (event.key === "Enter" && !this.several)) this.choose(rows[at].dataset.value);
    else if (event.key === "Enter") this.finish();
    else if (event.key === "Tab" && !this.several) return this.close(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
