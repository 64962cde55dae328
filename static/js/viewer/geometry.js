// Where panes stand. Everything is in CSS pixels unless a name says device; pure functions.

const TOLERANCE = 1e-3; // devicePixelRatio arrives as a 32-bit float: 1.100000023841858
const LARGEST_STEP = 64;
const GAP = 6; // CSS px of surround between panes

/** Smallest whole number of CSS pixels that is a whole number of device pixels, or null when there is none. */
export function deviceStep(dpr) {
  for (let step = 1; step <= LARGEST_STEP; step += 1) {
    if (Math.abs(step * dpr - Math.round(step * dpr)) < TOLERANCE) return step;
  }
  return null;
}

export const floorTo = (value, step) => Math.floor(value / step) * step;
export const ceilTo = (value, step) => Math.ceil(value / step) * step;

/** Columns and rows in which `count` images of one aspect ratio (width / height) come out largest. */
export function bestGrid(count, aspect, area, gap = 0) {
  let best = null;
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const width = (area.width - gap * (columns - 1)) / columns;
    const height = (area.height - gap * (rows - 1)) / rows;
    const shown = Math.max(0, Math.min(width / aspect, height));
    const empty = columns * rows - count;
    if (!best || shown > best.shown * 1.0001 || (shown > best.shown * 0.9999 && empty < best.empty)) {
      best = { columns, rows, shown, empty };
    }
  }
  return { columns: best.columns, rows: best.rows };
}

/**
 * Rectangles of equal size for `count` panes inside `area` {left, top, width, height}.
 * Every edge is a multiple of `step`, so no pane is resampled by the compositor.
 * @param grid {columns, rows}, where they are not those in which the images come out largest
 */
export function placePanes(count, aspect, area, step, grid = null) {
  const gap = ceilTo(GAP, step);
  const { columns, rows } = grid ?? bestGrid(count, aspect, area, gap);
  const left = ceilTo(area.left, step);
  const top = ceilTo(area.top, step);
  const free = { width: area.left + area.width - left, height: area.top + area.height - top };
  const width = Math.max(step, floorTo((free.width - gap * (columns - 1)) / columns, step));
  const height = Math.max(step, floorTo((free.height - gap * (rows - 1)) / rows, step));
  const spare = floorTo(Math.max(0, free.width - columns * width - gap * (columns - 1)) / 2, step);
  return Array.from({ length: count }, (_, index) => ({
    left: left + spare + (index % columns) * (width + gap),
    top: top + Math.floor(index / columns) * (height + gap),
    width,
    height,
  }));
}

/** The same, from left to right in one row. */
export const placeRow = (count, aspect, area, step) =>
  placePanes(count, aspect, area, step, { columns: count, rows: 1 });

/** The image coordinates [x0, x1) x [y0, y1) that a pane of `size` device pixels shows of a view. */
export function visibleRect(view, size, image) {
  const { x, y } = originOf(view, size);
  return {
    x0: Math.max(0, -x / view.scale),
    y0: Math.max(0, -y / view.scale),
    x1: Math.min(image.width, (size.width - x) / view.scale),
    y1: Math.min(image.height, (size.height - y) / view.scale),
  };
}

/** Whole device pixel at which the image's left upper corner is drawn. */
export function originOf(view, size) {
  return {
    x: Math.round(size.width / 2 - view.cx * view.scale),
    y: Math.round(size.height / 2 - view.cy * view.scale),
  };
}

/** The image point under a device pixel of the pane. */
export function imagePoint(view, size, device) {
  const origin = originOf(view, size);
  return { x: (device.x - origin.x) / view.scale, y: (device.y - origin.y) / view.scale };
}

/** A view whose centre keeps the image in the pane; `margin` device pixels may show beyond its edges. */
export function constrain(view, size, image, margin = 0) {
  const along = (centre, length, shown) => {
    if (length * view.scale <= shown) return length / 2;
    const half = (shown / 2 - margin) / view.scale;
    return Math.min(Math.max(centre, half), length - half);
  };
  return {
    ...view,
    cx: along(view.cx, image.width, size.width),
    cy: along(view.cy, image.height, size.height),
  };
}

/** The same view with another scale, keeping the image point under `device` where it is. */
export function zoomAt(view, size, device, scale) {
  const point = imagePoint(view, size, device);
  return {
    ...view,
    scale,
    cx: point.x - (device.x - size.width / 2) / scale,
    cy: point.y - (device.y - size.height / 2) / scale,
  };
}

/** Whole image pixels [x, y, w, h] between two image points, cut to the image; null when it is too small to mean one. */
export function rectBetween(a, b, image) {
  const cut = (value, length) => Math.min(Math.max(Math.round(value), 0), length);
  const [x0, x1] = [a.x, b.x].map((value) => cut(value, image.width)).sort((p, q) => p - q);
  const [y0, y1] = [a.y, b.y].map((value) => cut(value, image.height)).sort((p, q) => p - q);
  return x1 - x0 < 4 || y1 - y0 < 4 ? null : [x0, y0, x1 - x0, y1 - y0];
}
