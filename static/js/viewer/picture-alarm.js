// Tells the judge, once each, that the pictures were changed on their way or that the browser has lost them.

import { ALTERED } from "./scale-label.js";

const LOST =
  "The browser has lost the pictures: its graphics process restarted. They are drawn again as soon as it is back. " +
  "If they stay away, reload the page; your picks are kept.";

export class PictureAlarm {
  /** @param tellAltered () the organisers learn of it too */
  constructor(session, stage, tellAltered) {
    Object.assign(this, { session, stage, tellAltered });
    stage.addEventListener("painted", () => this.#check());
    stage.addEventListener("lost", () => session.say(LOST, { urgent: true }));
    stage.addEventListener("restored", () => session.say("The pictures are back.", { seen: true }));
  }

  #check() {
    if (this.told || !this.stage.visible.some((pane) => pane.altered)) return;
    this.told = true;
    this.session.say(ALTERED, { urgent: true });
    this.tellAltered();
  }
}
