// Which tiles of a pyramid a view needs and where each is drawn; pure functions.
// An image is {width, height, tile, levels: [[w, h], ...] coarsest first}; level 0 is one tile. Where its tiles are files,
// `suffix` ends their names.

import { originOf, visibleRect } from "./geometry.js";

/** Image pixels along one pixel of a level. */
export const reduction = (image, level) => 2 ** (image.levels.length - 1 - level);

/** The coarsest level that holds at least as many pixels as the screen shows. */
export function levelFor(image, scale) {
  const last = image.levels.length - 1;
  for (let level = 0; level < last; level += 1) {
    if (scale * reduction(image, level) <= 1 + 1e-9) return level;
  }
  return last;
}

/** Edge of the tiles of a level: level 0 is a single tile whatever its size. */
export const tileEdge = (image, level) => (level === 0 ? Math.max(...image.levels[0]) : image.tile);

/** All tiles of `level` that a pane of `size` device pixels shows: [{level, column, row}], left to right, top to bottom. */
export function tilesInView(image, view, size, level = levelFor(image, view.scale)) {
  const rect = visibleRect(view, size, image);
  if (rect.x1 <= rect.x0 || rect.y1 <= rect.y0) return [];
  const edge = tileEdge(image, level) * reduction(image, level);
  const tiles = [];
  for (let row = Math.floor(rect.y0 / edge); row * edge < rect.y1; row += 1) {
    for (let column = Math.floor(rect.x0 / edge); column * edge < rect.x1; column += 1) {
      tiles.push({ level, column, row });
    }
  }
  return tiles;
}

export const tileUrl = ({ suffix = "" }, base, { level, column, row }) =>
  `${base}/${level}/${column}_${row}${suffix}`;

/**
 * Device rectangle of a tile. Edges are rounded, so neighbours share them and leave no seam; from 1:1 on
 * they are whole without rounding.
 */
export function tileRect(image, view, size, { level, column, row }) {
  const origin = originOf(view, size);
  const edge = tileEdge(image, level);
  const unit = reduction(image, level) * view.scale;
  const [levelWidth, levelHeight] = image.levels[level];
  const left = Math.round(origin.x + column * edge * unit);
  const top = Math.round(origin.y + row * edge * unit);
  const right = Math.round(origin.x + Math.min((column + 1) * edge, levelWidth) * unit);
  const bottom = Math.round(origin.y + Math.min((row + 1) * edge, levelHeight) * unit);
  return { left, top, width: right - left, height: bottom - top };
}

/** Where a tile lies inside its ancestor at a coarser level: the ancestor and a source rectangle in its pixels. */
export function withinAncestor(image, tile, level) {
  const factor = reduction(image, level) / reduction(image, tile.level);
  const edge = tileEdge(image, tile.level);
  const coarse = tileEdge(image, level);
  const x = (tile.column * edge) / factor;
  const y = (tile.row * edge) / factor;
  const column = Math.floor(x / coarse);
  const row = Math.floor(y / coarse);
  const [width, height] = image.levels[tile.level];
  return {
    tile: { level, column, row },
    source: {
      x: x - column * coarse,
      y: y - row * coarse,
      width: Math.min(edge, width - tile.column * edge) / factor,
      height: Math.min(edge, height - tile.row * edge) / factor,
    },
  };
}
