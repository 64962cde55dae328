import assert from "node:assert/strict";
import { test } from "node:test";

import { Rest } from "../../static/js/page/rest.js";

test("a break is due after so much work, until it is had or declined", () => {
  const rest = new Rest(1500, 0);
  const due = [];
  for (let now = 0; now <= 4000; now += 100) {
    rest.wake(now);
    if (!rest.due) continue;
    due.push(now);
    if (due.length !== 2) rest.rested(now);
  }
  assert.deepEqual(due.slice(0, 3), [1500, 3000, 3100], "nobody answered the second one at once");
});

test("a break that the judge took unasked counts, and a study may want none", () => {
  const rested = new Rest(1500, 0);
  for (const now of [1000, 2000, 2200]) rested.wake(now);
  assert.equal(rested.due, false);
  const never = new Rest(0, 0);
  never.wake(9e9);
  assert.equal(never.due, false);
});
