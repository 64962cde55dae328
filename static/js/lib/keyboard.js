// Listens to the keyboard of the whole page and hands actions to their owners.

import { letterOf } from "./ballot.js";
import { SlotDigits, actionOf, digitsToFollow } from "./keys.js";

const TYPING = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]";
const TAKES_BACK = ["undo", "escape"];
const OWN_ENTER = "button, a, summary, [role=button], input";

export class Keyboard {
  /** @param actions name => function(event details); @param held names whose release is told too: name => function(down) */
  constructor(session, actions, held = {}) {
    Object.assign(this, { session, actions, held });
    session.addEventListener("trial", () => {
      this.digits = new SlotDigits(session.slots.length);
    });
  }

  enable() {
    addEventListener("keydown", this.#down);
    addEventListener("keyup", this.#up);
    addEventListener("blur", this.#release);
    addEventListener("pointerdown", this.#forget, true);
  }

  disable() {
    removeEventListener("keydown", this.#down);
    removeEventListener("keyup", this.#up);
    removeEventListener("blur", this.#release);
    removeEventListener("pointerdown", this.#forget, true);
  }

  #down = (event) => {
    const found = actionOf(event, this.session.places);
    if (!found || this.#elsewhere(event, found)) return;
    const { action } = found;
    if (this.held[action]) {
      event.preventDefault();
      if (!event.repeat) this.#hold(action, event.code);
      return;
    }
    const act = action === "digit" ? this.#digit : this.actions[action];
    if (!act) return;
    event.preventDefault();
    if (action !== "digit" && this.#forget() && TAKES_BACK.includes(action)) return;
    if (event.repeat && !action.startsWith("pan")) return;
    act(found);
  };

  #up = (event) => {
    if (this.holding?.code !== event.code) return;
    event.preventDefault();
    this.#release();
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
    if (target.matches(TYPING)) return action !== "escape";
    if (target.closest("dialog[open]")) return action !== "help";
    return (event.key === "Enter" || event.key === " ") && target.matches(OWN_ENTER);
  }

  /** Give up a number that was begun, and take what stands on the screen of it away. */
  #forget = () => {
    const begun = this.digits?.cancel() === true;
    if (begun) this.session.say("", { seen: true });
    return begun;
  };

  #digit = ({ value }) => {
    const { slot, pending, unknown } = this.digits.press(value);
    if (pending !== undefined)
      this.session.say(`${digitsToFollow(pending, this.digits.slots, letterOf)}. Escape takes it back.`, { urgent: true });
    else if (unknown !== undefined) this.session.say(`There is no candidate ${unknown}.`);
    else this.actions.choose(slot);
  };
}
