import assert from "node:assert/strict";
import { test } from "node:test";

import { cacheBudget, canvasLimit, withinLimit } from "../../static/js/viewer/device-limits.js";

const MB = 2 ** 20;
const IPAD = { vendor: "Apple Computer, Inc.", maxTouchPoints: 5 };
const MAC = { vendor: "Apple Computer, Inc.", maxTouchPoints: 0 };

test("the cache is smaller where memory is", () => {
  const budgets = [{ deviceMemory: 8 }, { deviceMemory: 2 }, { deviceMemory: 0.25 }, IPAD, MAC, {}].map(
    cacheBudget,
  );
  assert.deepEqual(
    budgets.map((bytes) => bytes / MB),
    [320, 160, 64, 128, 320, 320],
  );
});

test("no canvas is larger than the device draws", () => {
  const area = { left: 10, top: 50, width: 3000, height: 2000 };
  assert.equal(withinLimit(area, 2, canvasLimit(MAC)), area);
  const cut = withinLimit(area, 2, canvasLimit(IPAD));
  const pixels = cut.width * cut.height * 4;
  assert.ok(pixels <= 4096 ** 2 && pixels > 0.99 * 4096 ** 2);
  assert.ok(cut.left > 10 && cut.left + cut.width <= 3010 && cut.top > 50 && cut.top + cut.height <= 2050);
  const small = { left: 0, top: 0, width: 1366, height: 1024 };
  assert.equal(withinLimit(small, 2, canvasLimit(IPAD)), small);
});
