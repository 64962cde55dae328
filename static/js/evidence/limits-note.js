// A line above the pictures while screen or window are not as the study needs them. Answers are saved all the same, and
// the organisers see under which conditions.

import { element } from "../page/dom.js";
import { Panel } from "../page/panel.js";
import { _ } from "../page/texts.js";
import { readConditions } from "./conditions.js";
import { outside, remedies } from "./limits.js";

export class LimitsNote extends Panel {
  constructor(trial, place) {
    super();
    Object.assign(this, { trial, place });
  }

  begin() {
    for (const news of ["open", "state"]) this.listen(this.trial, news, () => this.#render());
    this.listen(globalThis, "resize", () => this.#render());
    if (this.trial.data) this.#render();
  }

  end() {
    this.place.hidden = true;
  }

  #render() {
    const { viewing, links } = this.trial.data;
    const now = readConditions(window);
    const unmet = viewing && !this.trial.shut ? outside(viewing, now) : [];
    this.place.hidden = unmet.length === 0;
    if (unmet.length === 0) return;
    this.place.replaceChildren(
      element("span", {}, [
        ...remedies(unmet, viewing, now).flatMap((text) => [text, " "]),
        element("a", { href: links.screen }, _("Check your screen")),
      ]),
    );
  }
}
