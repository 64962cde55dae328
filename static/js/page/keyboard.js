// Listens to the keyboard of the whole page and hands actions to their owners.

import { actionOf, SlotNumber, toFollow } from "./keys.js";

const TYPING = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]";
const TAKES_BACK = ["undo", "escape"];
const OWN_ENTER = "button, a, summary, [role=button], input";
/** What changes the answer; the rest only looks. */
const ANSWERS = new Set(["digit", "place", "place-next", "undo"]);
/** ms that a digit waits which may begin a longer number. */
const NUMBER_WAITS = 1000;
/** A key whose release was missed (a remote desktop, a system shortcut) counts as repeating for so many ms only. */
const REPEATS = 1000;

export class Keyboard {
  /** @param actions name => function(event details); @param held names whose release is told too: name => function(down) */
  constructor(session, actions, held = {}) {
    Object.assign(this, { session, actions, held, down: new Map(), late: new Set() });
    session.addEventListener("trial", () => this.#begin());
  }

  enable() {
    addEventListener("keydown", this.#down);
    addEventListener("keyup", this.#up);
    addEventListener("blur", this.#leave);
    addEventListener("pointerdown", this.#settle, true);
  }

  disable() {
    removeEventListener("keydown", this.#down);
    removeEventListener("keyup", this.#up);
    removeEventListener("blur", this.#leave);
    removeEventListener("pointerdown", this.#settle, true);
  }

  /** Keys that are down when another image comes were meant for the one before: they count again when released. */
  #begin() {
    clearTimeout(this.waiting);
    this.number = new SlotNumber(this.session.slots.length);
    this.late = new Set(this.down.keys());
  }

  #down = (event) => {
    const name = event.code || event.key;
    const repeats = event.repeat || event.timeStamp - (this.down.get(name) ?? -Infinity) < REPEATS;
    this.down.set(name, event.timeStamp);
    const found = actionOf(event, this.session.places);
    if (!found || this.#elsewhere(event, found)) return;
    const { action } = found;
    if (this.held[action]) {
      event.preventDefault();
      if (!repeats) this.#hold(action, event.code);
      return;
    }
    const act = action === "digit" ? this.#digit : this.actions[action];
    if (!act) return;
    event.preventDefault();
    if (repeats && !action.startsWith("pan")) return;
    if (ANSWERS.has(action) && this.late.has(name)) return;
    if (action !== "digit" && this.#endsNumber(action)) return;
    act(found);
  };

  #up = (event) => {
    const name = event.code || event.key;
    this.down.delete(name);
    this.late.delete(name);
    if (this.holding?.code !== event.code) return;
    event.preventDefault();
    this.#release();
  };

  #leave = () => {
    this.down.clear();
    this.late.clear();
    this.#release();
    this.#forget();
  };

  #hold(action, code) {
    this.#release();
    this.holding = { action, code };
    this.held[action](true);
  }

  #release = () => {
    if (!this.holding) return;
    const { action } = this.holding;
    this.holding = null;
    this.held[action](false);
  };

  /** Keys that belong to what has the focus: text fields, open dialogs, Enter and Space on buttons. */
  #elsewhere(event, { action }) {
    const { target } = event;
    if (!(target instanceof Element)) return false;
    if (target.closest(TYPING)) return action !== "escape";
    if (target.closest("dialog[open]")) return action !== "help";
    return (event.key === "Enter" || event.key === " ") && target.matches(OWN_ENTER);
  }

  /** What another key does to a number that was begun; says whether the key has done its work by that. */
  #endsNumber(action) {
    if (TAKES_BACK.includes(action)) return this.#forget();
    return this.#settle() && action === "place-next";
  }

  /** Give up a number that was begun, and take what stands on the screen of it away. */
  #forget() {
    clearTimeout(this.waiting);
    const begun = this.number?.cancel() === true;
    if (begun) this.session.say("", { seen: true });
    return begun;
  }

  /** Take the number as it stands; says whether one was begun. */
  #settle = () => {
    clearTimeout(this.waiting);
    const found = this.number?.finish();
    if (!found) return false;
    this.session.say("", { seen: true });
    this.#choose(found);
    return true;
  };

  #digit = ({ value }) => {
    clearTimeout(this.waiting);
    const begun = this.number.begun !== "";
    const found = this.number.press(value);
    if (begun) this.session.say("", { seen: true });
    if (found.pending === undefined) return this.#choose(found);
    this.session.say(toFollow(found.pending, this.number.slots), { urgent: true });
    if (Number(found.pending)) this.waiting = setTimeout(this.#settle, NUMBER_WAITS);
    return undefined;
  };

  #choose({ slot, unknown }) {
    if (slot) this.actions.choose(slot);
    else this.session.say(`There is no candidate ${unknown}.`);
  }
}
