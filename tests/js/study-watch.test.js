import assert from "node:assert/strict";
import { test } from "node:test";

import { ASKED_EVERY, StudyWatch } from "../../static/js/page/study-watch.js";

/** A watch over a page in `state`; `answers` is what the server says, one after the other. */
function watching(state, answers, shown = true) {
  const told = [];
  const session = {
    data: { state, withdrawn: false, links: { data: "/api/trials/t1" } },
    setState(body) {
      Object.assign(this.data, body);
      told.push(body.state);
    },
  };
  const asked = [];
  const ask = async (url) => {
    asked.push(url);
    const answer = answers.shift();
    if (!answer) throw new TypeError("network");
    return { status: 200, body: { withdrawn: false, ...answer } };
  };
  let changes = 0;
  const watch = new StudyWatch(session, { ask, changed: () => (changes += 1) });
  let tick = null;
  watch.enable(
    (act, seconds) => {
      assert.equal(seconds, ASKED_EVERY);
      tick = act;
    },
    () => shown,
  );
  return { session, told, asked, watch, tick: async () => tick(), changes: () => changes };
}

test("a pause is asked about until it is over", async () => {
  const page = watching("paused", [{ state: "paused" }, null, { state: "open" }]);
  for (let turn = 0; turn < 5; turn += 1) await page.tick();
  assert.deepEqual(page.told, ["open"]);
  assert.equal(page.asked.length, 3, "once it goes on nothing is asked");
  assert.equal(page.changes(), 1);
});

test("nobody asks for a page that nobody sees, nor while the study is open", async () => {
  const hidden = watching("paused", [{ state: "open" }], false);
  await hidden.tick();
  const open = watching("open", [{ state: "closed" }]);
  await open.tick();
  assert.deepEqual([...hidden.asked, ...open.asked], []);
  await open.watch.look(); // the judge comes back to the page
  assert.deepEqual(open.told, ["closed"]);
});

test("an answer for a trial that was left meanwhile changes nothing", async () => {
  const page = watching("paused", [{ state: "open" }]);
  const looking = page.watch.look();
  page.session.data = { ...page.session.data };
  await looking;
  assert.deepEqual(page.told, []);
});
