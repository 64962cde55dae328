// Who can be compared: the candidates of a published image, which of them are shown, in which order and under which
// numbers. Tells "change".

import { language } from "../page/texts.js";
import { ALL } from "./address.js";

const ROOM = 12; // teams that are shown at once; of more, the best few
const FEW = 8;

const byName = new Intl.Collator(language, { numeric: true }).compare;

/** The place of each score, the highest first; equal ones share a place, and what has no score has none. */
export const placesOf = (scores) =>
  scores.map((score) =>
    Number.isFinite(score)
      ? 1 + scores.filter((other) => Number.isFinite(other) && other > score).length
      : null,
  );

/** The same in another order, each as likely. @param random () => [0, 1) */
export function shuffled(list, random = Math.random) {
  const next = [...list];
  for (let last = next.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [next[last], next[other]] = [next[other], next[last]];
  }
  return next;
}

export class Cast extends EventTarget {
  /**
   * @param candidates as the page's data has them, in the order of the ranking
   * @param room how many there may be for all to be shown at first
   */
  constructor(candidates, { room = ROOM } = {}) {
    super();
    const places = placesOf(candidates.map(({ score }) => score));
    this.all = candidates.map((given, index) => ({
      number: index + 1,
      key: given.team || given.name,
      name: given.name || given.team,
      rank: given.rank ?? null,
      score: given.score ?? null,
      place: places[index],
      words: given.score_text ?? "",
      base: given.base,
    }));
    this.first = this.all.slice(0, this.all.length > room ? Math.min(room, FEW) : room);
    this.ticked = new Set(this.first);
    this.order = "ranking";
    this.sequence = null; // shuffled, while names are or were hidden
    this.hidden = false;
  }

  /** Slot -> candidate. */
  get numbered() {
    return new Map((this.sequence ?? this.all).map((one, index) => [index + 1, one]));
  }

  /** Slots that are shown, in the order of their numbers. */
  get slots() {
    return this.sequence
      ? [...this.numbered.keys()]
      : this.all.filter((one) => this.ticked.has(one)).map(({ number }) => number);
  }

  /** Slots that are shown, in the order that was chosen. */
  get inOrder() {
    if (this.sequence) return this.slots;
    return this.sorted.filter((one) => this.ticked.has(one)).map(({ number }) => number);
  }

  /** All candidates in the order that was chosen. */
  get sorted() {
    const place = ({ place: at }) => at ?? Number.POSITIVE_INFINITY;
    if (this.order === "image") return this.all.toSorted((a, b) => Math.sign(place(a) - place(b)) || 0);
    if (this.order === "name") return this.all.toSorted((a, b) => byName(a.name, b.name));
    return this.all;
  }

  /** What stands beside the numbers: names, unless they are hidden. */
  get names() {
    return new Map(this.hidden ? [] : [...this.numbered].map(([slot, { name }]) => [slot, name]));
  }

  /** Who is ticked, as the address says it: keys, ALL, or null where it is as at first. */
  get chosen() {
    const now = this.all.filter((one) => this.ticked.has(one));
    if (now.length === this.first.length && now.every((one) => this.first.includes(one))) return null;
    return now.length === this.all.length ? ALL : now.map(({ key }) => key);
  }

  slotOf(key) {
    for (const [slot, one] of this.numbered) if (one.key === key) return slot;
    return null;
  }

  /** Take up what an address says, as far as it is there: keys or names, ALL, or null. */
  take(chosen, order) {
    const named = ({ key, name }) => chosen?.includes(key) || chosen?.includes(name);
    const found = chosen === ALL ? this.all : this.all.filter((one) => named(one));
    this.ticked = new Set(found.length ? found : this.first);
    this.sort(order);
  }

  /** Show these candidates; never nobody. Says whether that was possible. */
  show(candidates) {
    if (!candidates.length) return false;
    this.ticked = new Set(candidates);
    this.#tell();
    return true;
  }

  sort(order) {
    this.order = order;
    this.#tell();
  }

  /** Hide the names of those that are ticked, under numbers in this order; null: they are as before. */
  hide(sequence) {
    this.sequence = sequence;
    this.hidden = sequence !== null;
    this.#tell();
  }

  /** Names beside the shuffled numbers. */
  reveal() {
    this.hidden = false;
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}
