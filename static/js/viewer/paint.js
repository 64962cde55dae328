// Draws one image's view into a 2d context: exact from 1:1 on, smoothed below; and the loupe's square over it.

import { isExact } from "./scale.js";
import { levelFor, tileRect, tilesInView, tileUrl, withinAncestor } from "./tiles.js";

const ROOM = "#808080";
const FRAME = "#000";
const RIM = "#fff";

/**
 * @returns number of tiles of the right level that are still missing; those are drawn from a coarser level
 * where one is at hand.
 */
export function paintImage(context, size, image, base, view, cache) {
  context.fillStyle = ROOM;
  context.fillRect(0, 0, size.width, size.height);
  let missing = 0;
  for (const tile of tilesInView(image, view, size)) {
    const rect = tileRect(image, view, size, tile);
    const bitmap = cache.get(tileUrl(image, base, tile));
    if (bitmap) {
      context.imageSmoothingEnabled = !isExact(view.scale);
      context.drawImage(bitmap, rect.left, rect.top, rect.width, rect.height);
    } else {
      missing += 1;
      paintFromAncestor(context, image, base, tile, rect, cache);
    }
  }
  return missing;
}

/** URLs of the tiles that a view needs. */
export function neededTiles(size, image, base, view) {
  return tilesInView(image, view, size, levelFor(image, view.scale)).map((tile) =>
    tileUrl(image, base, tile),
  );
}

function paintFromAncestor(context, image, base, tile, rect, cache) {
  for (let level = tile.level - 1; level >= 0; level -= 1) {
    const { tile: ancestor, source } = withinAncestor(image, tile, level);
    const bitmap = cache.get(tileUrl(image, base, ancestor));
    if (!bitmap) continue;
    context.imageSmoothingEnabled = true;
    const { x, y, width, height } = source;
    context.drawImage(bitmap, x, y, width, height, rect.left, rect.top, rect.width, rect.height);
    return;
  }
}

/**
 * Draw the loupe into a pane that is painted already; returns how many tiles are missing.
 * @param inset {left, top, size, view} in device pixels
 */
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
