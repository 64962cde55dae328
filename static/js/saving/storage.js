// Where this page keeps unsent answers: on disk if the browser lets it, else in localStorage, else in memory.

import { randomId } from "../page/random-id.js";
import { openAnswerStore } from "./answer-store.js";
import { claimTab, DurableStorage, livingTabs, mergeRecords } from "./durable-storage.js";

const PATIENCE = 2000; // ms; a browser that hesitates longer gets the second-best

let ownName = null; // of this tab

const [store, claim] = await Promise.all([
  inTime(() => openAnswerStore(globalThis.indexedDB)),
  inTime(async () => {
    const { locks } = globalThis.navigator;
    const tab = await claimTab(locks, rememberedTab(), () => rememberTab(randomId()));
    return { tab, alive: await livingTabs(locks) };
  }),
]);
const entries = (await inTime(() => store.entries())) ?? [];

/** What the outbox keeps its records in; read it once, at the start of the page. */
export function safeStorage() {
  const plain = plainStorage();
  const mine = { tab: tabName(), alive: claim?.alive ?? new Set() };
  return new DurableStorage(mergeRecords(entries, plain, mine), plain, store);
}

/** A name for this tab that survives reloads where the browser can remember it. */
export function tabName() {
  return claim?.tab ?? rememberedTab();
}

/** What `act` promises; null where it fails (to touch what is forbidden is enough) or takes too long. */
async function inTime(act) {
  const tooLate = new Promise((resolve) => setTimeout(resolve, PATIENCE, null));
  try {
    return await Promise.race([act(), tooLate]);
  } catch {
    return null;
  }
}

/** localStorage where it may be used, else null. */
export function plainStorage() {
  try {
    localStorage.setItem("studyapp.probe", "1");
    localStorage.removeItem("studyapp.probe");
    return localStorage;
  } catch {
    return null;
  }
}

function rememberedTab() {
  try {
    ownName ??= sessionStorage.getItem("studyapp.tab");
  } catch {
    // Forbidden: then the name lasts as long as the page.
  }
  return ownName ?? rememberTab(randomId());
}

function rememberTab(name) {
  ownName = name;
  try {
    sessionStorage.setItem("studyapp.tab", name);
  } catch {
    // As above.
  }
  return name;
}

/** What evidence is kept in where there is nothing better. */
export class MemoryStorage {
  constructor() {
    this.items = new Map();
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
  setItem(key, value) {
    this.items.set(key, String(value));
  }
  removeItem(key) {
    this.items.delete(key);
  }
}
