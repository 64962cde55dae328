// Notices when the screen changes during a session (another monitor, browser zoom, a smaller window) and tells once.

import { difference, readConditions } from "./conditions.js";

const SETTLE = 1000; // ms without a further change

export class ConditionsWatch {
  /** @param tell (changed) after a change has settled */
  constructor(tell) {
    this.tell = tell;
  }

  enable() {
    this.known = readConditions(window);
    addEventListener("resize", this.#later);
    this.timer = setInterval(this.#later, 10_000); // a window dragged to a screen of equal ratio raises no event
  }

  disable() {
    removeEventListener("resize", this.#later);
    clearInterval(this.timer);
    clearTimeout(this.settling);
  }

  #later = () => {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => {
      const now = readConditions(window);
      const changed = difference(this.known, now);
      this.known = now;
      if (changed) this.tell(changed);
    }, SETTLE);
  };
}
