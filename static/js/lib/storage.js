// The browser's storage where it is allowed, else memory.

export function safeStorage() {
  try {
    localStorage.setItem("studyapp.probe", "1");
    localStorage.removeItem("studyapp.probe");
    return localStorage;
  } catch {
    return new MemoryStorage();
  }
}

/** A name for this tab that survives reloads. */
export function tabName() {
  try {
    const name = sessionStorage.getItem("studyapp.tab") ?? crypto.randomUUID();
    sessionStorage.setItem("studyapp.tab", name);
    return name;
  } catch {
    return "tab";
  }
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
