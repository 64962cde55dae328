import assert from "node:assert/strict";
import { test } from "node:test";

import {
  claimTab,
  DurableStorage,
  livingTabs,
  mergeRecords,
  PREFIX,
} from "../../static/js/saving/durable-storage.js";
import { Outbox } from "../../static/js/saving/outbox.js";
import { MemoryStorage } from "../../static/js/saving/storage.js";
import { Disk } from "./disk.mjs";

const settle = async () => {
  for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
};
const record = (edition, answer = [1]) =>
  JSON.stringify({ trial: "t1", url: "/b", revision: 0, flying: { body: { key: "k", answer } }, edition });
const forbidden = {
  setItem() {
    throw new Error("forbidden");
  },
  removeItem() {
    throw new Error("forbidden");
  },
};

/** A page's outbox on this disk; `answers` are the network's. */
function page(disk, answers, { plain = new MemoryStorage() } = {}) {
  const sent = [];
  const entries = mergeRecords(disk.records, plain, { tab: "one", alive: new Set(["one"]) });
  const storage = new DurableStorage(entries, plain, disk);
  const outbox = new Outbox({
    storage,
    tab: "one",
    makeKey: () => "key-1",
    delay: () => 0,
    cancel: () => {},
    send: async (request) => {
      sent.push(structuredClone(request));
      const answer = answers.shift();
      if (!answer) throw new TypeError("offline");
      return answer;
    },
  });
  return { outbox, sent, storage };
}

test("after a crash that spares only the disk the answer is sent once more, under its key", async () => {
  const disk = new Disk();
  const before = page(disk, []);
  before.outbox.put(before.outbox.lane("t1", "/b", { revision: 0, answer: [] }), { answer: [3, 1] });
  await settle();
  const after = page(disk, [{ status: 200, body: { revision: 1, answer: [3, 1], saved_at: "now" } }]);
  const [lane] = after.outbox.recover();
  await settle();
  assert.deepEqual(after.sent[0], before.sent[0]);
  assert.equal(lane.state, "saved");
  assert.equal(disk.records.size, 0, "what is acknowledged is forgotten");
});

test("without localStorage the disk suffices, and the other way round; without both the outbox is told", async () => {
  const disk = new Disk();
  const key = `${PREFIX}t1.one`;
  const onDisk = new DurableStorage([], forbidden, disk);
  assert.equal(await onDisk.keep(key, record(1)), true);
  assert.equal(disk.records.size, 1);

  disk.broken = true;
  const plain = new MemoryStorage();
  const inPlain = new DurableStorage([], plain, disk);
  assert.equal(await inPlain.keep(key, record(1)), true);
  assert.equal(plain.length, 1);

  assert.equal(await onDisk.keep(key, record(3)), false);
  assert.equal(onDisk.getItem(key), record(3), "in memory it is there all the same");
  assert.equal(await new DurableStorage([], null, null).keep(key, record(1)), false);
});

test("a store that was closed under the page does not stop it", async () => {
  const closed = {
    put() {
      throw new Error("closed");
    },
  };
  const storage = new DurableStorage([], new MemoryStorage(), closed);
  assert.equal(await storage.keep(`${PREFIX}t1.one`, record(1)), true);
  assert.equal(storage.length, 1);
});

test("of two copies the newer one counts, and living tabs keep their own answers", () => {
  const plain = new MemoryStorage();
  plain.setItem(`${PREFIX}t1.one`, record(5, [2]));
  plain.setItem(`${PREFIX}t2.gone`, record(1));
  plain.setItem("studyapp.something-else", "1");
  const stored = [
    [`${PREFIX}t1.one`, record(4, [9])],
    [`${PREFIX}t1.other`, record(9)],
    [`${PREFIX}t2.gone`, record(3, [7])],
  ];
  const merged = mergeRecords(stored, plain, { tab: "one", alive: new Set(["one", "other"]) });
  assert.deepEqual(
    [...merged],
    [
      [`${PREFIX}t1.one`, record(5, [2])],
      [`${PREFIX}t2.gone`, record(3, [7])],
    ],
  );
  assert.equal(mergeRecords([], null, { tab: "one", alive: new Set() }).size, 0);
});

test("the twin of a duplicated tab takes another name", async () => {
  const locks = new Locks();
  assert.equal(await claimTab(locks, "mine", () => "unused", 50), "mine");
  assert.equal(await claimTab(locks, "mine", () => "twin", 50), "twin");
  assert.deepEqual([...(await livingTabs(locks))].sort(), ["mine", "twin"]);
});

/** The browser's locks in little: who asks for a held one waits until their patience ends. */
class Locks {
  constructor() {
    this.names = new Set();
  }
  async query() {
    return { held: [...this.names].map((name) => ({ name })) };
  }
  async request(name, { signal }, act) {
    if (this.names.has(name)) {
      const awake = setTimeout(() => {}, 10_000); // the signal's own timer does not keep node awake
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))).finally(
        () => clearTimeout(awake),
      );
    }
    this.names.add(name);
    return act();
  }
}
