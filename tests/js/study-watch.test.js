import assert from "node:assert/strict";
import { test } from "node:test";

import { ASKED_EVERY, StudyWatch } from "../../static/js/page/study-watch.js";

/** A watch over a page in `state`; `replies` is what the server says, one after the other. */
function watching(context, state, replies, shown = true) {
  context.mock.timers.enable({ apis: ["setInterval"] });
  const told = [];
  const trial = {
    data: { state, withdrawn: false, links: { data: "/api/trials/t1" } },
    follow(body) {
      Object.assign(this.data, body);
      told.push(body.state);
    },
  };
  const asked = [];
  const ask = async (url) => {
    asked.push(url);
    const reply = replies.shift();
    if (!reply) throw new TypeError("network");
    return { status: 200, body: { withdrawn: false, ...reply } };
  };
  const page = Object.assign(new EventTarget(), { hidden: !shown });
  let changes = 0;
  const changed = () => {
    changes += 1;
  };
  const watch = new StudyWatch(trial, { ask, changed, page });
  watch.enable();
  const tick = async () => {
    context.mock.timers.tick(ASKED_EVERY * 1000);
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  };
  return { trial, told, asked, watch, page, tick, changes: () => changes };
}

test("a pause is asked about until it is over", async (context) => {
  const page = watching(context, "paused", [{ state: "paused" }, null, { state: "open" }]);
  for (let turn = 0; turn < 5; turn += 1) await page.tick();
  assert.deepEqual(page.told, ["open"]);
  assert.equal(page.asked.length, 3, "once it goes on nothing is asked");
  assert.equal(page.changes(), 1);
});

test("nobody asks for a page that nobody sees, but the judge who comes back to it learns", async (context) => {
  const { page, ...hidden } = watching(context, "paused", [{ state: "open" }], false);
  await hidden.tick();
  assert.deepEqual(hidden.asked, []);
  page.hidden = false;
  page.dispatchEvent(new Event("visibilitychange"));
  await hidden.tick();
  assert.deepEqual(hidden.told, ["open"]);
});

test("while the study is open its answers tell, and nothing is asked", async (context) => {
  const open = watching(context, "open", [{ state: "closed" }]);
  await open.tick();
  assert.deepEqual(open.asked, []);
  await open.watch.look(); // the judge comes back to the page
  assert.deepEqual(open.told, ["closed"]);
});

test("a watch that is switched off asks no more", async (context) => {
  const page = watching(context, "paused", [{ state: "open" }]);
  page.watch.disable();
  await page.tick();
  page.page.dispatchEvent(new Event("visibilitychange"));
  assert.deepEqual(page.asked, []);
});

test("an answer for a trial that was left meanwhile changes nothing", async (context) => {
  const page = watching(context, "paused", [{ state: "open" }]);
  const looking = page.watch.look();
  page.trial.data = { ...page.trial.data };
  await looking;
  assert.deepEqual(page.told, []);
});
