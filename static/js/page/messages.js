// One line for what just happened, read out by screen readers; what is plain to see is only read out.
// Urgent ones stay as long as they are true (`holds`), or until the next.

import { setText } from "./dom.js";
import { Panel } from "./panel.js";

const SHOWN_FOR = 6000; // ms
const ASKED_EVERY = 500; // ms: whether an urgent one still holds

export class Messages extends Panel {
  constructor(trial, place) {
    super();
    Object.assign(this, { trial, place });
  }

  begin() {
    this.listen(this.trial, "open", () => this.hide());
  }

  end() {
    this.hide();
  }

  /** @param holds () => whether an urgent message is still true; @param seen it can be seen elsewhere on the page */
  say = (text, { urgent = false, seen = false, holds = null } = {}) => {
    if (!this.on) return;
    clearTimeout(this.timer);
    clearInterval(this.asking);
    setText(this.place, text);
    this.place.classList.toggle("urgent", urgent);
    this.place.classList.toggle("shown", !seen);
    if (!urgent) this.timer = setTimeout(() => this.hide(), SHOWN_FOR);
    else if (holds) this.asking = setInterval(() => holds() || this.hide(), ASKED_EVERY);
  };

  hide() {
    clearTimeout(this.timer);
    clearInterval(this.asking);
    this.place.classList.remove("shown");
  }
}
