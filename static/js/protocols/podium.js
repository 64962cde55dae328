// The podium: what stands on each place, in the bar.

import { element } from "../page/dom.js";
import { ORDINALS } from "./picks.js";

export class Podium {
  constructor(session, place) {
    Object.assign(this, { session, place });
    session.addEventListener("picks", () => this.render());
  }

  render() {
    const { picks, places } = this.session;
    this.place.replaceChildren(
      ...Array.from({ length: places }, (_, index) => this.#step(index, picks[index])),
    );
  }

  #step(index, slot) {
    const name = slot ? `${slot}` : "–";
    const label = slot
      ? `${ORDINALS[index]} ${name}: take candidate ${name} off`
      : `${ORDINALS[index]} –: empty`;
    return element(
      "button",
      {
        type: "button",
        class: "step",
        "data-place": index + 1,
        "data-slot": slot ?? false,
        "aria-label": label,
        title: label,
        "data-filled": String(Boolean(slot)),
        onclick: () => slot && this.session.takeOff(slot),
      },
      [element("span", { class: "ordinal" }, ORDINALS[index]), " ", element("span", { class: "who" }, name)],
    );
  }
}
