// Rings with a gap, one after the other; the judge says by arrow key or button where the gap is.

import { element } from "../page/dom.js";
import { _ } from "../page/texts.js";

const KEYS = { ArrowUp: "up", ArrowRight: "right", ArrowDown: "down", ArrowLeft: "left" };
const BUTTONS = [
  ["up", "↑", () => _("Up")],
  ["left", "←", () => _("Left")],
  ["none", "?", () => _("I cannot see it")],
  ["right", "→", () => _("Right")],
  ["down", "↓", () => _("Down")],
];

export class RingTest {
  /**
   * @param place {canvas, keys, start, result}: elements of the page
   * @param make () => a test with `side`, `done`, `answer(side)` and `result`, or null where it cannot be made
   * @param draw (test, canvas) draws what the test shows
   * @param done (result) after the last ring
   */
  constructor(place, { make, draw, done }) {
    Object.assign(this, { place, make, draw, done, test: null });
    place.keys.replaceChildren(
      ...BUTTONS.map(([side, sign, name]) =>
        element(
          "button",
          {
            type: "button",
            class: `button ${side}`,
            "aria-label": name(),
            title: name(),
            onclick: () => this.#answer(side === "none" ? null : side),
          },
          sign,
        ),
      ),
    );
    place.start.addEventListener("click", () => this.#begin());
    place.keys.parentElement.addEventListener("keydown", (event) => this.#key(event));
    this.#show();
  }

  /** Draw again, as the window is another. */
  render() {
    this.draw(this.test, this.place.canvas);
  }

  #begin() {
    this.test = this.make();
    this.#show();
    if (this.test) this.place.keys.querySelector(".none").focus();
  }

  #key(event) {
    const side = KEYS[event.key];
    if (!this.test || !side || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    if (!event.repeat) this.#answer(side);
  }

  #answer(side) {
    if (!this.test) return;
    this.test.answer(side);
    if (this.test.done) {
      const { result } = this.test;
      this.test = null;
      this.#show();
      this.place.start.focus();
      this.done(result);
      return;
    }
    this.#show();
  }

  #show() {
    this.place.keys.hidden = this.test === null;
    this.place.canvas.parentElement.hidden = this.test === null;
    this.place.start.hidden = this.test !== null;
    if (this.test) this.render();
  }
}
