// What a judge says of a candidate, picked or not: tags, a rectangle, a sentence. Pure functions over {slot: {tags, rect, text}}.

const EMPTY = Object.freeze({ tags: [], rect: null, text: "" });

export const reasonOf = (reasons, slot) => reasons[slot] ?? EMPTY;

/** Set a tag "+name" (good) or "-name" (bad); the same again takes it away, the opposite replaces it. */
export function toggleTag(reasons, slot, sign, name) {
  const { tags } = reasonOf(reasons, slot);
  const others = tags.filter((tag) => tag.slice(1) !== name);
  return change(reasons, slot, { tags: tags.includes(sign + name) ? others : [...others, sign + name] });
}

export const change = (reasons, slot, part) => ({
  ...reasons,
  [slot]: { ...reasonOf(reasons, slot), ...part },
});

/** What goes to the server: only what says something; picks first, best first, then the others by their letters. */
export function toList(reasons, picks) {
  const others = Object.keys(reasons)
    .map(Number)
    .filter((slot) => !picks.includes(slot))
    .sort((one, other) => one - other);
  return [...picks, ...others]
    .map((slot) => ({ slot, ...reasonOf(reasons, slot), text: reasonOf(reasons, slot).text.trim() }))
    .filter(({ tags, rect, text }) => tags.length || rect || text);
}

export const fromList = (list) =>
  Object.fromEntries(
    (list ?? []).map(({ slot, tags, rect, text }) => [
      slot,
      { tags: tags ?? [], rect: rect ?? null, text: text ?? "" },
    ]),
  );

/** Whole image pixels [x, y, w, h] between two image points, cut to the image; null when it is too small to mean one. */
export function rectBetween(a, b, image) {
  const cut = (value, length) => Math.min(Math.max(Math.round(value), 0), length);
  const [x0, x1] = [a.x, b.x].map((value) => cut(value, image.width)).sort((p, q) => p - q);
  const [y0, y1] = [a.y, b.y].map((value) => cut(value, image.height)).sort((p, q) => p - q);
  return x1 - x0 < 4 || y1 - y0 < 4 ? null : [x0, y0, x1 - x0, y1 - y0];
}
