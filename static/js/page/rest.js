// Says once in a while that a break would do good: eyes that judge for long see less. Time is handed in, in seconds.

const PAUSE = 300; // seconds without a sign of the judge that are a break

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
