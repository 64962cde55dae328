// What a judge has picked: an ordered list of slots, best first. Pure functions: each returns a new list and a
// sentence for the judge; `picks` is unchanged when the wish cannot be met.

export const ORDINALS = ["1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th", "10th"];

/** A slot in a sentence. On the screen it is called by its number alone, and that number is pressed for it. */
export const nameOf = (slot) => (slot === 0 ? "The input" : `Candidate ${slot}`);

export const isComplete = (picks, places) => picks.length === places;

/** Give `slot` the next free place. */
export function append(picks, slot, places) {
  const at = picks.indexOf(slot);
  if (at >= 0) return { picks, said: `${nameOf(slot)} is already ${ORDINALS[at]}.`, refused: true };
  if (picks.length >= places) {
    return {
      picks,
      said: `All ${places} places are taken. Undo, or give candidate ${slot} a place of its own.`,
      refused: true,
    };
  }
  return assign(picks, slot, picks.length + 1, places);
}

/** Put `slot` on `place`; those it displaces move down, and who falls off the end is out. */
export function assign(picks, slot, place, places) {
  if (picks[place - 1] === slot)
    return { picks, said: `${nameOf(slot)} is already ${ORDINALS[place - 1]}.`, refused: true };
  const others = picks.filter((other) => other !== slot);
  if (place > others.length + 1) {
    const free = ORDINALS[others.length];
    return {
      picks,
      said: `${free} is still empty: choose ${free} before ${ORDINALS[place - 1]}.`,
      refused: true,
    };
  }
  const next = [...others.slice(0, place - 1), slot, ...others.slice(place - 1)].slice(0, places);
  return { picks: next, said: describe(next, picks) };
}

/** Take a slot off; those after it move up. */
export function remove(picks, slot) {
  const next = picks.filter((other) => other !== slot);
  return { picks: next, said: describe(next, picks) };
}

/** "1st: 2, 2nd: 4."; with `before`, also who is out now. */
export function describe(picks, before = []) {
  const places = picks.map((slot, index) => `${ORDINALS[index]}: ${slot}`).join(", ") || "no picks";
  const out = before.filter((slot) => !picks.includes(slot));
  return out.length ? `${places}; ${out.join(" and ")} out.` : `${places}.`;
}

/** Why the ballot is not finished, or null. */
export function missingReason(picks, places) {
  if (isComplete(picks, places)) return null;
  const open = ORDINALS.slice(picks.length, places);
  return `Choose ${open.join(" and ").replace(/ and (?=.* and )/g, ", ")} first.`;
}
