// Fetches one tile, checks that it came as it was sent (CRC-32 of its address and its bytes), and decodes it.

/** Fetch, check and decode one tile without any conversion of its values; an altered one is asked for once more. */
export async function loadTile(url, signal) {
  const kept = await fetchTile(url, { signal });
  const { bytes, intact } = kept.intact ? kept : await fetchTile(url, { signal, cache: "reload" });
  const options = { colorSpaceConversion: "none", premultiplyAlpha: "none" };
  return { bitmap: await createImageBitmap(new Blob([bytes]), options), intact };
}

async function fetchTile(url, options) {
  const answer = await fetch(url, { ...options, credentials: "same-origin" });
  if (!answer.ok) throw new Error(`tile answered ${answer.status}`);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  return { bytes, intact: answer.headers.get("X-Tile-Check") === tileCheck(url, bytes) };
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? 0xedb88320 ^ (rest >>> 1) : rest >>> 1;
  return rest;
});

/** @param bytes Uint8Array; @param before the register after what came before */
function update(bytes, before) {
  let rest = before;
  for (let index = 0; index < bytes.length; index += 1)
    rest = TABLE[(rest ^ bytes[index]) & 255] ^ (rest >>> 8);
  return rest;
}

/**
 * The sum that comes with a tile (studyapp/core/tile_check.py): eight hexadecimal digits for its URL (which ends in
 * token/level/column_row) and its bytes.
 */
export function tileCheck(url, bytes) {
  const address = new TextEncoder().encode(url.split("/").slice(-3).join("/"));
  const rest = update(bytes, update(address, 0xffffffff));
  return ((rest ^ 0xffffffff) >>> 0).toString(16).padStart(8, "0");
}
