// Which key means what, on any keyboard layout. Digits and the places' keys go by position (event.code); letters go
// by what the key prints, and by position where the layout prints no Latin letter.

/** Keys right under the digits give the places: their positions on a US keyboard. */
export const PLACE_CODES = ["KeyQ", "KeyW", "KeyE", "KeyR", "KeyT"];

const LETTERS = {
  n: "next",
  p: "previous",
  u: "undo",
  f: "fit",
  o: "one-to-one",
  h: "hide",
  g: "grid",
  s: "shortlist",
  k: "keep",
  v: "versus",
  b: "blink",
  d: "divider",
  l: "loupe",
  m: "map",
  j: "region",
  y: "reasons",
  x: "alternate",
  c: "cycle",
};
const NAMED = {
  Enter: "place-next",
  Backspace: "undo",
  PageDown: "next",
  PageUp: "previous",
  Escape: "escape",
  " ": "peek",
  Home: "fit",
  End: "one-to-one",
  "+": "zoom-in",
  "=": "zoom-in",
  "-": "zoom-out",
  "?": "help",
  F1: "help",
  ArrowLeft: "pan-left",
  ArrowRight: "pan-right",
  ArrowUp: "pan-up",
  ArrowDown: "pan-down",
};

/** {action, value?, shift} for a keydown or keyup event, or null. `places` is how many place keys are in use. */
export function actionOf(event, places = 3) {
  const shift = event.shiftKey === true;
  if (event.ctrlKey || event.metaKey) {
    return event.key?.toLowerCase() === "z" && !event.altKey ? { action: "undo", shift } : null;
  }
  if (event.altKey) return null;
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(event.code ?? "");
  if (digit) return { action: "digit", value: Number(digit[1]), shift };
  const place = PLACE_CODES.slice(0, places).indexOf(event.code);
  if (place >= 0) return { action: "place", value: place + 1, shift };
  if (NAMED[event.key]) return { action: NAMED[event.key], shift };
  const letter = letterOf(event);
  return LETTERS[letter] ? { action: LETTERS[letter], shift } : null;
}

function letterOf({ key = "", code = "" }) {
  const printed = key.toLowerCase();
  if (/^[a-z]$/.test(printed)) return printed;
  const beyondLatin = printed.length === 1 && printed > "\u024f";
  return beyondLatin ? (/^Key([A-Z])$/.exec(code)?.[1] ?? "").toLowerCase() : "";
}

/**
 * Digits to slots: up to nine slots one digit each; 0 is the tenth of ten. With more, 0 begins a number: its second
 * digit where there are up to 19 slots (0 0 is 10, 0 1 is 11), both digits where there are more (0 2 5 is 25).
 */
export class SlotDigits {
  constructor(slots) {
    this.slots = slots;
    this.begun = null; // the number so far
  }

  /** {slot}, {pending: the number so far} or {unknown: n}. */
  press(digit) {
    if (this.begun !== null) this.begun += digit;
    else if (digit !== 0) return this.#slot(digit);
    else if (this.slots <= 10) return this.#slot(10);
    else this.begun = this.slots < 20 ? "1" : "";
    if (this.begun.length < 2) return { pending: this.begun };
    const number = Number(this.begun);
    this.begun = null;
    return this.#slot(number);
  }

  /** Give up a number that was begun; says whether there was one. */
  cancel() {
    const begun = this.begun !== null;
    this.begun = null;
    return begun;
  }

  #slot(number) {
    return number >= 1 && number <= this.slots ? { slot: number } : { unknown: number };
  }
}

/** What to press for a slot, in words; null beyond 99. */
export function digitsFor(slot, slots) {
  if (slot <= 9) return `${slot}`;
  if (slots <= 10) return "0";
  if (slots < 20) return `0 ${slot - 10}`;
  return slot <= 99 ? `0 ${Math.floor(slot / 10)} ${slot % 10}` : null;
}

/** What may follow a number that was begun, in words. */
export function digitsToFollow(begun, slots, nameOf) {
  if (begun === "") return `__: two digits, 10 (${nameOf(10)}) to ${slots} (${nameOf(slots)})`;
  const numbers = Array.from({ length: 10 }, (_, digit) => Number(begun) * 10 + digit);
  const names = numbers.filter((number) => number >= 1 && number <= slots);
  return `${begun}_: one more digit, ${names.map((number) => `${number % 10} ${nameOf(number)}`).join(", ")}`;
}
