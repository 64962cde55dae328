import assert from "node:assert/strict";
import { test } from "node:test";

import { DurableStorage } from "../../static/js/saving/durable-storage.js";
import { Outbox } from "../../static/js/saving/outbox.js";
import { Session } from "../../static/js/saving/session.js";
import { MemoryStorage } from "../../static/js/saving/storage.js";

const settle = async () => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

/** A session over a real outbox whose network answers from a list. */
function desk(answers) {
  const [sent, said] = [[], []];
  let keys = 0;
  const outbox = new Outbox({
    storage: new DurableStorage([], new MemoryStorage(), null),
    tab: "one",
    makeKey: () => `key-${(keys += 1)}`,
    delay: () => 0,
    cancel: () => {},
    send: async (request) => {
      sent.push(structuredClone(request.body));
      return answers.shift();
    },
  });
  const session = new Session(outbox);
  session.addEventListener("said", ({ detail }) => said.push(detail.text));
  return { session, sent, said };
}

const trial = (id = "t1", picks = [], revision = 0, more = {}) => ({
  trial: id,
  question: { kind: "top_k", places: 3 },
  open: true,
  answered: 4,
  slots: [1, 2, 3, 4, 5].map((slot) => ({ slot })),
  ballot: { revision, answer: { picks } },
  links: { ballot: `/api/trials/${id}/ballot` },
  ...more,
});
const ok = (revision, complete = false) => ({ status: 200, body: { revision, answer: { picks: [] }, complete } });
const stale = (picks) => ({
  status: 409,
  body: { error: { code: "stale" }, current: { revision: 7, answer: { picks } } },
});

test("each pick is saved at once, on top of the revision before", async () => {
  const { session, sent } = desk([ok(1), ok(2)]);
  session.load(trial());
  session.pick(5);
  await settle();
  session.pick(2);
  await settle();
  assert.deepEqual(
    sent.map(({ base_revision, answer }) => [base_revision, answer.picks]),
    [
      [0, [5]],
      [1, [5, 2]],
    ],
  );
});

test("a second press of the same digit changes and sends nothing", async () => {
  const { session, sent, said } = desk([ok(1)]);
  session.load(trial());
  session.pick(5);
  session.pick(5);
  await settle();
  assert.equal(sent.length, 1);
  assert.equal(said.at(-1), "Candidate 5 is already 1st.");
});

test("two tabs that picked the same need not ask", async () => {
  const { session } = desk([stale([5])]);
  session.load(trial());
  session.pick(5);
  await settle();
  assert.deepEqual([session.lane.state, session.lane.revision], ["saved", 7]);
});

test("a conflict is decided by the judge, and mine goes on top of theirs", async () => {
  const { session, sent } = desk([stale([2, 3]), ok(8)]);
  session.load(trial());
  session.pick(5);
  await settle();
  assert.equal(session.lane.state, "stale");
  session.resolve(true);
  await settle();
  assert.deepEqual([sent[1].base_revision, sent[1].answer.picks], [7, [5]]);
});

test("taking theirs shows theirs and sends nothing", async () => {
  const { session, sent } = desk([stale([2, 3])]);
  session.load(trial());
  session.pick(5);
  await settle();
  session.resolve(false);
  assert.deepEqual(session.picks, [2, 3]);
  assert.equal(sent.length, 1);
});

test("the count of answered images follows what the server has, not what is picked", async () => {
  const { session } = desk([ok(1), ok(2, true), { status: 0 }]);
  session.load(trial());
  assert.equal(session.answered, 4);
  for (const slot of [1, 2, 3]) session.pick(slot);
  assert.equal(session.answered, 4, "nothing is saved yet");
  await settle();
  assert.equal(session.answered, 5);
  session.undo();
  await settle();
  assert.equal(session.answered, 5, "that it was undone is not saved");
});

test("an image that is saved after the judge has gone on counts, a practice image never", async () => {
  const { session } = desk([ok(1, true), ok(1, true)]);
  session.load(trial("p", [], 0, { kind: "practice" }));
  session.pick(1);
  session.load(trial("t1"));
  await settle();
  assert.equal(session.answered, 4);
  session.pick(1);
  session.load(trial("t2"));
  await settle();
  assert.equal(session.answered, 5);
});

test("an answer that was stored long ago does not hide a later one of another device", async () => {
  const { session, said, sent } = desk([{ status: 0 }, ok(1)]);
  session.load(trial());
  session.pick(5);
  await settle();
  session.load(trial("t1", [2, 3], 2));
  assert.deepEqual(session.picks, [5], "what is not saved is shown");
  session.outbox.retryNow();
  await settle();
  assert.deepEqual(sent[0], sent[1]);
  assert.deepEqual([session.picks, session.lane.revision, session.lane.state], [[2, 3], 2, "saved"]);
  assert.match(said.at(-1), /A later answer of yours stands: 1st: 2, 2nd: 3/);
});

test("reasons and evidence travel with the picks; evidence alone makes no ballot, reasons do", async () => {
  const { session, sent } = desk([ok(1), ok(2), ok(1)]);
  session.collect = () => ({ reasons: [{ slot: 5 }] });
  session.load(trial());
  session.saveExtras();
  await settle();
  assert.equal(sent.length, 0);
  session.pick(5);
  await settle();
  session.saveExtras();
  await settle();
  assert.deepEqual([sent[1].answer.picks, sent[1].reasons], [[5], [{ slot: 5 }]]);
  session.load(trial("t2"));
  session.saveReasons();
  assert.deepEqual([sent[2].answer.picks, sent[2].reasons], [[], [{ slot: 5 }]]);
});

test("an answer in flight keeps its trial when the judge goes on", async () => {
  const { session, sent } = desk([ok(1), ok(1)]);
  session.load(trial("t1"));
  session.pick(5);
  session.load(trial("t2"));
  assert.deepEqual(session.picks, []);
  session.pick(1);
  await settle();
  session.load(trial("t1", [5], 1));
  assert.deepEqual(session.picks, [5]);
  assert.equal(sent.length, 2);
});
