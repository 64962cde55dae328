import assert from "node:assert/strict";
import { test } from "node:test";

import {
  blank,
  inWords,
  keysOf,
  lacks,
  missing,
  put,
  sameReasons,
  sentenceOf,
} from "../../static/js/evidence/reason-list.js";

const reason = (more = {}) => ({
  ...blank(3),
  region: "Hair",
  attribute: "Texture",
  direction: "better",
  ...more,
});
const keys = (...words) => [...keysOf(words).values()].join("");

test("each word has a key of its own: its first letter that is free, else any", () => {
  assert.equal(keys("Global", "Face", "Hair", "Clothing", "Background", "Text", "Other"), "GFHCBTO");
  assert.equal(keys("Sharpness", "Texture", "Noise", "Color", "Artifacts", "Realism", "Fidelity"), "STNCARF");
  assert.equal(keys("Text", "Texture", "Tex", "T"), "TEXA");
  assert.equal(keys("Yellow", "\u9aee"), "EA", "Y opens the panel, and another writing has no letter here");
  const many = Array.from({ length: 20 }, (_, index) => `Zone ${index}`);
  assert.equal(new Set(keysOf(many).values()).size, 20);
});

test("a reason lacks its candidate, its region, its attribute, its direction, in this order", () => {
  assert.equal(lacks(blank()), "candidate");
  assert.equal(lacks(blank(3)), "region");
  assert.equal(lacks({ ...blank(3), rect: [0, 0, 5, 5] }), "attribute");
  assert.equal(lacks(reason({ direction: null })), "direction");
  assert.equal(lacks(reason()), null);
});

test("a ballot says one thing about the same: another one replaces it, where it stands", () => {
  const worse = reason({ direction: "worse" });
  const face = reason({ region: "Face" });
  assert.deepEqual(put([], null, face), { list: [face], at: 0 });
  assert.deepEqual(put([reason(), face], null, worse), { list: [face, worse], at: 1 });
  assert.deepEqual(put([reason(), face], 0, worse), { list: [worse, face], at: 0 });
  assert.deepEqual(put([reason(), face], 1, worse), { list: [worse], at: 0 }, "changed into the other");
  assert.deepEqual(put([reason()], null, reason({ slot: 4 })).list.length, 2);
});

test("reasons are the same whatever the order of their members", () => {
  const turned = Object.fromEntries(Object.entries(reason()).reverse());
  assert.ok(sameReasons([reason()], [turned]));
  assert.ok(!sameReasons([reason()], []));
  assert.ok(!sameReasons([reason()], [reason({ text: "Soft." })]));
});

test("a sentence is one line with something to read in it, or none", () => {
  assert.equal(sentenceOf("  Soft,\r\n\tnatural\u2028hair\ud800. "), "Soft, natural hair .");
  assert.equal(sentenceOf(" \u200b\n"), null);
});

test("what is said of a reason, by what the reader's language calls its words", () => {
  const says = (given) => inWords(reason(given), (_field, name) => ({ Hair: "Cheveux" })[name] ?? name);
  assert.equal(says({ severity: 2 }), "Cheveux · Texture: better (clear)");
  assert.equal(says({ rect: [1, 2, 3, 4], direction: "worse" }), "Cheveux (drawn) · Texture: worse");
  assert.equal(says({ region: null, rect: [1, 2, 3, 4] }), "Drawn · Texture: better");
});

test("what is missing is said until there are as many as the study requires", () => {
  assert.equal(missing(0, 0), null);
  assert.equal(missing(0, 1), "Say why first (press Y): this study asks for 1 reason.");
  assert.equal(missing(1, 3), "Say why first (press Y): 2 more reasons are needed.");
  assert.equal(missing(3, 3), null);
});
