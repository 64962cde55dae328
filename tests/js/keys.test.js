import assert from "node:assert/strict";
import { test } from "node:test";

import { SlotDigits, actionOf, digitsFor } from "../../static/js/lib/keys.js";

test("digits go by position, on AZERTY as on QWERTY and on the number pad", () => {
  for (const event of [
    { code: "Digit1", key: "1" },
    { code: "Digit1", key: "&" },
    { code: "Digit1", key: "1", shiftKey: true },
    { code: "Numpad1", key: "1" },
  ]) {
    assert.deepEqual([actionOf(event).action, actionOf(event).value], ["digit", 1]);
  }
});

test("place keys go by position: under the digits on every layout", () => {
  for (const key of ["q", "a", "'"]) assert.equal(actionOf({ code: "KeyQ", key }).action, "place");
  assert.equal(actionOf({ code: "KeyR", key: "r" }), null, "a fourth place key only with four places");
  assert.equal(actionOf({ code: "KeyR", key: "r" }, 4).value, 4);
});

test("letters go by what is printed, and by position beyond Latin", () => {
  assert.equal(actionOf({ code: "KeyL", key: "n" }).action, "next", "Dvorak");
  assert.equal(actionOf({ code: "KeyN", key: "т" }).action, "next", "Cyrillic");
  assert.equal(actionOf({ code: "Semicolon", key: "m" }).action, "map", "AZERTY");
  assert.equal(actionOf({ code: "KeyM", key: "?", shiftKey: true }).action, "help", "AZERTY");
});

test("the browser's own shortcuts are left alone", () => {
  assert.equal(actionOf({ code: "KeyN", key: "n", ctrlKey: true }), null);
  assert.equal(actionOf({ code: "Digit1", key: "1", altKey: true }), null);
  assert.equal(actionOf({ code: "KeyW", key: "z", ctrlKey: true }).action, "undo", "AZERTY");
});

test("more than nine slots", () => {
  const ten = new SlotDigits(10);
  assert.deepEqual(ten.press(0), { slot: 10 });
  const many = new SlotDigits(12);
  assert.deepEqual(many.press(1), { slot: 1 }, "a digit never waits");
  assert.deepEqual([many.press(0), many.press(2)], [{ pending: true }, { slot: 12 }]);
  assert.deepEqual([many.press(0), many.press(0)], [{ pending: true }, { slot: 10 }]);
  assert.deepEqual([many.press(0), many.press(9)], [{ pending: true }, { unknown: 19 }]);
  assert.deepEqual(
    [digitsFor(9, 12), digitsFor(10, 10), digitsFor(10, 12), digitsFor(16, 16)],
    ["9", "0", "0 0", "0 6"],
  );
});
