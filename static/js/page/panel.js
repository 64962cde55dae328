// What can be switched on and off on a page: while it is on it listens, and off it leaves nothing behind. Tells
// "switched".

export class Panel extends EventTarget {
  #listening = null;

  get on() {
    return this.#listening !== null;
  }

  enable() {
    if (this.on) return;
    this.#listening = new AbortController();
    this.begin();
    this.tell("switched");
  }

  disable() {
    if (!this.on) return;
    this.#listening.abort();
    this.#listening = null;
    this.end();
    this.tell("switched");
  }

  /** Called when the panel is switched on: here it begins to listen. */
  begin() {}

  /** Called when it was switched off: here it takes away what it has put on the page. */
  end() {}

  /** Listen until the panel is switched off. @param names of events, with spaces between them */
  listen(target, names, act, options = {}) {
    const { signal } = this.#listening;
    for (const name of names.split(" ")) target.addEventListener(name, act, { ...options, signal });
  }

  /** Do something again and again until the panel is switched off. */
  every(ms, act) {
    const timer = setInterval(act, ms);
    this.#listening.signal.addEventListener("abort", () => clearInterval(timer));
  }

  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
