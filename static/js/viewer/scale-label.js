// States the scale in device pixels, and "exact" only while it is: all that is shown is drawn, came as it was sent,
// and the browser puts it on the screen pixel for pixel. Else it says what is wrong.

import { setText } from "../page/dom.js";
import { isExact, scaleLabel } from "./scale.js";

export const ALTERED =
  "The pictures were changed on their way to you, by a proxy, a carrier or an extension that compresses pictures. " +
  "What you see is not what the teams made: use another network or browser, and tell the organisers.";

export class Readout {
  constructor(stage, place) {
    Object.assign(this, { stage, place });
    for (const name of ["painted", "lost"]) stage.addEventListener(name, () => this.render());
  }

  render() {
    const { scale } = this.stage.view;
    const [quality, meaning] = this.#quality(scale);
    setText(this.place, `${scaleLabel(scale)} ${quality}`);
    this.place.title = meaning;
    this.place.dataset.scale = scale;
  }

  #quality(scale) {
    const { visible, fault } = this.stage;
    if (visible.some((pane) => pane.lost)) return ["no picture", "The browser has lost the pictures."];
    if (visible.some((pane) => pane.altered)) return ["not exact", ALTERED];
    if (!isExact(scale)) return ["reduced", "Screen pixels to image pixels: smaller than the file"];
    if (fault) return ["not exact", fault];
    if (visible.some((pane) => pane.missing !== 0))
      return ["loading", "Not all of what is shown is loaded yet"];
    return ["exact", "Screen pixels to image pixels: each pixel is the file's"];
  }
}
