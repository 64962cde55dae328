import assert from "node:assert/strict";
import { test } from "node:test";

import { ratioHolds } from "../../static/js/viewer/pixel-ruler.js";

test("borders tell whether the ratio holds", () => {
  const asked = [1, 10.3, 11.7, 13.1, 17.9];
  // As WebKit and Chromium draw them.
  assert.equal(ratioHolds(asked, [1, 10, 11, 13, 17], 1), true);
  assert.equal(ratioHolds(asked, [1, 10, 11.5, 13, 17.5], 2), true);
  assert.equal(ratioHolds(asked, [0.8, 9.6, 11.2, 12.8, 17.6], 1.25), true);
  assert.equal(ratioHolds(asked, [0.833333, 10, 11.666666, 12.499999, 17.5], 1), false, "zoomed to 120 %");
  assert.equal(ratioHolds(asked, asked, 1), null, "drawn as asked: nothing is known");
});
