import assert from "node:assert/strict";
import { test } from "node:test";

import { keyOf, SlotNumber, toFollow } from "../../static/js/page/keys.js";

test("digits go by position, on AZERTY as on QWERTY and on the number pad", () => {
  for (const event of [
    { code: "Digit1", key: "1" },
    { code: "Digit1", key: "&" },
    { code: "Digit1", key: "1", shiftKey: true },
    { code: "", key: "1" },
    { code: "Digit3", key: "1", shiftKey: true }, // a layout with its digits elsewhere
    { code: "Numpad1", key: "1" },
  ]) {
    assert.equal(keyOf(event).digit, 1);
  }
});

test("keys with a place of their own go by position: under the digits on every layout", () => {
  const taken = (key) => key === "@Q";
  for (const key of ["q", "a", "'"]) assert.equal(keyOf({ code: "KeyQ", key }, taken).key, "@Q");
  assert.equal(keyOf({ code: "KeyR", key: "r" }, taken).key, "R");
});

test("letters go by what is printed, and by position beyond Latin", () => {
  assert.equal(keyOf({ code: "KeyL", key: "n" }).key, "N", "Dvorak");
  assert.equal(keyOf({ code: "KeyN", key: "т" }).key, "N", "Cyrillic");
  assert.equal(keyOf({ code: "Semicolon", key: "m" }).key, "M", "AZERTY");
  assert.equal(keyOf({ code: "KeyM", key: "?", shiftKey: true }).key, "?", "AZERTY");
  assert.equal(keyOf({ code: "Equal", key: "=" }).key, "+", "the plus sign without Shift");
});

test("the browser's own shortcuts are left alone", () => {
  assert.equal(keyOf({ code: "KeyN", key: "n", ctrlKey: true }), null);
  assert.equal(keyOf({ code: "Digit1", key: "1", altKey: true }), null);
  assert.equal(keyOf({ code: "KeyW", key: "z", ctrlKey: true }).key, "Ctrl Z", "AZERTY");
});

test("up to nine candidates: no digit ever waits", () => {
  const nine = new SlotNumber(9);
  assert.deepEqual([nine.press(1), nine.press(9), nine.press(0)], [{ slot: 1 }, { slot: 9 }, { unknown: 0 }]);
});

test("each number is typed as it is printed, for each number of candidates", () => {
  for (const slots of [1, 9, 10, 11, 19, 20, 26, 99, 100, 120]) {
    for (let slot = 1; slot <= slots; slot += 1) {
      const number = new SlotNumber(slots);
      const answers = [...`${slot}`].map((digit) => number.press(Number(digit)));
      const last = answers.at(-1);
      assert.deepEqual(last.pending ? number.finish() : last, { slot });
      assert.ok(answers.slice(0, -1).every(({ pending }) => pending !== undefined));
      assert.equal(
        Boolean(last.pending),
        slot * 10 <= slots && `${slot}`.length < `${slots}`.length,
        "waits only where more may follow",
      );
    }
  }
});

test("a number that was begun can be finished or given up", () => {
  const many = new SlotNumber(26);
  assert.deepEqual([many.press(2), many.finish(), many.finish()], [{ pending: "2" }, { slot: 2 }, null]);
  assert.deepEqual([many.press(0), many.press(7)], [{ pending: "0" }, { slot: 7 }]);
  assert.deepEqual([many.press(2), many.press(9)], [{ pending: "2" }, { unknown: 29 }]);
  many.press(1);
  assert.deepEqual([many.cancel(), many.cancel()], [true, false]);
  assert.deepEqual(many.press(3), { slot: 3 }, "what was begun is forgotten");
});

test("what may follow is said", () => {
  assert.equal(toFollow("1", 12), "1_ Enter for 1, another digit for 10 to 12. Escape cancels.");
  assert.equal(toFollow("2", 20), "2_ Enter for 2, another digit for 20. Escape cancels.");
  assert.equal(toFollow("0", 12), "0_ Type 1 to 9. Escape cancels.");
});
