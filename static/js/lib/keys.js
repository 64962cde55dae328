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
 * Digits to slots. Up to nine slots one digit each; 0 is the tenth of ten; with more than ten, 0 begins a number
 * between 10 and 19: 0 0 is 10, 0 1 is 11.
 */
export class SlotDigits {
  constructor(slots) {
    this.slots = slots;
    this.tens = false;
  }

  /** {slot}, {pending: true} after a leading 0, or {unknown: n}. */
  press(digit) {
    if (this.tens) {
      this.tens = false;
      return this.#slot(10 + digit);
    }
    if (digit !== 0) return this.#slot(digit);
    if (this.slots <= 10) return this.#slot(10);
    this.tens = true;
    return { pending: true };
  }

  cancel() {
    this.tens = false;
  }

  #slot(number) {
    return number <= this.slots ? { slot: number } : { unknown: number };
  }
}

/** What to press for a slot, in words. */
export function digitsFor(slot, slots) {
  if (slot <= 9) return `${slot}`;
  if (slot === 10 && slots <= 10) return "0";
  return slot < 20 ? `0 ${slot - 10}` : null;
}
