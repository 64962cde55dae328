// After going on, nothing is answered for a moment: a key or a click that was meant for the image before would count
// for this one. Until then the page does not say that it is at the new image.

import { setText } from "./dom.js";

const TAKES = 300; // ms: about as long as a hand goes on with what it began

export class Opening {
  /** @param place where the page says at which image it is */
  constructor(session, place) {
    Object.assign(this, { session, place, over: true });
    session.addEventListener("trial", () => this.#begin());
  }

  /** Why nothing can be answered now, or null. */
  get reason() {
    return this.over ? null : "This is another image already. Press or click again if you mean this one.";
  }

  get name() {
    const { kind, position, total } = this.session.data;
    return kind === "practice" ? "Practice, not counted" : `Image ${position} of ${total}`;
  }

  #begin() {
    clearTimeout(this.timer);
    const first = !this.timer;
    if (first) this.#end();
    else {
      this.over = false;
      setText(this.place, "Opening the image");
    }
    this.timer = setTimeout(() => this.#end(), TAKES);
  }

  #end() {
    this.over = true;
    setText(this.place, this.name);
  }
}
