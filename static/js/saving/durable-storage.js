// What the outbox keeps, in three places at once: in memory to be read at once, in localStorage to survive leaving the
// page, and in a store on disk to survive a crash. It looks like localStorage. Each tab sends its own answers only:
// those of another tab are left alone as long as that tab lives, which its lock tells.

import { keysOf } from "./records.js";

export const PREFIX = "studyapp.unsaved.";
const LOCK = "studyapp.tab.";

export class DurableStorage {
  /**
   * @param entries [key, value] pairs to begin with
   * @param plain localStorage or the like, or null where it is forbidden
   * @param store an answer store: put(key, value) and remove(key) give promises; or null where there is none
   */
  constructor(entries, plain, store) {
    Object.assign(this, { items: new Map(entries), plain, store });
  }

  get length() {
    return this.items.size;
  }

  key(index) {
    return [...this.items.keys()][index] ?? null;
  }

  getItem(key) {
    return this.items.get(key) ?? null;
  }

  /** Keep a value; tells, as soon as it is known, whether it outlives this page. */
  async keep(key, value) {
    this.items.set(key, String(value));
    const stored = this.#toStore("put", key, String(value));
    return this.#toPlain("setItem", key, String(value)) || stored;
  }

  removeItem(key) {
    this.items.delete(key);
    this.#toStore("remove", key);
    this.#toPlain("removeItem", key);
  }

  #toPlain(act, ...values) {
    try {
      this.plain[act](...values);
      return true;
    } catch {
      return false; // it is full, forbidden or not there
    }
  }

  async #toStore(act, ...values) {
    try {
      await this.store[act](...values);
      return true;
    } catch {
      return false; // full, not there, or closed because the judge cleared the site's data
    }
  }
}

/** The records to begin with: of both places the newer one, without those that another living tab looks after. */
export function mergeRecords(stored, plain, { tab, alive }) {
  const merged = new Map();
  for (const [key, value] of [...stored, ...plainEntries(plain)]) {
    const owner = key.slice(key.lastIndexOf(".") + 1);
    if (!key.startsWith(PREFIX) || (owner !== tab && alive.has(owner))) continue;
    if (!merged.has(key) || editionOf(value) > editionOf(merged.get(key))) merged.set(key, value);
  }
  return merged;
}

/**
 * Hold the lock of this tab for as long as the page lives; the twin of a duplicated tab gets another name. On a busy
 * machine the page before may hold it a while longer.
 */
export async function claimTab(locks, name, makeName, patience = 3000) {
  if (await hold(locks, name, { signal: AbortSignal.timeout(patience) })) return name;
  const other = makeName();
  await hold(locks, other, {});
  return other;
}

/** Names of the tabs that live. */
export async function livingTabs(locks) {
  const { held = [] } = await locks.query();
  return new Set(held.filter(({ name }) => name.startsWith(LOCK)).map(({ name }) => name.slice(LOCK.length)));
}

function hold(locks, name, options) {
  return new Promise((resolve) => {
    const forever = () => {
      resolve(true);
      return new Promise(() => {});
    };
    locks.request(LOCK + name, options, forever).catch(() => resolve(false));
  });
}

const plainEntries = (plain) => (plain ? keysOf(plain, PREFIX).map((key) => [key, plain.getItem(key)]) : []);

function editionOf(value) {
  try {
    return JSON.parse(value).edition ?? 0;
  } catch {
    return -1;
  }
}
