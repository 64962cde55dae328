// Listens to the keyboard of the whole page and runs commands.

import { keyOf, SlotNumber, toFollow } from "./keys.js";
import { Panel } from "./panel.js";

const TYPING = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]";
const OWN_ENTER = "button, a, summary, [role=button], input";
const OWN_RANGE = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"]);
/** ms that a digit waits which may begin a longer number. */
const NUMBER_WAITS = 1000;
/** A key whose release was missed (a remote desktop, a system shortcut) counts as repeating for so many ms only. */
const REPEATS = 1000;

export class Keyboard extends Panel {
  /**
   * @param numbers () => what digits mean: {most, take(number), none(number)}; numbers go from 1 to `most`
   * @param asked () what is being said by keys and takes them before all commands: {press(pressed)}, or null
   */
  constructor(trial, commands, { numbers, asked = () => null, say }) {
    super();
    Object.assign(this, { trial, commands, numbers, asked, say, down: new Map(), late: new Set() });
  }

  begin() {
    this.listen(this.trial, "open", () => this.#begin());
    this.listen(globalThis, "keydown", this.#down);
    this.listen(globalThis, "keyup", this.#up);
    this.listen(globalThis, "blur", () => this.#leave());
    this.listen(globalThis, "pointerdown", () => this.#settle(), { capture: true });
    if (this.trial.data) this.#begin();
  }

  end() {
    this.#leave();
  }

  /** Keys that are down when another image comes were meant for the one before: they count again when released. */
  #begin() {
    clearTimeout(this.waiting);
    this.number = new SlotNumber(this.numbers().most);
    this.late = new Set(this.down.keys());
  }

  #down = (event) => {
    const name = event.code || event.key;
    const repeats = event.repeat || event.timeStamp - (this.down.get(name) ?? -Infinity) < REPEATS;
    this.down.set(name, event.timeStamp);
    const asked = this.asked();
    const pressed = keyOf(event, (key) => !asked && this.commands.ofKey(key) !== undefined);
    if (!pressed) return;
    const again = repeats || this.late.has(name);
    if (asked && !elsewhere(event, {}) && this.#said(asked, pressed, again)) event.preventDefault();
    else this.#run(event, name, pressed, repeats);
  };

  #run(event, name, pressed, repeats) {
    const { digit, shift } = pressed;
    const command = digit === undefined ? this.commands.ofKey(pressed.key) : { id: "number", answers: true };
    if (!command || elsewhere(event, command)) return;
    event.preventDefault();
    if (repeats && !command.repeats) return;
    if (command.hold) this.#hold(command, event.code);
    else if (command.answers && this.late.has(name)) return;
    else if (digit !== undefined) this.#digit(digit);
    else if (!this.#endsNumber(command, pressed.key)) command.run({ shift });
  }

  /** Give a key to what is being said; says whether it took it. A number that was begun comes first. */
  #said(asked, pressed, ignored) {
    if (ignored) return pressed.digit !== undefined || /^[A-Z]$/.test(pressed.key);
    if (
      pressed.digit === undefined &&
      this.#endsNumber({ takesBack: pressed.key === "Backspace" }, pressed.key)
    )
      return true;
    return asked.press(pressed);
  }

  #up = (event) => {
    const name = event.code || event.key;
    this.down.delete(name);
    this.late.delete(name);
    if (this.holding?.code !== event.code) return;
    event.preventDefault();
    this.#release();
  };

  #leave() {
    this.down.clear();
    this.late.clear();
    this.#release();
    this.#forget();
  }

  #hold(command, code) {
    this.#release();
    this.holding = { command, code };
    command.hold(true);
  }

  #release() {
    const { command } = this.holding ?? {};
    this.holding = null;
    command?.hold(false);
  }

  /** What another key does to a number that was begun; says whether the key has done its work by that. */
  #endsNumber(command, key) {
    if (command.takesBack) return this.#forget();
    return this.#settle() && key === "Enter";
  }

  /** Give up a number that was begun, and take what stands on the screen of it away. */
  #forget() {
    clearTimeout(this.waiting);
    const begun = this.number?.cancel() === true;
    if (begun) this.say("", { seen: true });
    return begun;
  }

  /** Take the number as it stands; says whether one was begun. */
  #settle() {
    clearTimeout(this.waiting);
    const found = this.number?.finish();
    if (!found) return false;
    this.say("", { seen: true });
    this.#take(found);
    return true;
  }

  #digit(digit) {
    clearTimeout(this.waiting);
    const begun = this.number.begun !== "";
    const { most } = this.numbers();
    if (!begun && this.number.slots !== most) this.number = new SlotNumber(most);
    const found = this.number.press(digit);
    if (begun) this.say("", { seen: true });
    if (found.pending === undefined) return this.#take(found);
    this.say(toFollow(found.pending, this.number.slots), { urgent: true });
    if (Number(found.pending)) this.waiting = setTimeout(() => this.#settle(), NUMBER_WAITS);
    return undefined;
  }

  #take({ slot, unknown }) {
    if (slot) this.numbers().take(slot);
    else this.say(this.numbers().none(unknown));
  }
}

/** Keys that belong to what has the focus: text fields, open dialogs, Enter and Space on buttons. */
function elsewhere({ target, key }, { id }) {
  if (!(target instanceof Element)) return false;
  if (target.closest(TYPING)) return id !== "escape";
  if (target.closest("dialog[open]")) return id !== "help";
  if (target.matches("input[type=range]") && OWN_RANGE.has(key)) return true;
  return (key === "Enter" || key === " ") && target.matches(OWN_ENTER);
}
