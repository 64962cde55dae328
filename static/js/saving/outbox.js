// Answers on their way to the server. One lane for each trial: at most one answer in flight, and the newest one
// waiting behind it. An answer is kept in `storage` until the server acknowledged it, under the key it was made with,
// so a retry or a reload sends the same answer again and the server can tell. No clock decides what is kept: a judge's
// may be wrong, and set right between two visits. Network, timers and storage are passed in.

import { PREFIX } from "./durable-storage.js";
import { keysOf, recordOf } from "./records.js";

const BACKOFF = [1, 2, 4, 8, 15, 30]; // seconds
// What is refused for what it says, or for good, gives way to the next answer; another judge's waits for its judge.
const GIVES_WAY = ["invalid", "limit"];

/** What the server's codes mean. */
const BY_CODE = {
  paused: { state: "failed", why: "paused" },
  unavailable: { state: "failed", why: "unavailable" },
  too_fast: { state: "failed", why: "too-fast" },
  csrf: { state: "failed", why: "token" },
  closed: { state: "closed", why: "closed" },
  not_begun: { state: "closed", why: "not_begun" },
  not_found: { state: "refused", why: "not-yours" },
  limit: { state: "refused", why: "limit" },
  screen: { state: "refused", why: "screen" },
};

export class Outbox {
  /**
   * @param send ({url, body}) => Promise<{status, body}>; rejects when the network does
   * @param storage what outlives the page as far as it can (saving/durable-storage.js)
   * @param tab name of this browser tab: two tabs never overwrite each other's records
   * @param spread factor by which a wait is longer or shorter, so that not all judges come back at one moment
   * @param onChange (lane) after every change of a lane's state
   */
  constructor({ send, storage, tab, makeKey, delay, cancel, spread = () => 1, onChange = () => {} }) {
    Object.assign(this, { send, storage, tab, makeKey, delay, cancel, spread, onChange, edition: 0 });
    this.lanes = new Map();
  }

  /** The lane of a trial; `known` is what the server said when it was fetched: {revision, answer}. */
  lane(trial, url, known) {
    if (!this.lanes.has(trial)) {
      this.lanes.set(trial, {
        trial,
        url,
        revision: known.revision,
        state: "saved",
        flying: null,
        waiting: null,
        tries: 0,
      });
    }
    const lane = this.lanes.get(trial);
    lane.known = known;
    // What was fetched may be older than what was acknowledged since.
    if (lane.state === "saved") lane.revision = Math.max(lane.revision, known.revision);
    return lane;
  }

  /** What is not yet acknowledged for a trial: {answer, ...}, or null. */
  pending(trial) {
    const lane = this.lanes.get(trial);
    return lane?.waiting ?? lane?.flying?.body ?? null;
  }

  get unsaved() {
    return [...this.lanes.values()].filter((lane) => lane.flying || lane.waiting);
  }

  /** Answers that can still reach the server. */
  get hopeful() {
    return this.unsaved.filter(({ state }) => !["closed", "refused"].includes(state));
  }

  /** Save {answer, ...}: at once, or as soon as the one in flight is through. */
  put(lane, answer) {
    if (["closed", "stale"].includes(lane.state)) return;
    if (lane.state === "refused" && GIVES_WAY.includes(lane.why)) lane.flying = null;
    lane.waiting = answer;
    this.#keep(lane);
    this.#advance(lane);
  }

  /** After a conflict: send `answer` on top of the revision the server has, or drop it (null). */
  resolve(lane, current, answer) {
    Object.assign(lane, {
      revision: current.revision,
      flying: null,
      waiting: answer,
      state: "saved",
      why: null,
      conflict: null,
      tries: 0,
    });
    this.#keep(lane);
    this.#settle(lane);
  }

  /** Do not wait for the next retry. */
  retryNow() {
    for (const lane of this.unsaved) {
      const again =
        ["failed", "logged-out"].includes(lane.state) ||
        (lane.state === "refused" && !GIVES_WAY.includes(lane.why));
      if (!again) continue;
      this.cancel(lane.timer);
      this.#fly(lane);
    }
  }

  /** Take up what an earlier visit left unsent; returns the lanes. */
  recover() {
    const lanes = [];
    for (const key of keysOf(this.storage, PREFIX)) {
      const record = recordOf(this.storage, key);
      if (!record) this.storage.removeItem(key);
      this.edition = Math.max(this.edition, record?.edition ?? 0);
      if (!record || this.lanes.has(record.trial)) continue;
      const lane = {
        key,
        trial: record.trial,
        url: record.url,
        revision: record.revision,
        state: "failed",
        flying: record.flying,
        waiting: record.waiting,
        tries: 0,
        why: "network",
        recovered: true,
      };
      this.lanes.set(lane.trial, lane);
      lanes.push(lane);
      if (lane.flying) this.#fly(lane);
      else this.#advance(lane);
    }
    return lanes;
  }

  #advance(lane) {
    if (lane.flying || !lane.waiting) return this.#settle(lane);
    lane.flying = { body: { key: this.makeKey(), base_revision: lane.revision, ...lane.waiting } };
    lane.waiting = null;
    this.#keep(lane);
    return this.#fly(lane);
  }

  #settle(lane) {
    if (lane.waiting && !lane.flying) return void this.#advance(lane);
    this.onChange(lane);
  }

  async #fly(lane) {
    const { flying } = lane;
    lane.state = "saving";
    this.onChange(lane);
    let answer;
    try {
      answer = await this.send({ url: lane.url, body: flying.body });
    } catch {
      answer = { status: 0, body: null };
    }
    if (lane.flying === flying) this.#landed(lane, answer);
  }

  #landed(lane, answer) {
    const { state, why } = meaning(answer);
    const { status, body, retryAfter } = answer;
    Object.assign(lane, { why, status, message: body?.error?.message ?? null });
    if (state === "saved") return this.#saved(lane, body);
    if (state === "failed") return this.#later(lane, retryAfter);
    return this.#stop(lane, state, state === "stale" ? { conflict: body.current } : {});
  }

  #saved(lane, body) {
    // A key that was stored long ago, while another window or device went on from there.
    const behind = lane.known?.revision > body.revision;
    if (behind && lane.waiting) return this.#stop(lane, "stale", { flying: null, conflict: lane.known });
    Object.assign(lane, {
      revision: behind ? lane.known.revision : body.revision,
      flying: null,
      state: "saved",
      tries: 0,
      recovered: false,
      acknowledged: behind ? lane.known : body,
      superseded: behind,
    });
    this.#keep(lane);
    if (lane.waiting) this.#advance(lane);
    else this.onChange(lane);
  }

  #stop(lane, state, extra = {}) {
    Object.assign(lane, { state, tries: 0, ...extra });
    this.#keep(lane);
    this.onChange(lane);
  }

  /** Send again after a while that grows; not before the server wants it. */
  #later(lane, retryAfter = 0) {
    const wait = BACKOFF[Math.min(lane.tries, BACKOFF.length - 1)] * this.spread();
    lane.tries += 1;
    lane.state = "failed";
    lane.timer = this.delay(() => this.#fly(lane), Math.max(wait, retryAfter) * 1000);
    this.onChange(lane);
  }

  #keep(lane) {
    lane.key ??= `${PREFIX}${lane.trial}.${this.tab}`;
    const { trial, url, revision, flying, waiting } = lane;
    if (!flying && !waiting) return this.storage.removeItem(lane.key);
    this.edition += 1;
    const edition = this.edition;
    lane.edition = edition;
    const record = JSON.stringify({ trial, url, revision, flying, waiting, edition });
    return this.storage.keep(lane.key, record).then((outlives) => {
      if (lane.edition !== edition || lane.unkept === !outlives) return;
      lane.unkept = !outlives; // storage is full or forbidden: the answer lives in memory only
      this.onChange(lane);
    });
  }
}

/**
 * What the server's reply to an answer means: whether it is saved, may be sent again, or stops there, and why.
 * tests/web/test_answers_to_ballots.py holds it, and the words of save-state.js, against the real server's replies.
 *
 * {state, why} of a reply {status, body}; status 0 is a network that failed.
 * state: saved, stale, closed, logged-out, refused (only with another answer or judge) or failed (sent again by itself).
 */
function meaning({ status, body }) {
  const code = body?.error?.code;
  if (status === 200 && Number.isInteger(body?.revision)) return { state: "saved", why: null };
  if (status === 0) return { state: "failed", why: "network" };
  if (status === 409 && body?.current) return { state: "stale", why: null };
  if (!code) return { state: "failed", why: status >= 500 ? "restarting" : "between" };
  if (Object.hasOwn(BY_CODE, code)) return BY_CODE[code];
  if (status === 401) return { state: "logged-out", why: code };
  if ([413, 422].includes(status)) return { state: "refused", why: "invalid" };
  return { state: "failed", why: "fault" };
}
