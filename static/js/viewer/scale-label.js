// States the scale in device pixels, and "exact" only while it is: all that is shown is drawn, came as it was sent,
// and the browser puts it on the screen pixel for pixel. Else it says what is wrong.

import { setText } from "../page/dom.js";
import { Panel } from "../page/panel.js";
import { _ } from "../page/texts.js";
import { ALTERED } from "./pixel-exactness.js";
import { isExact, scaleLabel } from "./scale.js";

export class ScaleLabel extends Panel {
  constructor(stage, place) {
    super();
    Object.assign(this, { stage, place });
  }

  begin() {
    this.listen(this.stage, "painted lost", () => this.#render());
  }

  end() {
    setText(this.place, "");
  }

  #render() {
    const { scale } = this.stage.view;
    const [quality, meaning] = this.#quality(scale);
    setText(this.place, `${scaleLabel(scale)} ${quality}`);
    this.place.title = meaning;
    this.place.dataset.scale = scale;
  }

  #quality(scale) {
    const { visible, inexact } = this.stage;
    if (visible.some((pane) => pane.lost)) return [_("no picture"), _("The browser lost the pictures.")];
    if (visible.some((pane) => pane.altered)) return [_("not exact"), ALTERED];
    if (!isExact(scale))
      return [_("reduced"), _("Screen pixels to image pixels: shown smaller than the file")];
    if (inexact) return [_("not exact"), inexact];
    if (visible.some((pane) => pane.missing !== 0))
      return [_("loading"), _("Part of this view is still loading")];
    return [_("exact"), _("Screen pixels to image pixels: every pixel as in the file")];
  }
}
