// What the screen check computes: sizes, limits, and the two tests of the eyes with observers made of formulas.

import assert from "node:assert/strict";
import { test } from "node:test";

import { outside, remedies } from "../../static/js/evidence/limits.js";
import { pixelsPerDegree, rememberedSize, rememberSize } from "../../static/js/evidence/screen-size.js";
import { AcuityTest, drawRing, SIDES } from "../../static/js/passport/acuity.js";
import { coloursOf, conesOf, DotsTest, KINDS, placeDots } from "../../static/js/passport/dots.js";
import { MemoryStorage } from "../../static/js/saving/storage.js";

/** Numbers that look random and are the same in each run. */
function seeded(seed) {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

test("a size is remembered for the screen that it was measured on", () => {
  const localStorage = new MemoryStorage();
  const on = (width, left = 0) => ({
    localStorage,
    screen: { width, height: 1000, colorDepth: 24, availLeft: left, availTop: 0 },
  });
  rememberSize(on(1920), 3.7);
  rememberSize(on(1920, 1920), 7.4);
  assert.deepEqual([on(1920), on(1920, 1920), on(1280)].map(rememberedSize), [3.7, 7.4, null]);
  for (let width = 1; width < 60; width += 1) rememberSize(on(width), 5);
  assert.equal(Object.keys(JSON.parse(localStorage.getItem("studyapp.px-per-mm"))).length, 20);
  assert.equal(rememberedSize({ screen: on(1920).screen }), null, "a browser that forbids it");
});

test("a degree is what it is at the distance", () => {
  assert.ok(Math.abs(pixelsPerDegree(1, 57.29) - 10) < 0.01, "1 cm at 57 cm is one degree");
});

/** Whoever sees gaps of so many pixels, and guesses wrongly below. */
function readsFrom(finest, asked) {
  while (!asked.done)
    asked.answer(asked.gap >= finest ? asked.side : SIDES[(SIDES.indexOf(asked.side) + 1) % 4]);
  return asked.result;
}

test("acuity is the finest gap that is seen, and a screen says where it ends", () => {
  const cases = [
    // pixels per degree, finest gap seen, what the test says
    [60, 1, { decimal: 1, gap_px: 1, limited: true }],
    [30, 1, { decimal: 0.5, gap_px: 1, limited: true }],
    [240, 4, { decimal: 1, gap_px: 4, limited: false }],
    [240, 7, { decimal: 0.5, gap_px: 8, limited: false }],
    [240, 1, { decimal: 1.33, gap_px: 3, limited: true }],
  ];
  for (const [perDegree, finest, expected] of cases)
    assert.deepEqual(readsFrom(finest, new AcuityTest(perDegree, seeded(3))), expected);
  assert.deepEqual(readsFrom(99, new AcuityTest(240, seeded(4))), {
    decimal: 0,
    gap_px: null,
    limited: false,
  });
});

test("one slip does not end a size, two do", () => {
  const asked = new AcuityTest(240, seeded(1));
  const { gap } = asked;
  asked.answer(null);
  asked.answer(asked.side);
  asked.answer(asked.side);
  assert.ok(asked.gap < gap);
  asked.answer(null);
  asked.answer(null);
  assert.ok(asked.done);
  assert.equal(asked.result.gap_px, gap);
});

test("a ring is five gaps wide and open on the side that is asked for", () => {
  for (const side of SIDES) {
    const filled = [];
    const context = { canvas: { width: 41, height: 41 }, fillRect: (...at) => filled.push(at) };
    drawRing(context, 3, side);
    const [, outer, , gap] = filled;
    assert.deepEqual(outer, [13, 13, 15, 15]);
    const middle = { up: [19, 13], right: [25, 19], down: [19, 25], left: [13, 19] }[side];
    assert.deepEqual(gap, [...middle, 3, 3]);
  }
});

test("an observer without one kind of cones sees nothing of its dots, and everybody else does", () => {
  const CONES = { protan: 0, deutan: 1, tritan: 2 };
  for (const kind of KINDS)
    for (const flip of [false, true]) {
      const [ring, others] = coloursOf(kind, flip);
      assert.ok(
        [...ring, ...others].every((value) => value > 0 && value * 1.35 < 1),
        `${kind} is out of sRGB`,
      );
      const [one, other] = [conesOf(ring), conesOf(others)];
      for (const missing of KINDS) {
        const seen = [0, 1, 2].filter((cone) => cone !== CONES[missing]);
        // Brightness differs from dot to dot, so only the ratio of two cones tells.
        const ratio = (cones) => cones[seen[0]] / cones[seen[1]];
        const contrast = Math.abs(Math.log(ratio(one) / ratio(other)));
        if (missing === kind) assert.ok(contrast < 1e-9, `${missing} sees the dots of ${kind}`);
        else assert.ok(contrast > 0.1, `${missing} does not see the dots of ${kind}`);
      }
    }
});

/** The test as somebody answers it who reads only some kinds. */
function readsKinds(kinds, seed) {
  const asked = new DotsTest(seeded(seed));
  let shown = 0;
  for (; !asked.done; shown += 1) asked.answer(kinds.includes(asked.kind) ? asked.side : null);
  return { ...asked.result, shown };
}

test("the dots tell who lacks which cones, with one slip allowed", () => {
  const all = ["control", ...KINDS];
  assert.deepEqual(readsKinds(all, 1), { control: true, protan: 3, deutan: 3, tritan: 3, shown: 10 });
  const lacking = readsKinds(["control", "deutan", "tritan"], 2);
  assert.deepEqual([lacking.control, lacking.protan, lacking.deutan, lacking.tritan], [true, 0, 3, 3]);
  assert.equal(lacking.shown, 11);
  const slip = new DotsTest(seeded(5));
  const once = new Set();
  while (!slip.done) {
    const { kind } = slip;
    slip.answer(kind === "control" || once.has(kind) ? slip.side : null);
    once.add(kind);
  }
  assert.deepEqual(slip.result, { control: true, protan: 3, deutan: 3, tritan: 3 });
});

test("dots lie beside each other, and the gap of the ring is on its side", () => {
  const dots = placeDots("left", seeded(7));
  assert.ok(dots.length > 200);
  for (const [at, one] of dots.entries())
    for (const other of dots.slice(at + 1))
      assert.ok(Math.hypot(one.x - other.x, one.y - other.y) > one.radius + other.radius);
  const ring = dots.filter((dot) => dot.ring);
  assert.ok(ring.length > 60);
  assert.ok(ring.some(({ x, y }) => x > 0 && Math.abs(y) < 0.2));
  assert.ok(!ring.some(({ x, y }) => x < 0 && Math.abs(y) < 0.2));
});

test("what a study needs of the window is said with the value and the remedy", () => {
  const now = { dpr: 1.25, width: 1000, height: 560, gamut: "srgb" };
  const viewing = { window: [1280, 700], pixel_ratio: [1, 1.25], gamut: "p3" };
  assert.deepEqual(outside({}, now), []);
  assert.deepEqual(outside(viewing, now), ["window", "gamut"]);
  assert.deepEqual(outside(viewing, { ...now, dpr: 1.5, gamut: "rec2020" }), ["pixel_ratio"]);
  const [window, gamut, asked] = remedies(["window", "gamut", "ask:size", "ask:distance"], viewing, now);
  assert.match(window, /at least 1280 × 700 pixels of the screen; yours has 1250 × 700\. Make it larger/);
  assert.match(gamut, /the colours of P3; your browser reports sRGB\. Use another screen/);
  assert.equal(asked, "This study also asks about: size of the screen and viewing distance.");
});
