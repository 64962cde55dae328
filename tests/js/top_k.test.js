import assert from "node:assert/strict";
import { test } from "node:test";

import { append, assign, missing, remove, rules } from "../../static/js/protocols/top_k.js";

test("places fill in order", () => {
  let picks = [];
  for (const slot of [5, 2, 7]) ({ picks } = append(picks, slot, 3));
  assert.deepEqual(picks, [5, 2, 7]);
  assert.equal(append(picks, 5, 3).said, "Candidate 5 is already 1st.");
  const full = append(picks, 1, 3);
  assert.ok(full.refused);
  assert.deepEqual(full.picks, [5, 2, 7]);
});

test("a place can be taken: others move down, the last is out", () => {
  const { picks, said } = assign([1, 2, 3], 4, 2, 3);
  assert.deepEqual(picks, [1, 4, 2]);
  assert.equal(said, "1st: 1, 2nd: 4, 3rd: 2. Removed: 3.");
  assert.deepEqual(assign([1, 2, 3], 3, 1, 3).picks, [3, 1, 2], "moving keeps the others' order");
  const again = assign([1, 2, 3], 2, 2, 3);
  assert.deepEqual([again.picks, again.refused], [[1, 2, 3], true], "the same place again changes nothing");
});

test("a place above a gap is refused with the reason", () => {
  const answer = assign([], 4, 2, 3);
  assert.ok(answer.refused);
  assert.equal(answer.said, "1st place is still empty. Fill it before 2nd place.");
  assert.ok(assign([4], 4, 3, 3).refused, "the only pick cannot leave a gap behind it");
});

test("what is missing is named", () => {
  assert.equal(missing({ picks: [] }, 3), "Still to pick: 1st, 2nd and 3rd.");
  assert.equal(missing({ picks: [3] }, 3), "Still to pick: 2nd and 3rd.");
  assert.equal(missing({ picks: [3, 1, 2] }, 3), null);
});

test("who is taken off is named, and those after move up", () => {
  assert.deepEqual(remove([1, 2, 3], 1), { picks: [2, 3], said: "1st: 2, 2nd: 3. Removed: 1." });
});

test("the last step of an answer is its last pick; equal picks are equal answers", () => {
  assert.deepEqual(rules.back({ picks: [1, 2] }), { picks: [1] });
  assert.ok(rules.same({ picks: [1, 2] }, { picks: [1, 2] }));
  assert.ok(!rules.same({ picks: [1, 2] }, { picks: [2, 1] }));
});
