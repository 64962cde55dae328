// What a key means, on any keyboard layout. A digit that is printed is that digit; digits that are not printed (AZERTY
// without Shift, input methods) and the keys named by their position ("@Q") go by position (event.code); letters go by
// what the key prints, and by position where the layout prints no Latin letter.

import { _ } from "./texts.js";

const NAMED = new Set([
  ..."+-? ",
  ...["Enter", "Backspace", "Escape", "PageDown", "PageUp", "Home", "End", "F1"],
  ...["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"],
]);

/** What the key prints is not known yet, because of an input method; its position is. */
const UNPRINTED = new Set(["Process", "Unidentified"]);
const ZEROS = [0x30, 0x660, 0x6f0, 0x966, 0xff10]; // Latin, Arabic, Persian, Devanagari, full width
const LOOKING_PAD = /^(?:Arrow\w+|Home|End)$/;

/** The number pad without NumLock, where it does not only look. */
export const NO_DIGIT = "no digit";

/**
 * {digit, shift} or {key, shift} for a keydown or keyup event, or null.
 * @param isTaken (name) whether a key's position, such as "@Q", has a meaning
 */
export function keyOf(event, isTaken = () => false) {
  const { key = "", code = "", shiftKey: shift = false } = event;
  if (event.isComposing || event.altKey || key === "Dead" || event.getModifierState?.("AltGraph"))
    return null;
  if (event.ctrlKey || event.metaKey) return key.toLowerCase() === "z" ? { key: "Ctrl Z", shift } : null;
  const digit = printedDigit(key) ?? digitByPosition(event);
  if (digit !== null) return { digit, shift };
  if (/^Numpad[0-9]$/.test(code)) return { key: LOOKING_PAD.test(key) ? key : NO_DIGIT, shift };
  const named = nameOf(key, code, isTaken);
  return named && { key: named, shift };
}

function nameOf(key, code, isTaken) {
  const [, position] = /^Key([A-Z])$/.exec(code) ?? [];
  if (position && isTaken(`@${position}`)) return `@${position}`;
  if (key === "=") return "+";
  return NAMED.has(key) ? key : letterOf(key, code) || null;
}

function printedDigit(key) {
  if (key.length !== 1) return null;
  const values = ZEROS.map((zero) => key.charCodeAt(0) - zero);
  return values.find((value) => value >= 0 && value <= 9) ?? null;
}

/** Shift with a digit's key is no digit where it prints none; nor is the number pad without NumLock. */
function digitByPosition(event) {
  const [, row, digit] = /^(Digit|Numpad)([0-9])$/.exec(event.code ?? "") ?? [];
  if (row === "Digit" && !event.shiftKey) return Number(digit);
  const typing = row === "Numpad" && UNPRINTED.has(event.key) && event.getModifierState?.("NumLock");
  return typing ? Number(digit) : null;
}

function letterOf(key, code) {
  if (/^[a-z]$/i.test(key)) return key.toUpperCase();
  const beyondLatin = key.length === 1 && key > "\u024f";
  return beyondLatin || UNPRINTED.has(key) ? (/^Key([A-Z])$/.exec(code)?.[1] ?? "") : "";
}

/**
 * Digits to the number of a candidate, typed as it is printed. A digit that may be the first of a longer number
 * waits for the next; 0 begins a number that is not to wait (0 1 is 1).
 */
export class SlotNumber {
  constructor(slots) {
    this.slots = slots;
    this.begun = "";
  }

  /** {slot}, {unknown: number} or {pending: the digits so far}. */
  press(digit) {
    this.begun += digit;
    const number = Number(this.begun);
    const full = this.begun.length >= String(this.slots).length;
    return full || number * 10 > this.slots ? this.finish() : { pending: this.begun };
  }

  /** Take what was typed as it stands: {slot} or {unknown}; null when nothing was begun. */
  finish() {
    if (!this.begun) return null;
    const number = Number(this.begun);
    this.begun = "";
    return number >= 1 && number <= this.slots ? { slot: number } : { unknown: number };
  }

  /** Give up a number that was begun; says whether there was one. */
  cancel() {
    const begun = this.begun !== "";
    this.begun = "";
    return begun;
  }
}

/** What may follow a number that was begun, in words. */
export function toFollow(begun, slots) {
  const numbers = Array.from({ length: 10 }, (_, digit) => Number(begun) * 10 + digit);
  const longer = numbers.filter((number) => number > 9 && number <= slots);
  const number = Number(begun);
  if (!number) return _("%(begun)s_ Type 1 to 9. Escape cancels.", { begun });
  const values = { begun, number, first: longer[0], last: longer.at(-1) };
  return longer.length > 1
    ? _("%(begun)s_ Enter for %(number)s, another digit for %(first)s to %(last)s. Escape cancels.", values)
    : _("%(begun)s_ Enter for %(number)s, another digit for %(first)s. Escape cancels.", values);
}
