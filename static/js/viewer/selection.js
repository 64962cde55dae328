// The candidate that keys apply to: the chosen one, or the one under the mouse since then. Tells "chosen" and "aimed".

import { Panel } from "../page/panel.js";
import { _ } from "../page/texts.js";

const NUDGE = 12; // CSS px: a mouse that is only knocked does not take over from the keys

export class Selection extends EventTarget {
  constructor(say) {
    super();
    Object.assign(this, { say, slots: [], current: null, pointed: null });
  }

  /** Another image begins with nothing chosen. */
  open(slots) {
    Object.assign(this, { slots, current: null, pointed: null });
    this.#tell("aimed");
  }

  get aimed() {
    return this.pointed ?? this.current;
  }

  /** The pointer moved onto a slot, or off all (null). */
  point(slot) {
    if (slot === this.pointed) return;
    this.pointed = slot;
    this.#tell("aimed");
  }

  choose(slot) {
    if (!this.slots.includes(slot)) return this.say(_("There is no candidate %(slot)s.", { slot }));
    this.current = slot;
    this.pointed = null;
    this.#tell("aimed");
    return this.#tell("chosen");
  }

  /** Choose the next slot (step 1) or the one before (-1), in the order of the numbers. */
  cycle(step) {
    const { slots } = this;
    const at = slots.indexOf(this.aimed);
    const next = at < 0 ? slots.at(step > 0 ? 0 : -1) : slots[(at + step + slots.length) % slots.length];
    return this.choose(next);
  }

  #tell(name) {
    this.dispatchEvent(new Event(name));
  }
}

/** Points at the candidate under the mouse or pen. */
export class Pointing extends Panel {
  constructor(selection, element) {
    super();
    Object.assign(this, { selection, element, last: null, rest: null });
  }

  begin() {
    this.listen(this.element, "pointermove", this.#move);
    this.listen(this.element, "pointerleave", () => this.end());
    // A candidate chosen otherwise stays the one until the mouse moves away from where it was.
    this.listen(this.selection, "chosen", () => {
      this.rest = this.last;
    });
  }

  end() {
    this.last = null;
    this.rest = null;
    this.selection.point(null);
  }

  #move = ({ pointerType, clientX: x, clientY: y, target }) => {
    if (pointerType === "touch") return;
    this.last = { x, y };
    if (this.rest && Math.hypot(x - this.rest.x, y - this.rest.y) < NUDGE) return;
    this.rest = null;
    const slot = Number(target.closest?.(".pane")?.dataset.slot ?? 0);
    this.selection.point(slot || null);
  };
}
