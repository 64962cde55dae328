// One line for what just happened, read out by screen readers; urgent ones stay until the next,
// and what is plain to see on the podium is only read out.

import { setText } from "./dom.js";

const SHOWN_FOR = 6000; // ms

export class Messages {
  constructor(session, place) {
    this.place = place;
    session.addEventListener("said", ({ detail }) => this.show(detail));
    session.addEventListener("trial", () => this.hide());
  }

  show({ text, urgent, seen }) {
    clearTimeout(this.timer);
    setText(this.place, text);
    this.place.classList.toggle("urgent", urgent);
    this.place.classList.toggle("shown", !seen);
    if (!urgent) this.timer = setTimeout(() => this.hide(), SHOWN_FOR);
  }

  hide() {
    clearTimeout(this.timer);
    this.place.classList.remove("shown");
  }
}
