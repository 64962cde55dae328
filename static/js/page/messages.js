// One line for what just happened, read out by screen readers; what is plain to see on the podium is only read out.
// Urgent ones stay as long as they are true (`holds`), or until the next.

import { setText } from "./dom.js";

const SHOWN_FOR = 6000; // ms
const ASKED_EVERY = 500; // ms: whether an urgent one still holds

export class Messages {
  constructor(session, place) {
    this.place = place;
    session.addEventListener("said", ({ detail }) => this.show(detail));
    session.addEventListener("trial", () => this.hide());
  }

  show({ text, urgent, seen, holds }) {
    clearTimeout(this.timer);
    clearInterval(this.asking);
    setText(this.place, text);
    this.place.classList.toggle("urgent", urgent);
    this.place.classList.toggle("shown", !seen);
    if (!urgent) this.timer = setTimeout(() => this.hide(), SHOWN_FOR);
    else if (holds) this.asking = setInterval(() => holds() || this.hide(), ASKED_EVERY);
  }

  hide() {
    clearTimeout(this.timer);
    clearInterval(this.asking);
    this.place.classList.remove("shown");
  }
}
