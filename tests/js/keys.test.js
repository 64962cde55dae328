import assert from "node:assert/strict";
import { test } from "node:test";

import { SlotDigits, actionOf, digitsFor, digitsToFollow } from "../../static/js/lib/keys.js";

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
  assert.deepEqual([many.press(0), many.press(2)], [{ pending: "1" }, { slot: 12 }]);
  assert.deepEqual([many.press(0), many.press(0)], [{ pending: "1" }, { slot: 10 }]);
  assert.deepEqual([many.press(0), many.press(9)], [{ pending: "1" }, { unknown: 19 }]);
  assert.deepEqual(
    [digitsFor(9, 12), digitsFor(10, 10), digitsFor(10, 12), digitsFor(16, 16)],
    ["9", "0", "0 0", "0 6"],
  );
});

test("more than nineteen slots: 0, then the number", () => {
  const many = new SlotDigits(26);
  const press = (...digits) => digits.map((digit) => many.press(digit));
  assert.deepEqual(press(2), [{ slot: 2 }], "a digit alone still never waits");
  assert.deepEqual(press(0, 2, 6), [{ pending: "" }, { pending: "2" }, { slot: 26 }]);
  assert.deepEqual(press(0, 1, 0).at(-1), { slot: 10 });
  assert.deepEqual(press(0, 0, 7).at(-1), { slot: 7 });
  assert.deepEqual(press(0, 2, 7).at(-1), { unknown: 27 });
  assert.deepEqual(press(0, 0, 0).at(-1), { unknown: 0 });
  assert.deepEqual(press(0), [{ pending: "" }]);
  assert.deepEqual([many.cancel(), many.cancel()], [true, false]);
  assert.deepEqual(press(2), [{ slot: 2 }], "what was begun is forgotten");
});

test("every slot's keys lead to it, for each number of slots", () => {
  for (const slots of [1, 9, 10, 11, 19, 20, 26, 99]) {
    for (let slot = 1; slot <= slots; slot += 1) {
      const digits = new SlotDigits(slots);
      const answers = digitsFor(slot, slots).split(" ").map((digit) => digits.press(Number(digit)));
      assert.deepEqual(answers.at(-1), { slot });
      assert.ok(answers.slice(0, -1).every(({ pending }) => pending !== undefined));
    }
  }
  assert.equal(digitsFor(100, 120), null, "the rest is for C and the mouse");
});

test("what may follow is said", () => {
  const name = (slot) => `<${slot}>`;
  assert.equal(digitsToFollow("1", 12, name), "1_: one more digit, 0 <10>, 1 <11>, 2 <12>");
  assert.equal(digitsToFollow("", 26, name), "__: two digits, 10 (<10>) to 26 (<26>)");
  assert.equal(digitsToFollow("2", 21, name), "2_: one more digit, 0 <20>, 1 <21>");
  assert.match(digitsToFollow("0", 21, name), /1 <1>, 2 <2>/);
});
