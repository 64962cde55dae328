// Regions of interest that the organiser gave: every judge sees the same crops, first and by a key.

import { _ } from "../page/texts.js";
import { fitScale } from "./scale.js";

/** The view of a region: 1:1, or larger in whole numbers while all of it fits. */
export function regionView([x, y, width, height], size) {
  const scale = Math.max(1, Math.floor(fitScale({ width, height }, size)));
  return { cx: x + width / 2, cy: y + height / 2, scale };
}

export class Regions {
  constructor(stage, overlays, say) {
    Object.assign(this, { stage, overlays, say, list: [], index: -1 });
  }

  /** The regions of the image on the stage; the first one is shown, unless the view is to stay. */
  open(list, { stay = false } = {}) {
    Object.assign(this, { list, index: -1 });
    if (list.length && !stay) this.#go(0);
  }

  step({ shift = false } = {}) {
    const { length } = this.list;
    if (!length) return this.say(_("The organisers marked no regions in this image."));
    return this.#go((Math.max(this.index, shift ? 0 : -1) + (shift ? -1 : 1) + length) % length);
  }

  #go(index) {
    this.index = index;
    const { cx, cy, scale } = regionView(this.list[index], this.stage.size);
    this.stage.goTo(cx, cy, scale);
    this.overlays.set("region", this.list[index]);
    this.say(
      _("Region %(position)s of %(total)s. Press J for the next one.", {
        position: index + 1,
        total: this.list.length,
      }),
    );
  }
}
