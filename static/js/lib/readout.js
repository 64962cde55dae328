// States the scale in device pixels and says when the screen cannot be exact, and why.

import { setText } from "./dom.js";
import { isExact, scaleLabel } from "./scale.js";

export class Readout {
  constructor(stage, place) {
    Object.assign(this, { stage, place });
    stage.addEventListener("painted", () => this.render());
  }

  render() {
    const { scale } = this.stage.view;
    const fault = this.stage.fault;
    const quality = !isExact(scale) ? "reduced" : fault ? "not exact" : "exact";
    setText(this.place, `${scaleLabel(scale)} ${quality}`);
    this.place.title = fault ?? "Screen pixels to image pixels";
    this.place.dataset.scale = scale;
  }
}
