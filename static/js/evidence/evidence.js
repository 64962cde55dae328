// What is kept beside the answers: what was looked at, what did not load, changes of the screen. With an answer goes what
// it can carry; the rest is sent alone.

import { Panel } from "../page/panel.js";
import { randomId } from "../page/random-id.js";
import { _, listed } from "../page/texts.js";
import { alteredReport, ConditionsWatch, changeReport, openedReport, readConditions } from "./conditions.js";
import { Looking } from "./looking.js";
import { Reports } from "./reports.js";

/** Whether the browser shows pictures pixel by pixel; null before it was measured. */
function exactness({ inexact }) {
  if (inexact === undefined) return null;
  return inexact ? "no" : "yes";
}

export class Evidence extends Panel {
  /** @param loadErrors which slots the judge has reported */
  constructor({ trial, answer, stage, views, loadErrors, send, storage }) {
    super();
    Object.assign(this, { trial, answer, stage, loadErrors });
    this.reports = new Reports({ send, storage });
    this.looking = new Looking(trial, stage, views);
    this.watch = new ConditionsWatch(
      () => readConditions(window, exactness(stage)),
      (changed) => this.#note(changeReport, changed),
    );
  }

  begin() {
    this.looking.enable();
    this.watch.enable();
    this.listen(globalThis, "online", () => this.reports.catchUp());
    this.listen(globalThis, "pagehide", () => this.leave({ outlive: true }));
    this.listen(document, "visibilitychange", () => document.hidden && this.leave({ outlive: true }));
    this.listen(this.stage, "measured", () => this.#opened(), { once: true });
    this.reports.catchUp();
  }

  end() {
    this.looking.disable();
    this.watch.disable();
  }

  /** What goes with the answer; the server says by `rule` that it keeps it. */
  get beside() {
    if (!this.on || !this.trial.data.rule) return {};
    const looking = this.#lookedAt;
    this.reports.carry(looking);
    return { looking };
  }

  /** The judge leaves the image, or the page: what was looked at after the last answer has none to go with. */
  leave(options) {
    const url = this.trial.data?.links.looking;
    if (this.on && url && !this.trial.shut) this.reports.leave(url, this.#lookedAt, options);
  }

  /** The pictures came other than they were sent. */
  noteAltered() {
    this.#note(alteredReport);
  }

  /** Whether the study wants every candidate seen at 1:1, and the server has not yet said that they were. */
  get wantsAllSeen() {
    return this.on && this.trial.data.rule?.see_all_at_1_1 === true && !this.answer.accepted;
  }

  /** What of the study's rule is missing, or null. */
  get missing() {
    if (!this.wantsAllSeen) return null;
    const unseen = this.looking.unseen.filter((slot) => !this.loadErrors.reported.has(slot));
    return unseen.length
      ? _("Look at every candidate at 1:1 first. Not seen yet: %(slots)s.", { slots: listed(unseen) })
      : null;
  }

  get #lookedAt() {
    return { ...this.looking.report(), reported: [...this.loadErrors.reported] };
  }

  #opened() {
    this.#note(openedReport, this.watch.readAgain());
  }

  #note(report, ...more) {
    const { trial, links } = this.trial.data;
    if (links.conditions)
      this.reports.note(randomId(), links.conditions, report(trial, new Date().toISOString(), ...more));
  }
}
