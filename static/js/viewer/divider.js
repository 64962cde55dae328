// The movable divider of the split view: left of it one candidate, right of it the other, at the same spot.

import { Panel } from "../page/panel.js";
import { floorTo } from "./geometry.js";

const KEY_STEP = 0.02;

export class Divider extends Panel {
  constructor(stage, views, handle) {
    super();
    Object.assign(this, { stage, views, handle, at: 0.5 });
  }

  begin() {
    this.listen(this.stage, "arranged", () => this.#render());
    this.listen(this.views, "change", () => this.#render());
    this.listen(this.handle, "pointerdown", this.#press);
    this.listen(this.handle, "keydown", this.#key);
    this.#render();
  }

  end() {
    this.#render();
  }

  #render() {
    const split = this.on && this.views.state?.mode === "split";
    this.handle.hidden = !split;
    this.stage.panes.forEach((pane, index) => {
      pane.root.classList.toggle("over", split && index === 1);
      pane.cut(split && index === 1 ? this.#cutAt(pane.rect) : 0);
    });
    if (split) this.#place(this.stage.panes[0].rect);
  }

  #cutAt({ width }) {
    return Math.max(this.stage.step, floorTo(width * this.at, this.stage.step));
  }

  #place(rect) {
    const { style } = this.handle;
    style.left = `${rect.left + this.#cutAt(rect)}px`;
    style.top = `${rect.top}px`;
    style.height = `${rect.height}px`;
    this.handle.setAttribute("aria-valuenow", String(Math.round(this.at * 100)));
  }

  #move(at) {
    this.at = Math.min(0.99, Math.max(0.01, at));
    this.#render();
  }

  #press = (event) => {
    event.preventDefault();
    this.handle.setPointerCapture(event.pointerId);
    const { left, width } = this.stage.panes[0].rect;
    const move = ({ clientX }) => this.#move((clientX - left) / width);
    const release = () => {
      this.handle.removeEventListener("pointermove", move);
      this.handle.removeEventListener("pointerup", release);
      this.handle.removeEventListener("pointercancel", release);
    };
    this.handle.addEventListener("pointermove", move);
    this.handle.addEventListener("pointerup", release);
    this.handle.addEventListener("pointercancel", release);
  };

  #key = (event) => {
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!way) return;
    event.preventDefault();
    event.stopPropagation();
    this.#move(this.at + way * KEY_STEP);
  };
}
