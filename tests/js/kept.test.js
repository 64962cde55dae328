// "Kept in this browser", as a random walk: picks, reloads, crashes, clocks, broken storage, lost requests and answers, a
// second judge. What the page said is kept is there afterwards, and what it calls saved is what the server has.

import assert from "node:assert/strict";
import { test } from "node:test";

import { append, rules } from "../../static/js/protocols/top_k.js";
import { Answer, answerOf } from "../../static/js/saving/answer.js";
import { DurableStorage, mergeRecords } from "../../static/js/saving/durable-storage.js";
import { Outbox } from "../../static/js/saving/outbox.js";
import { MemoryStorage } from "../../static/js/saving/storage.js";
import { Disk } from "./disk.mjs";

const settle = async () => {
  for (let turn = 0; turn < 40; turn += 1) await Promise.resolve();
};

/** Numbers that are the same for the same seed (mulberry32). */
function dice(seed) {
  let state = seed;
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * sides);
  };
}

/** The server in little: one ballot for each trial, answers known by their keys, trials that belong to a judge. */
class Server {
  constructor() {
    Object.assign(this, { ballots: new Map(), keys: new Map(), judge: "ann", mood: "well" });
  }
  data(trial) {
    const ballot = this.ballots.get(trial) ?? { revision: 0, picks: [] };
    return { trial, open: true, answered: 0, ballot, links: { ballot: trial } };
  }
  answer({ url: trial, body }) {
    if (!trial.startsWith(this.judge)) return { status: 404, body: { error: { code: "not_found" } } };
    if (this.mood === "paused") return { status: 503, body: { error: { code: "paused" } } };
    const known = this.keys.get(body.key);
    if (known) return { status: 200, body: known };
    const current = this.data(trial).ballot;
    if (current.revision !== body.base_revision)
      return { status: 409, body: { error: { code: "stale" }, current } };
    const { picks } = body;
    const ballot = { revision: current.revision + 1, picks, complete: picks.length === 3 };
    this.ballots.set(trial, ballot);
    this.keys.set(body.key, ballot);
    return { status: 200, body: ballot };
  }
  async send(request) {
    if (this.mood === "away") throw new TypeError("network");
    const answer = structuredClone(this.answer(structuredClone(request)));
    if (this.mood === "deaf") throw new TypeError("the answer was lost");
    return answer;
  }
}

class Plain extends MemoryStorage {
  setItem(key, value) {
    if (this.broken) throw new Error("full");
    super.setItem(key, value);
  }
}

class Browser {
  constructor(server, roll) {
    Object.assign(this, { server, roll, disk: new Disk(), plain: new Plain(), keys: 0, wanted: new Map() });
  }
  /** A page on a trial, as after opening or reloading it; the page before is gone without a word. */
  async open(trial) {
    const gone = { dead: false };
    if (this.page) this.page.dead = true;
    this.page = gone;
    const entries = mergeRecords(this.disk.records, this.plain, { tab: "one", alive: new Set(["one"]) });
    this.outbox = new Outbox({
      storage: new DurableStorage(entries, this.plain, this.disk),
      tab: "one",
      makeKey: () => `key-${++this.keys}`,
      delay: () => 0,
      cancel: () => {},
      send: (request) => (gone.dead ? new Promise(() => {}) : this.server.send(request)),
    });
    this.answer = new Answer(this.outbox, { say: () => {} });
    this.outbox.recover();
    this.answer.open(this.server.data(trial), rules);
    await settle();
  }
  async pick(slot) {
    const { answer } = this;
    const { picks, said, refused } = append(answer.value.picks, slot, 3);
    if (!refused) answer.change({ picks }, said);
    await settle();
    const { lane } = answer;
    if (!lane.unkept || lane.state === "saved") this.wanted.set(lane.trial, answer.value);
    else this.wanted.delete(lane.trial); // it said "only while this page is open": then that may be lost
  }
}

async function walk(seed) {
  const roll = dice(seed);
  const server = new Server();
  const browser = new Browser(server, roll);
  const trials = { ann: ["ann-1", "ann-2"], bob: ["bob-1", "bob-2"] };
  const realNow = Date.now;
  let shift = 0;
  Date.now = () => realNow() + shift;
  const steps = [];
  try {
    await browser.open("ann-1");
    for (let step = 0; step < 40; step += 1) {
      const what = roll(9);
      steps.push(what);
      if (what <= 2) await browser.pick(1 + roll(4));
      else if (what === 3) server.mood = ["well", "away", "deaf", "paused"][roll(4)];
      else if (what === 4) shift = [0, -20, 20, -400][roll(4)] * 86_400_000;
      else if (what === 5 && browser.outbox.unsaved.length === 0) browser.disk.broken = roll(2) === 1;
      else if (what === 6 && browser.outbox.unsaved.length === 0) browser.plain.broken = roll(2) === 1;
      else if (what === 7) await browser.open(trials[server.judge][roll(2)]);
      else if (what === 8) {
        server.judge = roll(2) ? "ann" : "bob";
        await browser.open(trials[server.judge][roll(2)]);
      }
      const { lane, value } = browser.answer;
      if (lane.state === "saved" && lane.trial.startsWith(server.judge))
        assert.deepEqual(
          value,
          answerOf(server.data(lane.trial).ballot),
          `seed ${seed}, ${steps}: called saved`,
        );
    }
    server.mood = "well";
    shift = 0;
    for (const judge of ["ann", "bob"]) {
      server.judge = judge;
      await browser.open(trials[judge][0]);
      browser.outbox.retryNow();
      await settle();
      for (const [trial, wanted] of browser.wanted)
        if (trial.startsWith(judge))
          assert.deepEqual(
            answerOf(server.data(trial).ballot),
            wanted,
            `seed ${seed}, ${steps}: ${trial} was promised`,
          );
    }
  } finally {
    Date.now = realNow;
  }
}

test("what is kept is sent and what is saved is so, whatever happens in between", async () => {
  const walks = Number(process.env.WALKS ?? 120);
  for (let seed = 1; seed <= walks; seed += 1) await walk(seed);
});
