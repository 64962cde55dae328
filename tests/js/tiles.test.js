import assert from "node:assert/strict";
import { test } from "node:test";

import { fitScale, scaleLabel, snapScale, stepScale } from "../../static/js/viewer/scale.js";
import {
  levelFor,
  reduction,
  tileRect,
  tilesInView,
  tileUrl,
  withinAncestor,
} from "../../static/js/viewer/tiles.js";

function imageOf(width, height) {
  const levels = [[width, height]];
  while (Math.max(...levels[0]) > 512) levels.unshift(levels[0].map((side) => Math.ceil(side / 2)));
  return { width, height, tile: 256, levels };
}

const LARGE = imageOf(3040, 4032);

test("the level is the coarsest that is not enlarged", () => {
  assert.equal(LARGE.levels.length, 4);
  assert.equal(levelFor(LARGE, 1), 3);
  assert.equal(levelFor(LARGE, 8), 3);
  assert.equal(levelFor(LARGE, 0.51), 3);
  assert.equal(levelFor(LARGE, 0.5), 2);
  assert.equal(levelFor(LARGE, 1 / 3), 2);
  assert.equal(levelFor(LARGE, 0.1), 0);
  assert.equal(reduction(LARGE, 0), 8);
});

test("from 1:1 on, tiles tile the pane without gap or overlap, each pixel k by k", () => {
  const size = { width: 501, height: 333 };
  for (const scale of [1, 2, 3, 8]) {
    const view = { cx: 1500.4, cy: 2000.6, scale };
    const area = tilesInView(LARGE, view, size).reduce((sum, tile) => {
      const { left, top, width, height } = tileRect(LARGE, view, size, tile);
      assert.equal(width, 256 * scale);
      assert.equal(height, 256 * scale);
      const inX = Math.min(left + width, size.width) - Math.max(left, 0);
      const inY = Math.min(top + height, size.height) - Math.max(top, 0);
      assert.ok(inX > 0 && inY > 0, "no tile outside the pane is asked for");
      return sum + inX * inY;
    }, 0);
    assert.equal(area, size.width * size.height);
  }
});

test("below 1:1 neighbours share their rounded edges", () => {
  const size = { width: 700, height: 500 };
  const view = { cx: 1520, cy: 2016, scale: 0.37 };
  const tiles = tilesInView(LARGE, view, size);
  for (const tile of tiles) {
    const right = tiles.find((other) => other.row === tile.row && other.column === tile.column + 1);
    if (!right) continue;
    const a = tileRect(LARGE, view, size, tile);
    assert.equal(a.left + a.width, tileRect(LARGE, view, size, right).left);
  }
});

test("nothing is asked for outside the image, and odd sizes end where they end", () => {
  const odd = imageOf(1001, 777);
  const size = { width: 5000, height: 5000 };
  const view = { cx: 500.5, cy: 388.5, scale: 1 };
  const tiles = tilesInView(odd, view, size);
  assert.equal(tiles.length, 4 * 4);
  const last = tileRect(odd, view, size, tiles.at(-1));
  const first = tileRect(odd, view, size, tiles[0]);
  assert.equal(last.left + last.width - first.left, 1001);
  assert.equal(last.top + last.height - first.top, 777);
});

test("a tile lies in its ancestor where it should", () => {
  const { tile, source } = withinAncestor(LARGE, { level: 3, column: 5, row: 9 }, 0);
  assert.deepEqual(tile, { level: 0, column: 0, row: 0 });
  assert.deepEqual(source, { x: 160, y: 288, width: 32, height: 32 });
});

test("scales: whole numbers from 1:1 on, labels in device pixels", () => {
  assert.deepEqual([1, 4, 1 / 3, 0.5, 1 / 8.1].map(scaleLabel), ["1:1", "4:1", "1:3", "1:2", "1:8.1"]);
  assert.equal(fitScale({ width: 100, height: 50 }, { width: 450, height: 400 }), 4);
  assert.equal(fitScale({ width: 1000, height: 50 }, { width: 450, height: 400 }), 0.45);
  assert.equal(stepScale(0.13, 1, 0.13), 1 / 6);
  assert.equal(stepScale(1, 1, 0.13), 2);
  assert.equal(stepScale(1 / 6, -1, 0.13), 0.13);
  assert.equal(stepScale(0.13, -1, 0.13), 0.13);
  assert.equal(stepScale(4, -1, 4), 3, "a small image can go down from its fit to 1:1");
  assert.equal(stepScale(1, -1, 4), 1);
  assert.equal(snapScale(2.6, 0.1), 3);
  assert.equal(snapScale(0.96, 0.1), 1);
});

test("a tile is asked for by its place, and by its name where it is a file", () => {
  const tile = { level: 2, column: 4, row: 7 };
  assert.equal(tileUrl({}, "/t/abc", tile), "/t/abc/2/4_7");
  assert.equal(tileUrl({ suffix: ".webp" }, "../../tiles/3/1", tile), "../../tiles/3/1/2/4_7.webp");
});
