import assert from "node:assert/strict";
import { test } from "node:test";

import { ALL, readAddress, writeAddress } from "../../static/js/published/address.js";
import { Cast, placesOf, shuffled } from "../../static/js/published/cast.js";

const NOTHING = { teams: null, view: "grid", shown: [], order: "ranking", over: [], at: null, blind: false };

test("an address says again what it was made of, whatever teams are called", () => {
  const hard = ["Aspen, Inc", "50%", "a=b&c", "#1", "مختبر", "图像", "<b>", "x y"];
  const all = {
    teams: hard,
    view: "blink",
    shown: ["50%"],
    order: "image",
    over: ["regions", "marks"],
    at: { x: 12.5, y: 300, scale: 2 },
    blind: true,
  };
  assert.deepEqual(readAddress(writeAddress(all)), all);
  assert.match(writeAddress(all), /^#[!-~]+$/, "it can be sent in a mail");
  assert.equal(writeAddress(NOTHING), "");
  assert.deepEqual(readAddress(""), NOTHING);
  assert.equal(readAddress(writeAddress({ ...NOTHING, teams: ALL })).teams, ALL);
});

test("an address that makes no sense is read as far as it does", () => {
  assert.deepEqual(readAddress("#view=upside&order=&over=all,marks&x=1&y=&scale=3&what"), {
    ...NOTHING,
    over: ["marks"],
  });
  assert.equal(readAddress("#x=1&y=2&scale=-1").at, null);
  assert.deepEqual(readAddress("#team=%E0%A4%A").teams, ["%E0%A4%A"]);
});

test("equal scores share a place, and what was not judged has none", () => {
  assert.deepEqual(placesOf([0.5, 2, null, 2, 0]), [3, 1, null, 1, 4]);
});

test("every order of a shuffle comes up as often", () => {
  const found = new Map();
  const steps = [0, 1, 2].flatMap((first) => [0, 1].map((second) => [(first + 0.5) / 3, (second + 0.5) / 2]));
  for (const values of steps) {
    const order = shuffled(["a", "b", "c"], () => values.shift()).join("");
    found.set(order, (found.get(order) ?? 0) + 1);
  }
  assert.equal(found.size, 6);
});

const candidates = (count) =>
  Array.from({ length: count }, (_none, index) => ({
    team: `t${index + 1}`,
    name: `Team ${index + 1}`,
    rank: index + 1,
    score: index,
    base: `../../tiles/1/${index + 1}`,
  }));

test("of many teams the best few are shown at first, and what an address names", () => {
  assert.equal(new Cast(candidates(12)).slots.length, 12);
  const cast = new Cast(candidates(30));
  assert.deepEqual(cast.slots, [1, 2, 3, 4, 5, 6, 7, 8]);
  cast.take(["Team 20", "t3", "nobody"], "image");
  assert.deepEqual(cast.slots, [3, 20], "by name or key; numbers are those of the ranking");
  assert.deepEqual(cast.inOrder, [20, 3], "the better of this image first");
  assert.deepEqual(cast.chosen, ["t3", "t20"]);
  cast.take(["nobody"], "ranking");
  assert.equal(cast.chosen, null);
  assert.ok(!cast.show([]), "never nobody");
  cast.show(cast.all);
  assert.equal(cast.chosen, ALL);
});

test("while names are hidden nothing says whose number it is", () => {
  const cast = new Cast(candidates(4));
  cast.take(["t1", "t3", "t4"], "name");
  cast.hide([cast.all[3], cast.all[0], cast.all[2]]);
  assert.deepEqual(cast.slots, [1, 2, 3]);
  assert.deepEqual(cast.inOrder, [1, 2, 3]);
  assert.equal(cast.names.size, 0);
  assert.deepEqual(cast.chosen, ["t1", "t3", "t4"], "who takes part, in the order of the ranking");
  cast.reveal();
  assert.deepEqual(
    [...cast.names],
    [
      [1, "Team 4"],
      [2, "Team 1"],
      [3, "Team 3"],
    ],
  );
  cast.hide(null);
  assert.deepEqual(cast.slots, [1, 3, 4]);
  assert.equal(cast.names.get(3), "Team 3");
});
