// What is shown while held, by key or by button: the input, or the last two in turn at a chosen rate.

import { INPUT } from "./arrangement.js";

/** Changes a second. More than three flashes a second can harm, so no rate goes beyond. */
export const RATES = [1, 2, 3];

const ENDS = ["pointerup", "pointercancel", "lostpointercapture"];

export class Blink {
  /** @param buttons {rate, peek, alternate} */
  constructor(session, stage, views, buttons) {
    Object.assign(this, { session, stage, views, buttons, rate: 2 });
    this.presses = [
      [buttons.peek, this.peek],
      [buttons.alternate, this.alternate],
    ].map(([button, act]) => ({ button, down: (event) => this.#hold(event, act), up: () => act(false) }));
  }

  enable() {
    for (const { button, down, up } of this.presses) {
      button.addEventListener("pointerdown", down);
      for (const end of ENDS) button.addEventListener(end, up);
    }
    this.buttons.rate.onclick = () => {
      this.rate = RATES[(RATES.indexOf(this.rate) + 1) % RATES.length];
      this.#render();
    };
    this.#render();
  }

  disable() {
    for (const { button, down, up } of this.presses) {
      button.removeEventListener("pointerdown", down);
      for (const end of ENDS) button.removeEventListener(end, up);
    }
    this.buttons.rate.onclick = null;
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
    if (!this.views.state.before)
      return void this.session.say("Show two candidates first, one after the other.");
    this.views.swap();
    this.timer = setInterval(() => this.views.swap(), 1000 / this.rate);
  };

  #hold(event, act) {
    event.currentTarget.setPointerCapture(event.pointerId);
    act(true);
  }

  #render() {
    this.buttons.rate.textContent = `${this.rate}/s`;
  }
}
