// The candidate under the mouse or pen is the one that Enter and the places' keys apply to.

const NUDGE = 12; // CSS px: a mouse that is only knocked does not take over from the keys

export class Pointing {
  constructor(session, element) {
    Object.assign(this, { session, element, last: null, rest: null });
    // A candidate chosen otherwise stays the one until the mouse moves away from where it was.
    session.addEventListener("current", () => {
      this.rest = this.last;
    });
  }

  enable() {
    this.element.addEventListener("pointermove", this.#move);
    this.element.addEventListener("pointerleave", this.#leave);
  }

  disable() {
    this.element.removeEventListener("pointermove", this.#move);
    this.element.removeEventListener("pointerleave", this.#leave);
    this.#leave();
  }

  #move = ({ pointerType, clientX: x, clientY: y, target }) => {
    if (pointerType === "touch") return;
    this.last = { x, y };
    if (this.rest && Math.hypot(x - this.rest.x, y - this.rest.y) < NUDGE) return;
    this.rest = null;
    const slot = Number(target.closest?.(".pane")?.dataset.slot ?? 0);
    this.session.point(slot || null);
  };

  #leave = () => {
    this.last = null;
    this.rest = null;
    this.session.point(null);
  };
}
