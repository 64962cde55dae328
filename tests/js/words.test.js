import assert from "node:assert/strict";
import { test } from "node:test";

import { advice, difference } from "../../static/js/evidence/conditions.js";
import { dataUrl, pageOf } from "../../static/js/page/navigation.js";
import { othersState, saveState } from "../../static/js/saving/save-state.js";

const GOOD = {
  dpr: 1,
  width: 1920,
  height: 1000,
  screen: [1920, 1080],
  gamut: "srgb",
  contrast: false,
  zoom: 1,
};

test("a good screen gets no advice, each fault a sentence of its own", () => {
  assert.deepEqual(advice(GOOD), []);
  for (const fault of [{ zoom: 1.25 }, { width: 800 }, { gamut: "less" }, { contrast: true }]) {
    assert.equal(advice({ ...GOOD, ...fault }).length, 1, JSON.stringify(fault));
  }
});

test("a change of the screen names what changed and nothing else", () => {
  assert.equal(difference(GOOD, { ...GOOD }), null);
  assert.deepEqual(difference(GOOD, { ...GOOD, dpr: 2, screen: [2560, 1440] }), {
    dpr: 2,
    screen: [2560, 1440],
  });
});

test("only an acknowledged answer is called saved", () => {
  const says = (lane) => saveState({ revision: 1, ...lane }).text;
  assert.equal(says({ state: "saved" }), "Saved");
  assert.equal(saveState({ state: "saved", revision: 0 }).text, "", "nothing was picked yet");
  assert.equal(says({ state: "saving" }), "Saving");
  for (const state of ["failed", "stale", "logged-out", "refused", "closed"])
    assert.equal(says({ state }), "Not saved");
});

test("answers to other images are not forgotten, those of another judge not shown", () => {
  const here = { trial: "a", state: "saving" };
  assert.equal(othersState([here], here), null);
  assert.equal(
    othersState([{ trial: "b", state: "saving" }], here),
    null,
    "what is on its way needs no words",
  );
  assert.equal(othersState([{ trial: "b", state: "refused", recovered: true }], here), null);
  assert.match(othersState([{ trial: "b", state: "failed" }], here).action, /Retry/);
  assert.equal(
    othersState(
      [
        { trial: "c", state: "failed" },
        { trial: "b", state: "stale" },
      ],
      here,
    ).lane.trial,
    "b",
  );
});

test("addresses of trials", () => {
  assert.equal(dataUrl(pageOf("x1")), "/api/trials/x1");
  assert.equal(dataUrl("/judge/finish"), null);
});
