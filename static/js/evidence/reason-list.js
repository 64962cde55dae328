// Reasons as they travel, {slot, region, rect, attribute, direction, severity, text}, and what is made of them. Pure.

const FIELDS = ["slot", "region", "rect", "attribute", "direction", "severity", "text"];
const ABOUT = ["slot", "region", "rect", "attribute"];
/** It opens and closes the panel, so it stands for no word. */
export const OPENS = "Y";
const ALPHABET = [..."ABCDEFGHIJKLMNOPQRSTUVWXZ"];

export const blank = (slot = null) =>
  Object.fromEntries(FIELDS.map((name) => [name, name === "slot" ? slot : null]));

/** {word: key}: of each word its first letter that is free, else any that is. */
export function keysOf(words) {
  const keys = new Map();
  for (const word of words) {
    const own = [...word.toUpperCase()].filter((letter) => ALPHABET.includes(letter));
    const free = [...own, ...ALPHABET].find((letter) => ![...keys.values()].includes(letter));
    keys.set(word, free);
  }
  return keys;
}

/** What a reason still lacks, in the order in which it is asked for; null once it is one. */
export function lacks({ slot, region, rect, attribute, direction }) {
  if (slot === null) return "candidate";
  if (!region && !rect) return "region";
  if (!attribute) return "attribute";
  return direction ? null : "direction";
}

/** Put a reason in its place (`at`), or at the end; another one about the same is replaced by it. */
export function put(list, at, reason) {
  const about = key(reason, ABOUT);
  const kept = list.filter((other, index) => index === at || key(other, ABOUT) !== about);
  const place = kept.indexOf(list[at]);
  if (place < 0) return { list: [...kept, reason], at: kept.length };
  return { list: kept.with(place, reason), at: place };
}

export const sameReasons = (one, other) =>
  one.length === other.length &&
  one.every((reason, index) => key(reason, FIELDS) === key(other[index], FIELDS));

const key = (reason, names) => JSON.stringify(names.map((name) => reason[name] ?? null));

/** What was typed as a sentence: one line, or null where there is nothing to read. */
export function sentenceOf(typed) {
  const line = typed.replace(/[\p{Cc}\p{Cs}\u2028\u2029]+/gu, " ").trim();
  return /[^\p{Z}\p{C}]/u.test(line) ? line : null;
}

/** "Hair Texture better, 3 of 4"; `shown` gives the label of a word. */
export function inWords({ region, rect, attribute, direction, severity }, shown = (word) => word) {
  const where = region && rect ? `${shown(region)} (drawn)` : region ? shown(region) : "Drawn";
  return `${where} ${shown(attribute)} ${direction}${severity ? `, ${severity} of 4` : ""}`;
}

/** Why so many reasons are too few, or null. */
export function missing(given, required) {
  if (given >= required) return null;
  const left = required - given;
  const wanted = required === 1 ? "a reason" : `${required} reasons`;
  const more = given ? `, ${left} more` : "";
  return `Say why first (${OPENS}): this study asks for ${wanted}${more}.`;
}
