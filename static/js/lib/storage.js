// Where this page keeps unsent answers: on disk if the browser lets it, else in localStorage, else in memory.

import { openAnswerStore } from "./answer-store.js";
import { DurableStorage, claimTab, livingTabs, mergeRecords } from "./durable-storage.js";
import { randomId } from "./random-id.js";

const PATIENCE = 2000; // ms; a browser that hesitates longer gets the second-best

const able = globalThis.indexedDB && globalThis.navigator?.locks;
const tooLate = () => new Promise((resolve) => setTimeout(resolve, PATIENCE, null));
const opened = able ? await Promise.race([open(), tooLate()]) : null;

/** What the outbox keeps its records in; read it once, at the start of the page. */
export function safeStorage() {
  return opened?.storage ?? plainStorage() ?? new MemoryStorage();
}

/** A name for this tab that survives reloads. */
export function tabName() {
  return opened?.tab ?? rememberedTab();
}

async function open() {
  try {
    const { locks } = navigator;
    const [store, tab] = await Promise.all([
      openAnswerStore(indexedDB),
      claimTab(locks, rememberedTab(), () => rememberTab(randomId())),
    ]);
    const plain = plainStorage();
    const entries = mergeRecords(await store.entries(), plain, { tab, alive: await livingTabs(locks) });
    return { storage: new DurableStorage(entries, plain, store), tab };
  } catch {
    return null; // private windows of some browsers
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
    return sessionStorage.getItem("studyapp.tab") ?? rememberTab(randomId());
  } catch {
    return "tab";
  }
}

function rememberTab(name) {
  sessionStorage.setItem("studyapp.tab", name);
  return name;
}

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
