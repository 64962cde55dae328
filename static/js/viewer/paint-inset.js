// Draws the loupe's square into a pane that is painted already.

import { paintImage } from "./paint.js";

const FRAME = "#000";
const RIM = "#fff";

/** @param inset {left, top, size, view} in device pixels; @returns tiles still missing */
export function paintInset(context, image, base, inset, cache) {
  const { left, top, size, view } = inset;
  context.fillStyle = FRAME;
  context.fillRect(left - 2, top - 2, size.width + 4, size.height + 4);
  context.fillStyle = RIM;
  context.fillRect(left - 1, top - 1, size.width + 2, size.height + 2);
  context.save();
  context.beginPath();
  context.rect(left, top, size.width, size.height);
  context.clip();
  context.translate(left, top);
  const missing = paintImage(context, size, image, base, view, cache);
  context.restore();
  return missing;
}
