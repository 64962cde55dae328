// Learns that the study goes on, pauses or ends while nothing is sent that would tell: asks now and then where a
// notice stands that may have become untrue, and whenever the judge comes back to the page.

export const ASKED_EVERY = 20; // seconds; a study that is open tells by its answers

const told = ({ state, withdrawn, skipped }) => JSON.stringify([state, withdrawn, skipped]);

export class StudyWatch {
  /**
   * @param ask (url) => Promise<{status, body}> of a trial's data
   * @param changed () after a change of the study's state
   */
  constructor(session, { ask, changed }) {
    Object.assign(this, { session, ask, changed });
  }

  /** @param every (act, seconds) calls `act` again and again; @param shown () whether somebody can see the page */
  enable(every, shown) {
    every(() => shown() && ["paused", "draft"].includes(this.session.data.state) && this.look(), ASKED_EVERY);
  }

  /** Ask now. Where the server cannot be reached the notice stays as it is. */
  async look() {
    const { data } = this.session;
    const { status, body } = await this.ask(data.links.data).catch(() => ({ status: 0 }));
    if (status !== 200 || this.session.data !== data) return;
    if (told(body) === told(data)) return;
    this.session.setState(body);
    this.changed();
  }
}
