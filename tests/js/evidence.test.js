import assert from "node:assert/strict";
import { test } from "node:test";

import { DwellMap } from "../../static/js/evidence/coverage.js";
import { Reports } from "../../static/js/evidence/reports.js";
import { MemoryStorage } from "../../static/js/saving/storage.js";

const settle = async () => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

/** Reports whose network answers by status from a list ("broken": it rejects). */
function desk(answers, storage = new MemoryStorage()) {
  const sent = [];
  const send = async (request) => {
    sent.push(structuredClone(request));
    const status = answers.shift();
    if (status === "broken") throw new TypeError("network");
    return { status };
  };
  return { reports: new Reports({ send, storage }), sent, storage };
}

const report = (visit, seconds) => ({ visit, seconds });

test("only what no ballot carried is sent, once", async () => {
  const { reports, sent, storage } = desk([200, 200]);
  reports.carry(report("a", 30));
  reports.leave("/a", report("a", 30.4));
  assert.equal(sent.length, 0, "the ballot said it all");
  reports.leave("/a", report("a", 42), { outlive: true });
  reports.leave("/a", report("a", 42), { outlive: true });
  await settle();
  assert.deepEqual(sent, [{ url: "/a", body: report("a", 42), outlive: true }]);
  reports.leave("/a", report("a", 60));
  await settle();
  assert.deepEqual([sent.length, storage.length], [2, 0]);
});

test("what did not arrive is kept, replaced by a later report of the visit, and sent by the next page", async () => {
  const first = desk(["broken", 503]);
  first.reports.leave("/a", report("a", 5));
  await settle();
  first.reports.leave("/a", report("a", 9));
  await settle();
  assert.equal(first.storage.length, 1);
  const second = desk([200], first.storage);
  await second.reports.catchUp();
  assert.deepEqual(second.sent[0].body, report("a", 9));
  assert.equal(second.storage.length, 0);
});

test("an answer to an earlier report does not drop the later one", async () => {
  const { reports, storage } = desk([]);
  const answers = [];
  reports.send = () => new Promise((resolve) => answers.push(resolve));
  reports.leave("/a", report("a", 5));
  reports.leave("/a", report("a", 9));
  answers[0]({ status: 503 });
  await settle();
  assert.equal(storage.length, 1);
  answers[1]({ status: 200 });
  await settle();
  assert.equal(storage.length, 0);
});

test("once the server is back, everything kept follows; another judge's stays for them", async () => {
  const { reports, sent, storage } = desk(["broken", 404, 200, 200, 404]);
  reports.leave("/a", report("a", 5));
  reports.leave("/theirs", report("b", 5));
  await settle();
  reports.leave("/c", report("c", 5));
  await settle();
  assert.deepEqual(
    sent.map(({ url }) => url),
    ["/a", "/theirs", "/c", "/a", "/theirs"],
  );
  assert.equal(storage.length, 1);
});

test("a server that is away is not asked again for each of many", async () => {
  const storage = new MemoryStorage();
  const down = desk(["broken", "broken", "broken"], storage);
  for (const visit of ["a", "b", "c"]) down.reports.leave("/x", report(visit, 5));
  await settle();
  const again = desk([503], storage);
  await again.reports.catchUp();
  assert.equal(again.sent.length, 1);
});

test("what is refused for good or too much is given up", async () => {
  const { reports, storage } = desk([409, ...Array.from({ length: 60 }, () => "broken")]);
  reports.leave("/a", report("a", 5));
  await settle();
  assert.equal(storage.length, 0, "the study is closed");
  for (let visit = 0; visit < 45; visit += 1) {
    reports.leave("/a", report(`v${visit}`, 5));
    await settle();
  }
  assert.equal(storage.length, 40);
  assert.equal(storage.getItem("studyapp.looking.v0"), null, "the oldest went");
});

test("a change of the screen is kept until the server has it, each on its own", async () => {
  const { reports, sent, storage } = desk(["broken", "broken", 200, 422]);
  reports.note("n1", "/conditions", { changed: { dpr: 2 } });
  reports.note("n2", "/conditions", { changed: { dpr: 1 } });
  await settle();
  assert.equal(storage.length, 2);
  await reports.catchUp();
  assert.deepEqual(
    sent.slice(2).map(({ body }) => body.changed.dpr),
    [2, 1],
  );
  assert.equal(storage.length, 0, "what is refused is counted by the server, not sent for ever");
});

test("a storage that is full costs nothing but the second try", async () => {
  const { reports, sent, storage } = desk([200]);
  storage.setItem = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  reports.leave("/a", report("a", 5));
  await settle();
  assert.equal(sent.length, 1);
});

test("time is spread over the part that was on the screen, and none is lost", () => {
  const map = new DwellMap({ width: 1000, height: 500 });
  map.add({ x0: 0, y0: 0, x1: 1000, y1: 500 }, 60);
  const { cell, columns, rows, cells } = map.toJSON();
  assert.deepEqual([cell, columns, rows, cells.length], [42, 24, 12, 288]);
  map.add({ x0: 100, y0: 100, x1: 110, y1: 110 }, 10);
  map.add({ x0: 990, y0: 490, x1: 1000, y1: 500 }, 5);
  map.add({ x0: 5, y0: 5, x1: 5, y1: 9 }, 7);
  const sum = map.seconds.reduce((total, seconds) => total + seconds, 0);
  assert.ok(Math.abs(sum - 75) < 1e-9);
  assert.ok(map.seconds[2 * 24 + 2] > 10, "a small part holds its time");
});
