// The five views and the way between them. Position and scale stay; only who is shown changes.

import { arrange, choose, enter, INPUT, PICKING, refusal, shownSlots, toggleMark } from "./arrangement.js";
import { placePanes } from "./geometry.js";

const overlaid = (count, aspect, area, step) =>
  Array.from({ length: count }, () => placePanes(1, aspect, area, step)[0]);

export class Views extends EventTarget {
  constructor(session, stage) {
    super();
    Object.assign(this, { session, stage });
    session.addEventListener(
      "current",
      () => session.current && this.#change(choose(this.state, session.current)),
    );
  }

  /** A new trial begins in the grid. */
  reset(slots) {
    this.state = arrange(slots);
    this.stage.show(shownSlots(this.state));
    this.#tell();
  }

  get mode() {
    return this.state.mode;
  }
  get shown() {
    return shownSlots(this.state);
  }
  get picking() {
    return PICKING.has(this.mode);
  }
  get blinking() {
    return this.mode === "blink";
  }

  /** Show a view; the one that is shown already leads back to the grid, and side by side goes from two to three. */
  enter(mode, { shift = false } = {}) {
    const { state } = this;
    if (mode === state.mode && mode === "versus" && state.count === 2 && state.slots.length > 2)
      return this.#enter("versus", 3);
    if (mode === state.mode && mode !== "grid") return this.#enter("grid");
    return this.#enter(mode, mode === "versus" ? (shift ? 3 : 2) : state.count);
  }

  /** A number, typed or clicked: gives a place in the picking views, changes who is shown in the others. */
  act(slot) {
    if (slot === INPUT) return undefined;
    return this.picking ? this.session.pick(slot) : this.session.choose(slot);
  }

  toggleMark(slot = this.session.aimed) {
    if (!slot) return this.session.say("Choose a candidate first.");
    this.state = toggleMark(this.state, slot);
    if (this.mode === "shortlist") this.#enter(this.state.marked.length ? "shortlist" : "grid");
    return this.#tell();
  }

  /** The one before the current in blink: back and forth between two. */
  swap() {
    if (this.state.before) this.session.choose(this.state.before);
  }

  #enter(mode, count) {
    const reason = refusal(this.state, mode);
    if (reason) return this.session.say(reason);
    this.#change(enter(this.state, mode, count), true);
    return this.#tell();
  }

  #change(next, entered = false) {
    const before = shownSlots(this.state);
    this.state = next;
    const now = shownSlots(next);
    if (!entered && String(before) === String(now)) return;
    if (!entered && before.length === now.length) this.stage.swap(now);
    else this.stage.show(now, next.mode === "split" ? overlaid : placePanes);
    this.dispatchEvent(new Event("shown"));
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}
