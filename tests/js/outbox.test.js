import assert from "node:assert/strict";
import { test } from "node:test";

import { DurableStorage } from "../../static/js/saving/durable-storage.js";
import { Outbox } from "../../static/js/saving/outbox.js";
import { MemoryStorage } from "../../static/js/saving/storage.js";

/** An outbox whose network answers from a list, whose clock is ours and whose keys count up. */
function desk(
  answers,
  { storage = new DurableStorage([], new MemoryStorage(), null), tab = "one", spread = undefined } = {},
) {
  const sent = [];
  const timers = [];
  let keys = 0;
  const outbox = new Outbox({
    storage,
    tab,
    spread,
    makeKey: () => `key-${tab}-${++keys}`,
    delay: (act, ms) => timers.push({ act, ms }) - 1,
    cancel: () => {},
    send: async (request) => {
      sent.push(structuredClone(request));
      const answer = answers.shift();
      if (answer === "broken") throw new TypeError("network");
      return answer;
    },
  });
  const settle = async () => {
    for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
  };
  return { outbox, sent, timers, storage, settle };
}

const ok = (revision) => ({ status: 200, body: { revision, answer: [], saved_at: "now" } });
const start = (outbox) => outbox.lane("t1", "/ballot", { revision: 0, answer: [] });

test("answers go one after the other, each on top of the revision before", async () => {
  const { outbox, sent, settle, storage } = desk([ok(1), ok(2)]);
  const lane = start(outbox);
  outbox.put(lane, { answer: [1] });
  outbox.put(lane, { answer: [1, 2] });
  outbox.put(lane, { answer: [1, 2, 3] });
  await settle();
  assert.deepEqual(
    sent.map(({ body }) => [body.base_revision, body.answer]),
    [
      [0, [1]],
      [1, [1, 2, 3]],
    ],
  );
  assert.equal(lane.state, "saved");
  assert.equal(storage.length, 0);
});

test("a retry sends the very same answer, key and all", async () => {
  const { outbox, sent, timers, settle } = desk(["broken", { status: 503, body: null }, ok(1)]);
  const lane = start(outbox);
  outbox.put(lane, { answer: [4] });
  await settle();
  assert.equal(lane.state, "failed");
  timers.shift().act();
  await settle();
  assert.deepEqual(
    timers.map(({ ms }) => ms),
    [2000],
    "it waits longer each time",
  );
  timers.shift().act();
  await settle();
  assert.equal(lane.state, "saved");
  assert.deepEqual(sent[0], sent[2]);
});

test("judges who failed together do not all come back together", async () => {
  const { outbox, timers, settle } = desk(["broken"], { spread: () => 0.8 });
  const lane = start(outbox);
  outbox.put(lane, { answer: [4] });
  await settle();
  assert.equal(timers[0].ms, 800);
});

test("what was not acknowledged survives a reload and is sent under its old key", async () => {
  const first = desk(["broken"]);
  first.outbox.put(start(first.outbox), { answer: [4] });
  await first.settle();
  const second = desk([ok(1)], { storage: first.storage });
  const [lane] = second.outbox.recover();
  assert.deepEqual(second.outbox.pending("t1").answer, [4]);
  await second.settle();
  assert.deepEqual(second.sent[0], first.sent[0]);
  assert.equal(lane.state, "saved");
  assert.equal(first.storage.length, 0);
});

test("a stale answer stops and keeps both sides until the judge decides", async () => {
  const current = { revision: 3, answer: [9] };
  const { outbox, sent, settle } = desk([
    { status: 409, body: { error: { code: "stale" }, current } },
    ok(4),
  ]);
  const lane = start(outbox);
  outbox.put(lane, { answer: [4] });
  await settle();
  assert.equal(lane.state, "stale");
  assert.deepEqual(lane.conflict, current);
  assert.equal(outbox.unsaved.length, 1);
  outbox.resolve(lane, current, { answer: [4] });
  await settle();
  assert.equal(sent[1].body.base_revision, 3);
  assert.notEqual(sent[1].body.key, sent[0].body.key);
  assert.equal(lane.state, "saved");
});

test("taking theirs sends nothing", async () => {
  const { outbox, sent, settle, storage } = desk([
    { status: 409, body: { error: {}, current: { revision: 3, answer: [9] } } },
  ]);
  const lane = start(outbox);
  outbox.put(lane, { answer: [4] });
  await settle();
  outbox.resolve(lane, lane.conflict, null);
  assert.equal(sent.length, 1);
  assert.deepEqual([lane.state, lane.revision, storage.length], ["saved", 3, 0]);
});

test("closed, logged out and refused are told apart and never retried blindly", async () => {
  const cases = [
    [{ status: 409, body: { error: { code: "closed", message: "closed" } } }, "closed"],
    [{ status: 401, body: { error: { code: "logged_out" } } }, "logged-out"],
    [{ status: 422, body: { error: { code: "invalid", message: "no" } } }, "refused"],
  ];
  for (const [answer, state] of cases) {
    const { outbox, timers, settle } = desk([answer]);
    const lane = start(outbox);
    outbox.put(lane, { answer: [4] });
    await settle();
    assert.equal(lane.state, state);
    assert.equal(timers.length, 0);
  }
});

test("after logging in again the same answer goes out", async () => {
  const { outbox, sent, settle } = desk([{ status: 401, body: { error: { code: "link_revoked" } } }, ok(1)]);
  outbox.put(start(outbox), { answer: [4] });
  await settle();
  outbox.retryNow();
  await settle();
  assert.deepEqual(sent[0], sent[1]);
  assert.equal(outbox.unsaved.length, 0);
});

test("an answer goes to its own trial, whatever is on the screen", async () => {
  const { outbox, sent, timers, settle } = desk(["broken", ok(1), ok(1)]);
  outbox.put(start(outbox), { answer: [4] });
  await settle();
  outbox.put(outbox.lane("t2", "/other", { revision: 0, answer: [] }), { answer: [7] });
  await settle();
  timers.shift().act();
  await settle();
  assert.deepEqual(
    sent.map(({ url, body }) => [url, body.answer[0]]),
    [
      ["/ballot", 4],
      ["/other", 7],
      ["/ballot", 4],
    ],
  );
});
