// Where the judge is and how far it still is. After going on, nothing is answered for a moment: a key or a click that
// was meant for the image before would count for this one; until then the page does not say that it is at the new image.

import { setText } from "./dom.js";
import { Panel } from "./panel.js";
import { _ } from "./texts.js";

const TAKES = 300; // ms: about as long as a hand goes on with what it began

/**
 * "about 25 min left" for so many trials at `pace` seconds each; "" when nothing can or need be said. The overview page
 * says it in the same words (studyapp/core/pace.py).
 */
export function timeLeft(pace, trials) {
  if (!pace || trials < 1) return "";
  const minutes = (pace * trials) / 60;
  const step = minutes < 10 ? 1 : 5;
  const whole = Math.max(1, step * Math.floor(minutes / step + 0.5));
  const [hours, rest] = [Math.floor(whole / 60), whole % 60];
  const values = { hours, minutes: rest };
  if (!hours) return _("about %(minutes)s min left", values);
  if (!rest) return _("about %(hours)s h left", values);
  return _("about %(hours)s h %(minutes)s min left", values);
}

export class Progress extends Panel {
  /** @param places {image, dot, answered, left}; @param answered () how many are answered */
  constructor(trial, places, answered) {
    super();
    Object.assign(this, { trial, places, answered, opening: false });
  }

  begin() {
    this.listen(this.trial, "open", () => this.#open());
    if (this.trial.data) this.render();
  }

  end() {
    this.#settle();
  }

  /** Why nothing can be answered now, or null. */
  get hindrance() {
    return this.opening ? _("This is already the next one. Press or click again to answer it.") : null;
  }

  render() {
    const { practice, data } = this.trial;
    const { image, dot, answered, left } = this.places;
    const done = this.answered();
    const time = practice ? "" : timeLeft(data.pace, data.total - done);
    const { all, opening } = this.trial.says;
    setText(image, this.opening ? opening : this.#name);
    image.title = time ? `${all} (${time})` : all;
    dot.hidden = practice;
    setText(answered, practice ? "" : _("%(count)s done", { count: done }));
    setText(left, time && ` · ${time}`);
  }

  get #name() {
    const { position, total } = this.trial.data;
    if (this.trial.practice)
      return total > 1
        ? _("Practice %(position)s of %(total)s, does not count", { position, total })
        : _("Practice, does not count");
    return this.trial.says.at({ position, total });
  }

  #open() {
    document.title = this.trial.practice ? _("Practice") : this.#name;
    this.opening = this.begun === true; // there is no image before the first
    this.begun = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#settle(), TAKES);
    this.render();
  }

  #settle() {
    clearTimeout(this.timer);
    this.opening = false;
    this.render();
  }
}
