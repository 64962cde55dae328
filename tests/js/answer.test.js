import assert from "node:assert/strict";
import { test } from "node:test";

import { append, rules } from "../../static/js/protocols/top_k.js";
import { Answer } from "../../static/js/saving/answer.js";
import { DurableStorage } from "../../static/js/saving/durable-storage.js";
import { Outbox } from "../../static/js/saving/outbox.js";
import { MemoryStorage } from "../../static/js/saving/storage.js";

const settle = async () => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

/** An answer over a real outbox whose network answers from a list; `beside` goes with it. */
function desk(replies, beside = () => ({}), given = undefined) {
  const [sent, said] = [[], []];
  let keys = 0;
  const outbox = new Outbox({
    storage: new DurableStorage([], new MemoryStorage(), null),
    tab: "one",
    makeKey: () => `key-${++keys}`,
    delay: () => 0,
    cancel: () => {},
    send: async (request) => {
      sent.push(structuredClone(request.body));
      return replies.shift();
    },
  });
  const answer = new Answer(outbox, { beside, given, say: (text) => said.push(text) });
  const open = (data) => answer.open(data, rules);
  const pick = (slot) => answer.change({ picks: append(answer.value.picks, slot, 3).picks }, "");
  return { answer, open, pick, sent, said };
}

const trial = (id = "t1", picks = [], revision = 0, more = {}) => ({
  trial: id,
  open: true,
  answered: 4,
  ballot: { revision, picks },
  links: { ballot: `/api/trials/${id}/ballot` },
  ...more,
});
const ok = (revision, complete = false) => ({
  status: 200,
  body: { revision, picks: [], complete },
});
const stale = (picks) => ({
  status: 409,
  body: { error: { code: "stale" }, current: { revision: 7, picks } },
});

test("each pick is saved at once, on top of the revision before", async () => {
  const { open, pick, sent } = desk([ok(1), ok(2)]);
  open(trial());
  pick(5);
  await settle();
  pick(2);
  await settle();
  assert.deepEqual(
    sent.map(({ base_revision, picks }) => [base_revision, picks]),
    [
      [0, [5]],
      [1, [5, 2]],
    ],
  );
});

test("two tabs that picked the same need not ask", async () => {
  const { answer, open, pick } = desk([stale([5])]);
  open(trial());
  pick(5);
  await settle();
  assert.deepEqual([answer.lane.state, answer.lane.revision], ["saved", 7]);
});

test("a conflict is decided by the judge, and mine goes on top of theirs", async () => {
  const { answer, open, pick, sent } = desk([stale([2, 3]), ok(8)]);
  open(trial());
  pick(5);
  await settle();
  assert.equal(answer.lane.state, "stale");
  answer.resolve(true);
  await settle();
  assert.deepEqual([sent[1].base_revision, sent[1].picks], [7, [5]]);
});

test("taking theirs shows theirs and sends nothing", async () => {
  const { answer, open, pick, sent } = desk([stale([2, 3])]);
  open(trial());
  pick(5);
  await settle();
  answer.resolve(false);
  assert.deepEqual(answer.value.picks, [2, 3]);
  assert.equal(sent.length, 1);
});

test("the count of answered images follows what the server has, not what is picked", async () => {
  const { answer, open, pick } = desk([ok(1), ok(2, true), { status: 0 }]);
  open(trial());
  assert.equal(answer.answered, 4);
  for (const slot of [1, 2, 3]) pick(slot);
  assert.equal(answer.answered, 4, "nothing is saved yet");
  await settle();
  assert.equal(answer.answered, 5);
  answer.undo();
  await settle();
  assert.equal(answer.answered, 5, "that it was undone is not saved");
});

test("an image that is saved after the judge has gone on counts, a practice image never", async () => {
  const { answer, open, pick } = desk([ok(1, true), ok(1, true)]);
  open(trial("p", [], 0, { kind: "practice" }));
  pick(1);
  open(trial("t1"));
  await settle();
  assert.equal(answer.answered, 4);
  pick(1);
  open(trial("t2"));
  await settle();
  assert.equal(answer.answered, 5);
});

test("an answer that was stored long ago does not hide a later one of another device", async () => {
  const { answer, open, pick, said, sent } = desk([{ status: 0 }, ok(1)]);
  open(trial());
  pick(5);
  await settle();
  open(trial("t1", [2, 3], 2));
  assert.deepEqual(answer.value.picks, [5], "what is not saved is shown");
  answer.outbox.retryNow();
  await settle();
  assert.deepEqual(sent[0], sent[1]);
  assert.deepEqual([answer.value.picks, answer.lane.revision, answer.lane.state], [[2, 3], 2, "saved"]);
  assert.match(said.at(-1), /A later answer of yours counts. 1st: 2, 2nd: 3/);
});

test("reasons and evidence travel with the picks; evidence alone makes no ballot, reasons do", async () => {
  const { answer, open, pick, sent } = desk([ok(1), ok(2), ok(1)], () => ({ reasons: [{ slot: 5 }] }));
  open(trial());
  answer.saveAgain();
  await settle();
  assert.equal(sent.length, 0);
  pick(5);
  await settle();
  answer.saveAgain();
  await settle();
  assert.deepEqual([sent[1].picks, sent[1].reasons], [[5], [{ slot: 5 }]]);
  open(trial("t2"));
  answer.save();
  assert.deepEqual([sent[2].picks, sent[2].reasons], [[], [{ slot: 5 }]]);
});

test("an answer in flight keeps its trial when the judge goes on", async () => {
  const { answer, open, pick, sent } = desk([ok(1), ok(1)]);
  open(trial("t1"));
  pick(5);
  open(trial("t2"));
  assert.deepEqual(answer.value.picks, []);
  pick(1);
  await settle();
  open(trial("t1", [5], 1));
  assert.deepEqual(answer.value.picks, [5]);
  assert.equal(sent.length, 2);
});

test("what is changed by and by is saved once, and undone as one", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { answer, open, sent } = desk([1, 2, 3, 4, 5, 6].map((revision) => ok(revision)));
  open(trial());
  const slide = (slot, burst = "value of 1") => answer.change({ picks: [slot] }, "", { burst });
  for (const slot of [1, 2, 3]) slide(slot);
  await settle();
  assert.deepEqual([answer.inBurst, sent.length], [true, 0]);
  context.mock.timers.tick(500);
  await settle();
  assert.deepEqual([answer.inBurst, sent.map(({ picks }) => picks)], [false, [[3]]]);
  slide(4);
  slide(5, "value of 2");
  await settle();
  assert.deepEqual(sent.at(-1).picks, [4], "another value does not wait for the one before");
  answer.undo();
  assert.deepEqual(answer.value.picks, [4]);
  answer.undo();
  assert.deepEqual(answer.value.picks, [3]);
  answer.undo();
  assert.deepEqual(answer.value.picks, []);
});

test("going on does not wait until what was changed by and by has settled", async () => {
  const { answer, open, sent } = desk([ok(1)]);
  open(trial());
  answer.change({ picks: [1] }, "", { burst: "value of 1" });
  answer.flush();
  answer.flush();
  await settle();
  assert.deepEqual(
    sent.map(({ picks }) => picks),
    [[1]],
  );
});

test("reasons come back with what is unsent, and differ in a conflict", async () => {
  const other = {
    status: 409,
    body: { error: { code: "stale" }, current: { revision: 7, picks: [5], reasons: [2] } },
  };
  const given = { agrees: ({ reasons }) => String(reasons) === "1", describe: () => "" };
  const { answer, open, pick } = desk([{ status: 503, body: {} }, other], () => ({ reasons: [1] }), given);
  open(trial("t1", [], 0, { ballot: { revision: 0, picks: [], reasons: [] } }));
  assert.deepEqual(answer.reasons, []);
  pick(5);
  await settle();
  open(trial("t1", [], 0, { ballot: { revision: 0, picks: [], reasons: [] } }));
  assert.deepEqual(answer.reasons, [1], "what waits says more than the server");
  answer.outbox.retryNow();
  await settle();
  assert.equal(answer.lane.state, "stale", "the picks are the same, the reasons are not");
  let taken = 0;
  answer.addEventListener("taken", () => {
    taken += 1;
  });
  answer.resolve(false);
  assert.deepEqual([answer.reasons, taken], [[2], 1]);
});
