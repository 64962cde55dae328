// The five views and the way between them. Position and scale stay; only who is shown changes. Tells "change" (of the
// view or the marks), "shown" (of who is shown) and "number" (a candidate's number was given where that shows nothing).

import { _ } from "../page/texts.js";
import {
  arrange,
  choose,
  enter,
  INPUT,
  isOffered,
  isSteady,
  refusal,
  shownSlots,
  toggleMark,
} from "./arrangement.js";
import { placePanes } from "./geometry.js";

const overlaid = (count, aspect, area, step) =>
  Array.from({ length: count }, () => placePanes(1, aspect, area, step)[0]);

/**
 * How a question wants its panes to stand.
 * @typedef {object} PaneLayout
 * @property grid (slots) the slots of the grid, in their order
 * @property place where panes stand (geometry.js)
 * @property lasting views that another image opens in again
 * @property shortlist whether there is one
 */
const USUAL = { grid: (slots) => [INPUT, ...slots], place: placePanes, lasting: [], shortlist: true };

export class Views extends EventTarget {
  #layout = USUAL;

  constructor(stage, selection, say) {
    super();
    Object.assign(this, { stage, selection, say });
    selection.addEventListener("chosen", () => this.#change(choose(this.state, selection.current)));
    stage.addEventListener("choose", ({ detail }) => detail.slot !== INPUT && selection.choose(detail.slot));
  }

  /** From the next image on panes stand so; null: as usual. */
  setLayout(layout) {
    this.#layout = { ...USUAL, ...layout };
  }

  /** Another image begins in the grid, or in the view before where that is to last. */
  reset(slots) {
    this.state = this.#opening(slots);
    this.stage.show(shownSlots(this.state), this.#placer(this.mode));
    this.#tell("change");
  }

  /** What is shown first of an image with these slots: {shown, place}. */
  firstOf(slots) {
    const state = this.#opening(slots);
    return { shown: shownSlots(state), place: this.#placer(state.mode) };
  }

  #opening(slots) {
    const { grid, lasting } = this.#layout;
    const before = this.state?.mode;
    return arrange(slots, { grid: grid(slots), mode: lasting.includes(before) ? before : "grid" });
  }

  #placer(mode) {
    return mode === "split" ? overlaid : this.#layout.place;
  }

  /** Show the candidates of the grid in this order. */
  order(slots) {
    this.#change({
      ...this.state,
      grid: [...this.state.grid.filter((slot) => !slots.includes(slot)), ...slots],
    });
  }

  get mode() {
    return this.state.mode;
  }

  get shown() {
    return shownSlots(this.state);
  }

  /** Whether a view shows anything that the grid does not. */
  offers(mode) {
    if (mode === "shortlist" && !this.#layout.shortlist) return false;
    return !this.state || isOffered(this.state, mode);
  }

  /** Whether one picture fills the window. */
  get single() {
    return this.shown.length === 1;
  }

  get blinking() {
    return this.mode === "blink";
  }

  /** Show a view; the one that is shown already leads back to the grid, and side by side goes from two to three. */
  enter(mode, { shift = false } = {}) {
    const { count, slots } = this.state;
    if (mode !== this.mode) return this.#enter(mode, mode === "versus" ? 2 + Number(shift) : count);
    if (mode === "versus" && count === 2 && slots.length > 2) return this.#enter("versus", 3);
    return mode === "grid" ? undefined : this.#enter("grid");
  }

  /** A candidate's number was typed or clicked: it is chosen, and shown where it is not. */
  press(slot) {
    if (slot === INPUT) return;
    this.selection.choose(slot);
    if (isSteady(this.state) && this.selection.current === slot)
      this.dispatchEvent(new CustomEvent("number", { detail: { slot } }));
  }

  toggleMark(slot = this.selection.aimed) {
    if (!slot) return this.say(_("Point at a candidate, click it or press C first."));
    this.state = toggleMark(this.state, slot);
    if (this.mode === "shortlist") this.#enter(this.state.marked.length ? "shortlist" : "grid");
    return this.#tell("change");
  }

  /** The one before the current in blink: back and forth between two; one alone alternates with the input. */
  swap() {
    if (this.state.slots.length < 2) this.stage.cover(this.stage.covered === null ? INPUT : null);
    else if (this.state.before) this.selection.choose(this.state.before);
  }

  /** Whether there are two to alternate. */
  get swaps() {
    return this.state.slots.length < 2 || this.state.before !== null;
  }

  #enter(mode, count = this.state.count) {
    const reason = refusal(this.state, mode);
    if (reason) return this.say(reason);
    this.#change(enter(this.state, mode, count), true);
    return this.#tell("change");
  }

  #change(next, entered = false) {
    const before = shownSlots(this.state);
    this.state = next;
    const now = shownSlots(next);
    if (!entered && String(before) === String(now)) return;
    if (!entered && before.length === now.length) this.stage.swap(now);
    else this.stage.show(now, this.#placer(next.mode));
    this.#tell("shown");
  }

  #tell(name) {
    this.dispatchEvent(new Event(name));
  }
}
