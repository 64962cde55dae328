// Records in what looks like localStorage: JSON under keys that begin alike.

/** The keys that begin with `prefix`. */
export const keysOf = (storage, prefix) =>
  Array.from({ length: storage.length }, (_, index) => storage.key(index)).filter((key) =>
    key?.startsWith(prefix),
  );

/** The record under a key; null where there is none, or it cannot be read. */
export function recordOf(storage, key) {
  try {
    return JSON.parse(storage.getItem(key));
  } catch {
    return null;
  }
}
