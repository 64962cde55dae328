// Where the judge is and how far it still is. After going on, nothing is answered for a moment: a key or a click that
// was meant for the image before would count for this one; until then the page does not say that it is at the new image.

import { setText } from "./dom.js";
import { Panel } from "./panel.js";

const TAKES = 300; // ms: about as long as a hand goes on with what it began

/**
 * "about 25 min left" for so many images at `pace` seconds each; "" when nothing can or need be said. The overview page
 * says it in the same words (studyapp/core/pace.py).
 */
export function timeLeft(pace, images) {
  if (!pace || images < 1) return "";
  const minutes = (pace * images) / 60;
  const step = minutes < 10 ? 1 : 5;
  const whole = Math.max(1, step * Math.floor(minutes / step + 0.5));
  const [hours, rest] = [Math.floor(whole / 60), whole % 60];
  const parts = [hours && `${hours} h`, rest && `${rest} min`].filter(Boolean);
  return `about ${parts.join(" ")} left`;
}

export class Progress extends Panel {
  /** @param places {image, dot, answered, left}; @param answered () how many images are answered */
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
    return this.opening ? "This is another image already. Press or click again if you mean this one." : null;
  }

  render() {
    const { practice, data } = this.trial;
    const { image, dot, answered, left } = this.places;
    const done = this.answered();
    const time = practice ? "" : timeLeft(data.pace, data.total - done);
    setText(image, this.opening ? "Opening the image" : this.#name);
    image.title = time ? `All your images (${time})` : "All your images";
    dot.hidden = practice;
    setText(answered, practice ? "" : `${done} done`);
    setText(left, time && ` · ${time}`);
  }

  get #name() {
    const { position, total } = this.trial.data;
    return this.trial.practice ? "Practice, not counted" : `Image ${position} of ${total}`;
  }

  #open() {
    document.title = this.trial.practice ? "Practice" : this.#name;
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
