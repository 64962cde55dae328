// Listens to the keyboard of the whole page and hands actions to their owners.

import { SlotDigits, actionOf } from "./keys.js";

const TYPING = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]";
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
  }

  disable() {
    removeEventListener("keydown", this.#down);
    removeEventListener("keyup", this.#up);
    removeEventListener("blur", this.#release);
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
    if (action !== "digit") this.digits?.cancel();
    event.preventDefault();
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

  #digit = ({ value }) => {
    const { slot, pending, unknown } = this.digits.press(value);
    if (pending) this.session.say("1_: one more digit, 0 for 10, 1 for 11, and so on.");
    else if (unknown !== undefined) this.session.say(`There is no candidate ${unknown}.`);
    else this.actions.choose(slot);
  };
}
