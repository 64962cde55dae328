import assert from "node:assert/strict";
import { test } from "node:test";

import {
  bestGrid,
  constrain,
  deviceStep,
  imagePoint,
  originOf,
  placePanes,
  rectBetween,
  visibleRect,
  zoomAt,
} from "../../static/js/viewer/geometry.js";

const RATIOS = [0.9, 1, 1.1, 1.25, 1.5, 1.75, 2].map(Math.fround);

test("the step is the least CSS length of whole device pixels, for ratios as browsers report them", () => {
  assert.deepEqual(RATIOS.map(deviceStep), [10, 1, 10, 4, 2, 4, 1]);
  assert.equal(deviceStep(Math.fround(2 / 3)), 3);
  assert.equal(deviceStep(Math.fround(1.25 * 0.67)), null, "a ratio with no whole step is said so");
});

test("panes are equal, whole in device pixels, inside the area and apart", () => {
  for (const dpr of RATIOS) {
    const step = deviceStep(dpr);
    for (const count of [1, 2, 3, 13, 17]) {
      for (const aspect of [0.3, 0.75, 1.33, 4]) {
        const area = { left: 0, top: 41, width: 1281, height: 679 };
        const rects = placePanes(count, aspect, area, step);
        for (const { left, top, width, height } of rects) {
          for (const edge of [left, top, width, height]) assert.equal(edge % step, 0);
          assert.ok(
            left >= 0 && top >= 41 && left + width <= 1281 && top + height <= 720,
            `${count} ${aspect} ${dpr}`,
          );
          assert.deepEqual([width, height], [rects[0].width, rects[0].height]);
        }
        for (const [index, a] of rects.entries()) {
          for (const b of rects.slice(index + 1)) {
            const beside = a.left + a.width <= b.left || b.left + b.width <= a.left;
            assert.ok(beside || a.top + a.height <= b.top || b.top + b.height <= a.top);
          }
        }
      }
    }
  }
});

test("the grid shows the images as large as any grid can", () => {
  assert.deepEqual(bestGrid(2, 1, { width: 1000, height: 500 }), { columns: 2, rows: 1 });
  assert.deepEqual(bestGrid(3, 4, { width: 1200, height: 900 }), { columns: 1, rows: 3 });
  assert.deepEqual(bestGrid(13, 3 / 4, { width: 1920, height: 1040 }), { columns: 7, rows: 2 });
});

test("the origin is whole, and a point comes back from where it is drawn", () => {
  const size = { width: 481, height: 337 };
  const view = { cx: 1000.3, cy: 77.7, scale: 4 };
  const origin = originOf(view, size);
  assert.ok(Number.isInteger(origin.x) && Number.isInteger(origin.y));
  const point = imagePoint(view, size, { x: 100, y: 200 });
  assert.equal(origin.x + point.x * 4, 100);
  assert.equal(origin.y + point.y * 4, 200);
});

test("zooming keeps the point under the pointer, to a device pixel", () => {
  const size = { width: 640, height: 480 };
  const device = { x: 17, y: 460 };
  const before = { cx: 812, cy: 333, scale: 1 };
  const after = zoomAt(before, size, device, 6);
  const a = imagePoint(before, size, device);
  const b = imagePoint(after, size, device);
  assert.ok(Math.abs(a.x - b.x) <= 1 && Math.abs(a.y - b.y) <= 1);
});

test("the view stays on the image; an image smaller than its pane is centred", () => {
  const size = { width: 400, height: 400 };
  const image = { width: 1000, height: 100 };
  const view = constrain({ cx: -500, cy: 900, scale: 1 }, size, image);
  assert.deepEqual(view, { cx: 200, cy: 50, scale: 1 });
  assert.deepEqual(visibleRect(view, size, image), { x0: 0, y0: 0, x1: 400, y1: 100 });
});

test("a rectangle is whole, inside the image, and not a slip of the hand", () => {
  const image = { width: 100, height: 80 };
  assert.deepEqual(rectBetween({ x: 90.4, y: 70 }, { x: 10.6, y: -20 }, image), [11, 0, 79, 70]);
  assert.equal(rectBetween({ x: 5, y: 5 }, { x: 7, y: 60 }, image), null);
});
