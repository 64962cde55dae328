// Learns that the study goes on, pauses or ends while nothing is sent that would tell: asks now and then where a
// notice stands that may have become untrue, and whenever the judge comes back to the page.

import { Panel } from "./panel.js";

export const ASKED_EVERY = 20; // seconds; a study that is open tells by its answers

const told = ({ state, withdrawn, skipped }) => JSON.stringify([state, withdrawn, skipped]);

export class StudyWatch extends Panel {
  /**
   * @param ask (url) => Promise<{status, body}> of a trial's data
   * @param changed () after a change of the study's state
   * @param page the document: whether somebody can see it
   */
  constructor(trial, { ask, changed, page = globalThis.document }) {
    super();
    Object.assign(this, { trial, ask, changed, page });
  }

  begin() {
    this.every(ASKED_EVERY * 1000, () => this.#waiting() && this.look());
    this.listen(this.page, "visibilitychange", () => !this.page.hidden && this.look());
  }

  /** Ask now. Where the server cannot be reached the notice stays as it is. */
  async look() {
    const { data } = this.trial;
    const { status, body } = await this.ask(data.links.data).catch(() => ({ status: 0 }));
    if (!this.on || status !== 200 || this.trial.data !== data) return;
    if (told(body) === told(data)) return;
    this.trial.follow(body);
    this.changed();
  }

  #waiting() {
    return !this.page.hidden && ["paused", "draft"].includes(this.trial.data.state);
  }
}
