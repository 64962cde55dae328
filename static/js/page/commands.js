// The one list of what a page can do. The keyboard, the buttons with their tooltips, the help and the table of keys in
// docs/reference/keys.md are made of it.
//
// A command is {id, group, keys, does, run} and, where it needs them,
//   label      of its buttons; a function where it changes
//   does       in an imperative sentence without its full stop, in the reader's language
//   sign       the label is a sign, which screen readers hear together with what it does
//   listed     (slots) => its keys in words, or null; instead of `keys` in lists
//   hold       (down) instead of run: it works while the key or the button is held
//   panel      it is there as long as this panel is on
//   hidden     () => whether this study or image has no use for it: then it has no button and its key says why
//   refusal    () => why it cannot be run now, or null
//   pressed    () => whether what it switches is on
//   answers    it changes the answer
//   again      it is meant to be run again and again: by a double click
//   repeats    it is run again and again while its key is held
//   takesBack  it gives up a number that was begun, and does nothing else then

import { either } from "./texts.js";

/** Letters and names of keys as keys.js has them; "@Q" is the key at that position of a US keyboard. */
const WRITTEN = {
  PageUp: "Page Up",
  PageDown: "Page Down",
  " ": "Space",
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
};

export class Commands {
  constructor(list = []) {
    this.byId = new Map();
    this.byKey = new Map();
    this.add(list);
  }

  add(list) {
    for (const command of list) {
      this.byId.set(command.id, command);
      for (const key of command.keys ?? []) {
        if (this.byKey.has(key)) throw new Error(`two commands have the key ${key}`);
        this.byKey.set(key, command);
      }
    }
  }

  remove(list) {
    for (const { id, keys = [] } of list) {
      this.byId.delete(id);
      for (const key of keys) this.byKey.delete(key);
    }
  }

  /** The command of that id, or undefined while there is none. */
  get(id) {
    return available(this.byId.get(id));
  }

  /** The command that a key runs now, or undefined. */
  ofKey(key) {
    return available(this.byKey.get(key));
  }

  /** @param how {shift} held, {mouse} by a button */
  run(id, how = {}) {
    return this.get(id)?.run(how);
  }

  get list() {
    return [...this.byId.values()].filter((command) => available(command) && !command.hidden?.());
  }
}

const available = (command) => (command && (command.panel?.on ?? true) ? command : undefined);

/** Commands under the same heading of the list of keys; one that has its own keeps it. */
export const grouped = (group, commands) => commands.map((command) => ({ group, ...command }));

export const labelOf = ({ label }) => (typeof label === "function" ? label() : (label ?? ""));

/** "The whole image (F)": what a button's tooltip says. */
export function titleOf({ does, keys = [] }) {
  const key = keys.find((name) => !name.startsWith("@"));
  return does + (key ? ` (${written(key)})` : "");
}

/**
 * Groups of a list for people: [[group, [[keys, what they do], ...]], ...]; commands that do the same share a row.
 * @param nameOfKey what is printed on the key at a position of a US keyboard
 */
export function rowsOf(commands, { slots = 12, nameOfKey = (letter) => letter } = {}) {
  const groups = new Map();
  for (const command of commands) {
    const keys = command.listed ? command.listed(slots) : spelled(command.keys ?? [], nameOfKey);
    if (!keys || !command.does) continue;
    if (!groups.has(command.group)) groups.set(command.group, new Map());
    const rows = groups.get(command.group);
    rows.set(command.does, [...(rows.get(command.does) ?? []), keys]);
  }
  return [...groups].map(([group, rows]) => [group, [...rows].map(([does, keys]) => [keys.join(" "), does])]);
}

function spelled(keys, nameOfKey) {
  const names = keys.map((key) => (key.startsWith("@") ? nameOfKey(key.slice(1)) : written(key)));
  return either(names);
}

const written = (key) => WRITTEN[key] ?? key;
