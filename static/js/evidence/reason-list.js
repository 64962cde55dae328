// Reasons as they travel, {slot, region, rect, attribute, direction, severity, text}, and what is made of them. Pure.

import { _, ngettext } from "../page/texts.js";

const FIELDS = ["slot", "region", "rect", "attribute", "direction", "severity", "text"];
const ABOUT = ["slot", "region", "rect", "attribute"];
/** It opens and closes the panel, so it stands for no word. */
export const OPENS = "Y";
const ALPHABET = [..."ABCDEFGHIJKLMNOPQRSTUVWXZ"];

export const blank = (slot = null) =>
  Object.fromEntries(FIELDS.map((name) => [name, name === "slot" ? slot : null]));

export const SEVERITIES = [_("slight"), _("clear"), _("strong"), _("severe")];

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

/**
 * "Hair · Texture: better (strong)".
 * @param labelOf (field, name) what is shown for a region's or an attribute's name
 */
export function inWords({ region, rect, attribute, direction, severity }, labelOf) {
  const named = region && labelOf("region", region);
  const where = rect ? drawn(named) : named;
  const about = `${where} · ${labelOf("attribute", attribute)}`;
  if (!severity)
    return direction === "better" ? _("%(about)s: better", { about }) : _("%(about)s: worse", { about });
  const values = { about, severity: SEVERITIES[severity - 1] };
  return direction === "better"
    ? _("%(about)s: better (%(severity)s)", values)
    : _("%(about)s: worse (%(severity)s)", values);
}

const drawn = (region) => (region ? _("%(region)s (drawn)", { region }) : _("Drawn"));

/** Why so many reasons are too few, or null. */
export function missing(given, required) {
  if (given >= required) return null;
  const left = required - given;
  const key = OPENS;
  return given
    ? ngettext(
        "Say why first (press %(key)s): %(count)s more reason is needed.",
        "Say why first (press %(key)s): %(count)s more reasons are needed.",
        left,
        { key },
      )
    : ngettext(
        "Say why first (press %(key)s): this study asks for %(count)s reason.",
        "Say why first (press %(key)s): this study asks for %(count)s reasons.",
        required,
        { key },
      );
}
