// Held keys of the blink view: one shows the input, one alternates the last two at a chosen rate.

import { INPUT } from "./arrangement.js";

/** Changes a second. More than three flashes a second can harm, so no rate goes beyond. */
export const RATES = [1, 2, 3];

export class Blink {
  constructor(session, stage, views, rateButton) {
    Object.assign(this, { session, stage, views, rateButton, rate: 2 });
  }

  enable() {
    this.rateButton.onclick = () => {
      this.rate = RATES[(RATES.indexOf(this.rate) + 1) % RATES.length];
      this.#render();
    };
    this.#render();
  }

  disable() {
    this.rateButton.onclick = null;
    this.alternate(false);
    this.peek(false);
  }

  /** While held, every pane shows the input in place of its candidate. */
  peek = (down) => this.stage.cover(down ? INPUT : null);

  /** While held, the last two alternate. */
  alternate = (down) => {
    clearInterval(this.timer);
    this.timer = null;
    if (!down) return;
    if (!this.views.blinking) return void this.session.say("Alternating works in the blink view: press B.");
    if (!this.views.state.before) return void this.session.say("Show two candidates first, one after the other.");
    this.views.swap();
    this.timer = setInterval(() => this.views.swap(), 1000 / this.rate);
  };

  #render() {
    this.rateButton.textContent = `${this.rate}/s`;
  }
}
