// One store of decoded tiles for all panes: loads what is wanted, in order, a few at a time, and forgets the
// least recently used beyond a budget of bytes. What to load with is passed in, so it runs in tests too.

const RETRY_AFTER = [500, 1500, 4000]; // ms; after these a tile counts as failed until asked again

export class TileCache {
  /**
   * @param load (url, signal) => Promise of {bitmap: {width, height, close()}, intact: came as it was sent}
   * @param onChange called after a tile arrived or failed for good
   */
  constructor({
    load,
    onChange = () => {},
    budget = 320 * 2 ** 20,
    parallel = 6,
    delay = (act, ms) => setTimeout(act, ms),
  }) {
    Object.assign(this, { load, onChange, budget, parallel, delay });
    this.tiles = new Map(); // url -> bitmap, least recently used first
    this.loading = new Map(); // url -> AbortController
    this.altered = new Set(); // urls whose tiles did not come as they were sent
    this.failures = new Map(); // url -> {count, waiting}
    this.wanted = [];
    this.wantedSet = new Set();
    this.bytes = 0;
  }

  /** The decoded tile, or undefined. */
  get(url) {
    const bitmap = this.tiles.get(url);
    if (bitmap) {
      this.tiles.delete(url);
      this.tiles.set(url, bitmap);
    }
    return bitmap;
  }

  has = (url) => this.tiles.has(url);
  failed = (url) => (this.failures.get(url)?.count ?? 0) > RETRY_AFTER.length;

  /** Replace the list of wanted tiles, most urgent first; loads of tiles no longer wanted are given up. */
  want(urls) {
    this.wanted = urls;
    this.wantedSet = new Set(urls);
    for (const [url, controller] of this.loading) {
      if (!this.wantedSet.has(url)) {
        controller.abort();
        this.loading.delete(url);
      }
    }
    this.#pump();
  }

  /** Try again what failed for good. */
  retry() {
    this.failures.clear();
    this.#pump();
  }

  clear() {
    this.want([]);
    for (const bitmap of this.tiles.values()) bitmap.close();
    this.tiles.clear();
    this.altered.clear();
    this.failures.clear();
    this.bytes = 0;
  }

  #pump() {
    for (const url of this.wanted) {
      if (this.loading.size >= this.parallel) return;
      if (this.tiles.has(url) || this.loading.has(url)) continue;
      const failure = this.failures.get(url);
      if (failure && (failure.waiting || this.failed(url))) continue;
      this.#start(url);
    }
  }

  async #start(url) {
    const controller = new AbortController();
    this.loading.set(url, controller);
    try {
      const { bitmap, intact } = await this.load(url, controller.signal);
      if (controller.signal.aborted) bitmap.close();
      else this.#store(url, bitmap, intact);
    } catch {
      if (!controller.signal.aborted) this.#fail(url);
    }
    if (this.loading.get(url) === controller) this.loading.delete(url);
    this.#pump();
  }

  #store(url, bitmap, intact) {
    this.failures.delete(url);
    if (intact) this.altered.delete(url);
    else this.altered.add(url);
    this.tiles.set(url, bitmap);
    this.bytes += bitmap.width * bitmap.height * 4;
    this.#evict();
    this.onChange(url);
  }

  #fail(url) {
    const count = (this.failures.get(url)?.count ?? 0) + 1;
    const wait = RETRY_AFTER[count - 1];
    const failure = { count, waiting: wait !== undefined };
    this.failures.set(url, failure);
    if (failure.waiting) {
      this.delay(() => {
        failure.waiting = false;
        this.#pump();
      }, wait);
    } else this.onChange(url);
  }

  #evict() {
    for (const [url, bitmap] of this.tiles) {
      if (this.bytes <= this.budget) return;
      if (this.wantedSet.has(url)) continue;
      this.tiles.delete(url);
      this.bytes -= bitmap.width * bitmap.height * 4;
      bitmap.close();
    }
  }
}
