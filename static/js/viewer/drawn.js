// Which candidates were drawn on this screen: nobody can pick what they have not been shown.

import { nameOf } from "../protocols/picks.js";

export class Drawn {
  constructor(session, stage, trouble) {
    Object.assign(this, { stage, trouble, slots: new Set() });
    session.addEventListener("trial", () => this.slots.clear());
    stage.addEventListener("lost", () => this.slots.clear());
    stage.addEventListener("painted", () => this.#note());
  }

  /** Why a slot cannot be picked yet, or null; what does not load can be reported, and then picked. */
  reason(slot) {
    if (this.slots.has(slot) || this.trouble.reported.has(slot)) return null;
    return this.trouble.failing.has(slot)
      ? `${nameOf(slot)} could not be loaded: retry, or report it in its pane.`
      : `${nameOf(slot)} is not on the screen yet. Wait until its picture is loaded.`;
  }

  #note() {
    for (const pane of this.stage.visible) if (pane.missing === 0) this.slots.add(pane.shown);
  }
}
