// The loupe: at the spot under the pointer, every pane shows its own pixels magnified in a square.

import { Panel } from "../page/panel.js";
import { _ } from "../page/texts.js";
import { imagePoint } from "./geometry.js";

const SIDE = 180; // CSS px
const FACTORS = [1, 2, 4, 8];

/** Scale of the loupe over a view: at least 1:1 and always larger than the view, in whole numbers. */
export function loupeScale(viewScale, factor) {
  const scale = Math.max(1, Math.floor(viewScale)) * factor;
  return scale > viewScale ? scale : Math.floor(viewScale) + 1;
}

/** Device square of the loupe in a pane, and the view it shows. */
export function loupeView(view, size, device, side, factor) {
  const left = Math.round(Math.min(Math.max(device.x - side / 2, 0), size.width - side));
  const top = Math.round(Math.min(Math.max(device.y - side / 2, 0), size.height - side));
  const point = imagePoint(view, size, device);
  return {
    left,
    top,
    size: { width: side, height: side },
    view: { cx: point.x, cy: point.y, scale: loupeScale(view.scale, factor) },
  };
}

export class Loupe extends Panel {
  constructor(stage) {
    super();
    Object.assign(this, { stage, factor: 0 });
  }

  end() {
    this.set(0);
  }

  get label() {
    if (!this.factor) return _("Loupe");
    return _("Loupe %(scale)s:1", { scale: loupeScale(this.stage.view.scale, this.factor) });
  }

  /** Off, then 1, 2, 4, 8 times: each press goes on to the next. */
  cycle() {
    this.set(this.factor === 0 ? FACTORS[0] : (FACTORS[FACTORS.indexOf(this.factor) + 1] ?? 0));
  }

  set(factor) {
    const was = this.factor;
    this.factor = factor;
    if (factor && !was) this.stage.element.addEventListener("pointermove", this.#follow, true);
    if (!factor && was) this.stage.element.removeEventListener("pointermove", this.#follow, true);
    this.device ??= { x: this.stage.size.width / 2, y: this.stage.size.height / 2 };
    this.#show();
  }

  #follow = (event) => {
    const pane = event.target.closest?.(".pane");
    if (!pane) return;
    const { left, top } = pane.getBoundingClientRect();
    const { dpr } = this.stage;
    this.device = { x: (event.clientX - left) * dpr, y: (event.clientY - top) * dpr };
    this.#show();
  };

  #show() {
    const { stage, factor, device } = this;
    const side = (size) => Math.round(Math.min(SIDE * stage.dpr, 0.6 * Math.min(size.width, size.height)));
    stage.inset = factor ? (view, size) => loupeView(view, size, device, side(size), factor) : null;
    stage.refresh();
  }
}
