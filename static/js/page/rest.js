// Says once in a while that a break would do good: eyes that judge for long see less.

import { Panel } from "./panel.js";

const PAUSE = 300; // seconds without a sign of the judge that are a break
const BREAK = "You have been judging for a while. A short break rests the eyes; everything saved stays.";

/** When a break is due. Time is handed in, in seconds. */
export class Rest {
  /** @param after seconds of judging after which to say it; 0 for never */
  constructor(after, now) {
    Object.assign(this, { after, begun: now, last: now });
  }

  /** The judge did something; tells whether a break is due, once for each stretch of work. */
  wake(now) {
    if (now - this.last >= PAUSE) this.begun = now;
    this.last = now;
    if (!this.after || now - this.begun < this.after) return false;
    this.begun = now;
    return true;
  }
}

export class BreakReminder extends Panel {
  /** @param after seconds of judging after which to say it; 0 for never */
  constructor(after, say) {
    super();
    Object.assign(this, { after, say });
  }

  begin() {
    const now = () => performance.now() / 1000;
    const rest = new Rest(this.after, now());
    const wake = () => rest.wake(now()) && this.say(BREAK);
    this.listen(globalThis, "pointerdown keydown wheel", wake, { passive: true });
  }
}
