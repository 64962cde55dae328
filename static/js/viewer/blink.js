// What is shown while held, by key or by button: the input, or the last two in turn at a chosen rate.

import { Panel } from "../page/panel.js";
import { _ } from "../page/texts.js";
import { INPUT } from "./arrangement.js";

/** Changes a second. More than three flashes a second can harm, so no rate goes beyond. */
const RATES = [1, 2, 3];

export class Blink extends Panel {
  /** @param place what belongs to alternating, shown in the blink view only */
  constructor(stage, views, place, say) {
    super();
    Object.assign(this, { stage, views, place, say, rate: 2 });
  }

  begin() {
    this.listen(this.views, "change", () => this.#render());
    this.#render();
  }

  end() {
    this.alternate(false);
    this.peek(false);
    this.place.hidden = true;
  }

  nextRate() {
    this.rate = RATES[(RATES.indexOf(this.rate) + 1) % RATES.length];
  }

  /** While held, every pane shows the input in place of its candidate. */
  peek(down) {
    if (down || this.stage.covered !== null) this.stage.cover(down ? INPUT : null);
  }

  /** While held, the last two alternate. */
  alternate(down) {
    clearInterval(this.timer);
    this.timer = null;
    if (!down) return void this.peek(false);
    if (!this.views.single) return void this.say(_("Alternating works in the blink view: press B."));
    if (!this.views.swaps) return void this.say(_("View two candidates first, one after the other."));
    this.views.swap();
    this.timer = setInterval(() => this.views.swap(), 1000 / this.rate);
  }

  #render() {
    this.place.hidden = !this.views.state || !this.views.single;
  }
}
