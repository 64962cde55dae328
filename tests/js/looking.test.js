import assert from "node:assert/strict";
import { test } from "node:test";
import { Coverage } from "../../static/js/evidence/coverage.js";
import { LookingRecord } from "../../static/js/evidence/looking.js";
import {
  arrange,
  choose,
  enter,
  refusal,
  shownSlots,
  toggleMark,
} from "../../static/js/viewer/arrangement.js";
import { loupeScale, loupeView } from "../../static/js/viewer/loupe.js";
import { regionView } from "../../static/js/viewer/regions.js";

const IMAGE = { width: 1000, height: 500 };

test("coverage is the share of cells whose centre was on the screen", () => {
  const coverage = new Coverage(IMAGE);
  assert.equal(coverage.share, 0);
  coverage.mark({ x0: 0, y0: 0, x1: 500, y1: 500 });
  assert.ok(Math.abs(coverage.share - 0.5) < 0.03);
  coverage.mark({ x0: 0, y0: 0, x1: 500, y1: 500 });
  assert.ok(Math.abs(coverage.share - 0.5) < 0.03, "seen twice is seen once");
  coverage.mark({ x0: 0, y0: 0, x1: 1000, y1: 500 });
  assert.equal(coverage.share, 1);
  const tiny = new Coverage({ width: 3, height: 2 });
  tiny.mark({ x0: 0, y0: 0, x1: 3, y1: 2 });
  assert.equal(tiny.share, 1);
});

const scene = (scale, slots, rect = { x0: 0, y0: 0, x1: 1000, y1: 500 }) => ({
  mode: "grid",
  view: { cx: 500, cy: 250, scale },
  panes: slots.map((slot) => ({ slot, rect, complete: true })),
});

test("only 1:1 or more counts as seen, and only when it stood", () => {
  const record = new LookingRecord(IMAGE, [1, 2], 0, "v");
  record.pass(scene(0.5, [1, 2]), 5);
  assert.equal(record.share(1), 0);
  record.pass(scene(1, [1]), 5.1);
  assert.equal(record.share(1), 0, "a tenth of a second while panning is not looking");
  record.pass(scene(1, [1]), 6.1);
  assert.equal(record.share(1), 1);
  assert.equal(record.share(2), 0);
});

test("dwell is shared among what is on the screen, and stops when the judge is away", () => {
  const record = new LookingRecord(IMAGE, [1, 2], 0, "v");
  record.pass(scene(1, [1, 2]), 10);
  record.wake(10);
  record.pass(scene(1, [1]), 1000);
  const json = record.toJSON();
  assert.deepEqual([json.slots[1].dwell, json.slots[2].dwell, json.seconds], [5, 5, 10]);
});

test("the path names who was shown, unless it was everybody", () => {
  const record = new LookingRecord(IMAGE, [1], 0, "v");
  record.sample(scene(1, [1]), 1);
  record.sample(scene(1, [0, 1]), 2);
  assert.deepEqual(
    record.path.map((entry) => entry.slice(4)),
    [["g", [1]], ["g"]],
  );
});

test("the path stays small", () => {
  const record = new LookingRecord(IMAGE, [1], 0, "v");
  for (let step = 0; step < 3000; step += 1) {
    record.wake(step);
    record.pass(scene(1, [1]), step);
    record.sample(scene(1, [1]), step);
  }
  assert.ok(record.path.length <= 400);
  assert.ok(JSON.stringify(record.toJSON()).length < 20_000);
});

test("views: a digit changes who is shown, the oldest gives way, places stay", () => {
  let state = arrange([1, 2, 3, 4]);
  assert.deepEqual(shownSlots(state), [0, 1, 2, 3, 4]);
  state = enter(choose(choose(state, 3), 2), "versus", 2);
  assert.deepEqual(shownSlots(state), [2, 3]);
  state = choose(state, 4);
  assert.deepEqual(shownSlots(state), [2, 4], "3 was chosen longest ago and gives its place");
  state = choose(state, 1);
  assert.deepEqual(shownSlots(state), [1, 4]);
  state = enter(state, "blink");
  assert.deepEqual(shownSlots(state), [1]);
  state = choose(state, 3);
  assert.deepEqual([shownSlots(state), state.before], [[3], 1]);
  assert.ok(refusal(state, "shortlist"));
  state = toggleMark(toggleMark(state, 4), 2);
  assert.deepEqual(shownSlots(enter(state, "shortlist")), [0, 2, 4]);
});

test("the loupe is whole-numbered, larger than the view, and inside the pane", () => {
  assert.deepEqual(
    [
      [0.2, 1],
      [0.2, 4],
      [1, 1],
      [2, 2],
      [3, 1],
    ].map(([view, factor]) => loupeScale(view, factor)),
    [1, 4, 2, 4, 4],
  );
  const { left, top, size } = loupeView(
    { cx: 500, cy: 250, scale: 0.3 },
    { width: 300, height: 150 },
    { x: 299, y: 0 },
    90,
    2,
  );
  assert.deepEqual([left, top, size.width], [210, 0, 90]);
});

test("a region is shown at 1:1 or enlarged as far as it fits", () => {
  const size = { width: 400, height: 300 };
  assert.deepEqual(regionView([100, 100, 90, 60], size), { cx: 145, cy: 130, scale: 4 });
  assert.equal(regionView([0, 0, 900, 600], size).scale, 1);
});
