// The pure parts of the questions beside the best few.

import assert from "node:assert/strict";
import { test } from "node:test";

import * as pairwise from "../../static/js/protocols/pairwise.js";
import * as ranking from "../../static/js/protocols/ranking.js";
import * as rating from "../../static/js/protocols/rating.js";
import * as slider from "../../static/js/protocols/slider.js";
import { arrange, enter, isOffered, isSteady, shownSlots } from "../../static/js/viewer/arrangement.js";
import { placeRow } from "../../static/js/viewer/geometry.js";

test("a pair offers what the study offers, and nothing else has a key", () => {
  const keys = (question) => pairwise.commands(undefined, question).flatMap((command) => command.keys ?? []);
  assert.deepEqual(pairwise.offered({ ties: true, both_bad: true }), ["a", "tie", "b", "bad"]);
  assert.deepEqual(keys({ ties: true, both_bad: false }), ["@Q", "@W", "@E", "Enter"]);
  assert.deepEqual(keys({ ties: false, both_bad: false }), ["@Q", "@E", "Enter"]);
  const question = { ties: false, both_bad: true };
  assert.equal(pairwise.missing({ choice: null }, question), "Choose an answer first.");
  assert.equal(pairwise.missing({ choice: "tie" }, question), null);
});

test("a choice is undone to none, and said in words", () => {
  assert.deepEqual(pairwise.rules.back({ choice: "a" }), { choice: null });
  assert.equal(pairwise.rules.describe({ choice: "b" }), "2 is better.");
  assert.ok(!pairwise.rules.same({ choice: "a" }, { choice: "b" }));
});

test("a pair stands in one row, left, input, right, however wide the images are", () => {
  const state = arrange([1, 2], { grid: [1, 0, 2] });
  assert.deepEqual(shownSlots(state), [1, 0, 2]);
  assert.deepEqual(shownSlots(enter(state, "versus")), [1, 2]);
  for (const aspect of [0.5, 1, 4]) {
    const rects = placeRow(3, aspect, { left: 0, top: 40, width: 1280, height: 700 }, 1);
    assert.equal(new Set(rects.map(({ top }) => top)).size, 1);
    assert.ok(rects[0].left < rects[1].left && rects[1].left < rects[2].left);
  }
});

test("a number answers wherever it shows nothing new", () => {
  const pair = arrange([1, 2]);
  assert.ok(isSteady(pair) && isSteady(enter(pair, "versus")) && isSteady(enter(pair, "split")));
  assert.ok(!isSteady(enter(pair, "blink")));
  const many = arrange([1, 2, 3]);
  assert.ok(!isSteady(enter(many, "versus", 2)));
});

test("views that the grid shows already are not offered; one alone is compared with the input", () => {
  const views = ["grid", "shortlist", "versus", "blink", "split"];
  const offers = (state) => views.filter((mode) => isOffered(state, mode));
  assert.deepEqual(offers(arrange([1, 2, 3])), views);
  assert.deepEqual(offers(arrange([1, 2], { grid: [1, 0, 2] })), ["grid", "versus", "blink", "split"]);
  assert.deepEqual(offers(arrange([1])), ["grid", "blink", "split"]);
  assert.deepEqual(offers(arrange([1], { grid: [1] })), ["grid", "versus", "split"]);
  assert.deepEqual(shownSlots(enter(arrange([1]), "split")), [0, 1]);
});

test("a score is said with the word of its scale", () => {
  const labels = [
    "Imperceptible",
    "Perceptible but not annoying",
    "Slightly annoying",
    "Annoying",
    "Very annoying",
  ];
  const { describe, back } = rating.rulesFor(labels);
  assert.equal(describe({ score: 5 }), "5, Imperceptible.");
  assert.equal(describe({ score: 1 }), "1, Very annoying.");
  assert.equal(describe({ score: null }), "No score.");
  assert.deepEqual(back({ score: 3 }), { score: null });
  assert.equal(rating.missing({ score: 1 }), null);
  assert.match(rating.missing({ score: null }), /1 to 5/);
});

test("ranks fill in order, and equal ones leave a gap behind them", () => {
  let groups = [];
  for (const slot of [5, 2, 7]) ({ groups } = ranking.append(groups, slot));
  assert.deepEqual(groups, [[5], [2], [7]]);
  assert.ok(ranking.append(groups, 2).refused);
  ({ groups } = ranking.tie(groups, 2));
  assert.deepEqual(groups, [[2, 5], [7]]);
  assert.deepEqual(
    [ranking.rankOf(groups, 5), ranking.rankOf(groups, 7), ranking.rankOf(groups, 1)],
    [1, 3, null],
  );
  assert.equal(ranking.describe(groups), "1st: 2 and 5, 3rd: 7.");
  assert.deepEqual(ranking.tie(groups, 5).groups, [[2], [5], [7]], "the same again takes it back");
  assert.deepEqual(
    ranking.tie(groups, 4).groups,
    [
      [2, 5],
      [4, 7],
    ],
    "who has no rank shares the last one",
  );
  assert.ok(ranking.tie([], 4).refused);
});

test("moving up and down leaves nobody out", () => {
  const groups = [[1], [2, 3], [4]];
  assert.deepEqual(ranking.move(groups, 4, -1).groups, [[1], [4], [2, 3]]);
  assert.deepEqual(ranking.move(groups, 1, 1).groups, [[2, 3], [1], [4]]);
  assert.deepEqual(ranking.move(groups, 3, -1).groups, [[1], [3], [2], [4]]);
  assert.deepEqual(ranking.move(groups, 3, 1).groups, [[1], [2], [3], [4]]);
  for (const [slot, step] of [
    [1, -1],
    [4, 1],
    [9, 1],
  ])
    assert.ok(ranking.move(groups, slot, step).refused);
});

test("a number is dropped between two ranks, or onto one", () => {
  const groups = [[1], [2], [3]];
  assert.deepEqual(ranking.insert(groups, 3, 0).groups, [[3], [1], [2]]);
  assert.deepEqual(ranking.insert(groups, 1, 3).groups, [[2], [3], [1]]);
  assert.deepEqual(ranking.insert(groups, 4, 1).groups, [[1], [4], [2], [3]]);
  assert.ok(ranking.insert(groups, 2, 1).refused && ranking.insert(groups, 2, 2).refused);
  assert.deepEqual(ranking.join(groups, 1, 2).groups, [[2], [1, 3]]);
  assert.deepEqual(ranking.remove([[1, 2], [3]], 3).groups, [[1, 2]]);
});

test("a ranking is complete with everybody in it, and undone from its end", () => {
  assert.equal(ranking.missing({ groups: [[1, 3]] }, [1, 2, 3]), "Still to rank: 2.");
  assert.equal(ranking.missing({ groups: [[1, 3], [2]] }, [1, 2, 3]), null);
  assert.deepEqual(ranking.rules.back({ groups: [[1], [2, 3]] }), { groups: [[1], [2]] });
});

test("scores of sliders have a place for each candidate, and none at all when none is given", () => {
  const one = slider.withScore([], 2, 70, 3);
  assert.deepEqual(one, [null, 70, null]);
  assert.deepEqual(slider.withScore(one, 2, null, 3), []);
  assert.deepEqual(slider.rules.back({ scores: [10, 70, null] }), { scores: [10, null, null] });
  assert.equal(slider.missing({ scores: one }, [1, 2, 3]), "Still to rate: 1 and 3.");
  assert.equal(slider.missing({ scores: [0, 0, 100] }, [1, 2, 3]), null, "0 is a value");
});

test("values are sorted from the highest, those without one last", () => {
  assert.deepEqual(slider.byValue([1, 2, 3, 4], [20, 80, null, 80]), [2, 4, 1, 3]);
});

test("the word of a value changes every 20", () => {
  const labels = ["Excellent", "Good", "Fair", "Poor", "Bad"];
  assert.deepEqual(
    [0, 19, 20, 59, 60, 80, 100].map((score) => slider.bandOf(score, labels)),
    ["Bad", "Bad", "Poor", "Fair", "Good", "Excellent", "Excellent"],
  );
});

test("what is typed is a whole number from 0 to 100, or nothing", () => {
  assert.deepEqual(["73", " 0 ", "100", ""].map(slider.typed), [73, 0, 100, null]);
  for (const text of ["101", "-1", "7.5", "1e2", "a"]) assert.equal(slider.typed(text), undefined, text);
});
