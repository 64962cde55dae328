import assert from "node:assert/strict";
import { test } from "node:test";

import { Rest } from "../../static/js/page/rest.js";

test("a break is due after so much work, not after a break, and said once", () => {
  const rest = new Rest(1500, 0);
  const told = [];
  for (let now = 0; now <= 4000; now += 100) if (rest.wake(now)) told.push(now);
  assert.deepEqual(told, [1500, 3000]);
  const rested = new Rest(1500, 0);
  assert.equal(rested.wake(1000), false);
  assert.equal(rested.wake(2000), false, "it was a break");
  assert.equal(rested.wake(2200), false);
  assert.equal(new Rest(0, 0).wake(9e9), false, "the study wants none");
});
