// Answers on their way to the server. One lane for each trial: at most one answer in flight, and the newest one
// waiting behind it. An answer is kept in `storage` until the server acknowledged it, under the key it was made with,
// so a retry or a reload sends the same answer again and the server can tell. Time, network and storage are passed in.

const PREFIX = "studyapp.unsaved.";
const BACKOFF = [1, 2, 4, 8, 15, 30]; // seconds
const KEPT_DAYS = 14;

export class Outbox {
  /**
   * @param send ({url, body}) => Promise<{status, body}>; rejects when the network does
   * @param tab name of this browser tab: two tabs never overwrite each other's records
   * @param spread factor by which a wait is longer or shorter, so that not all judges come back at one moment
   * @param onChange (lane) after every change of a lane's state
   */
  constructor({ send, storage, tab, makeKey, now, delay, cancel, spread = () => 1, onChange = () => {} }) {
    Object.assign(this, { send, storage, tab, makeKey, now, delay, cancel, spread, onChange });
    this.lanes = new Map();
  }

  /** The lane of a trial; `known` is what the server says: {revision, picks}. */
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
    if (lane.state === "saved") lane.revision = known.revision;
    return lane;
  }

  /** Picks not yet acknowledged for a trial, or null. */
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

  /** Save an answer ({picks, ...}): at once, or as soon as the one in flight is through. */
  put(lane, answer) {
    if (["closed", "stale"].includes(lane.state)) return;
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
      conflict: null,
      tries: 0,
    });
    this.#keep(lane);
    this.#settle(lane);
  }

  /** Do not wait for the next retry. */
  retryNow() {
    for (const lane of this.unsaved) {
      if (lane.state !== "failed" && lane.state !== "logged-out") continue;
      this.cancel(lane.timer);
      this.#fly(lane);
    }
  }

  /** Take up what an earlier visit left unsent; returns the lanes. */
  recover() {
    const lanes = [];
    for (const key of this.#storedKeys()) {
      const record = this.#read(key);
      if (!record || this.now() - record.at > KEPT_DAYS * 86_400_000) {
        this.storage.removeItem(key);
        continue;
      }
      if (this.lanes.has(record.trial)) continue;
      const lane = {
        key,
        trial: record.trial,
        url: record.url,
        revision: record.revision,
        state: "failed",
        flying: record.flying,
        waiting: record.waiting,
        tries: 0,
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

  #landed(lane, { status, body }) {
    lane.message = body?.error?.message ?? null;
    if (status === 200) return this.#saved(lane, body);
    if (status === 409 && body?.current) return this.#stop(lane, "stale", { conflict: body.current });
    if (status === 409) return this.#stop(lane, "closed");
    if (status === 401) return this.#stop(lane, "logged-out");
    if (status === 404 || status === 422) return this.#stop(lane, "refused");
    return this.#later(lane);
  }

  #saved(lane, body) {
    Object.assign(lane, {
      revision: body.revision,
      flying: null,
      state: "saved",
      tries: 0,
      savedAt: body.saved_at,
      acknowledged: body,
    });
    this.#keep(lane);
    if (lane.waiting) this.#advance(lane);
    else this.onChange(lane);
  }

  #stop(lane, state, extra = {}) {
    Object.assign(lane, { state, ...extra });
    this.onChange(lane);
  }

  #later(lane) {
    const wait = BACKOFF[Math.min(lane.tries, BACKOFF.length - 1)] * this.spread();
    lane.tries += 1;
    lane.state = "failed";
    lane.retryAt = this.now() + wait * 1000;
    lane.timer = this.delay(() => this.#fly(lane), wait * 1000);
    this.onChange(lane);
  }

  #keep(lane) {
    lane.key ??= `${PREFIX}${lane.trial}.${this.tab}`;
    const { trial, url, revision, flying, waiting } = lane;
    try {
      if (!flying && !waiting) this.storage.removeItem(lane.key);
      else this.storage.setItem(lane.key, JSON.stringify({ trial, url, revision, flying, waiting, at: this.now() }));
    } catch {
      lane.unkept = true; // storage is full or forbidden: the answer lives in memory only
    }
  }

  #storedKeys() {
    return Array.from({ length: this.storage.length }, (_, index) => this.storage.key(index)).filter((key) =>
      key?.startsWith(PREFIX),
    );
  }

  #read(key) {
    try {
      return JSON.parse(this.storage.getItem(key));
    } catch {
      return null;
    }
  }
}
