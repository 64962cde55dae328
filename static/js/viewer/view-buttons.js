// One button for each view.

import { element } from "../page/dom.js";
import { MODES } from "./arrangement.js";

const NAMES = {
  grid: ["Grid", "All candidates and the input (G)"],
  shortlist: ["Kept", "Only the candidates that you keep (S)"],
  versus: ["Pair", "Two side by side; again: three (V)"],
  blink: ["Blink", "One fills the window, digits switch in place (B)"],
  split: ["Split", "Two at the same spot with a movable divider (D)"],
};

export class ViewButtons {
  constructor(views, place) {
    this.views = views;
    this.buttons = new Map(
      MODES.map((mode) => [
        mode,
        element(
          "button",
          {
            type: "button",
            class: "button",
            title: NAMES[mode][1],
            "data-view": mode,
            onclick: () => views.enter(mode),
          },
          NAMES[mode][0],
        ),
      ]),
    );
    place.replaceChildren(...this.buttons.values());
    views.addEventListener("change", () => this.render());
  }

  render() {
    const { mode, state } = this.views;
    for (const [name, button] of this.buttons) button.setAttribute("aria-pressed", String(name === mode));
    this.buttons.get("versus").textContent = mode === "versus" && state.count === 3 ? "Three" : "Pair";
  }
}
