// Fetches one tile, checks that it came as it was sent, and decodes it without any conversion of its values. A server of
// studies sends a sum of the tile's address and bytes; a file on any web server has none, but it must still be the one
// lossless chunk that it was written as (studyapp/imaging/webp.py): what makes pictures smaller on their way changes that.

export const loadTile = (url, signal) =>
  load(url, signal, (answer, bytes) => answer.headers.get("X-Tile-Check") === tileCheck(url, bytes));

/** The same of a tile that is a file. */
export const loadTileFile = (url, signal) => load(url, signal, (_answer, bytes) => isLosslessFile(bytes));

/** An altered one is asked for once more. */
async function load(url, signal, isIntact) {
  const kept = await fetchTile(url, { signal }, isIntact);
  const { bytes, intact } = kept.intact ? kept : await fetchTile(url, { signal, cache: "reload" }, isIntact);
  const options = { colorSpaceConversion: "none", premultiplyAlpha: "none" };
  return { bitmap: await createImageBitmap(new Blob([bytes]), options), intact };
}

async function fetchTile(url, options, isIntact) {
  const answer = await fetch(url, { ...options, credentials: "same-origin" });
  if (!answer.ok) throw new Error(`tile answered ${answer.status}`);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  return { bytes, intact: isIntact(answer, bytes) };
}

/** Whether the bytes are one VP8L chunk in a RIFF container, nothing missing and nothing behind it. */
export function isLosslessFile(bytes) {
  if (bytes.length < 20) return false;
  const mark = String.fromCharCode(...bytes.subarray(0, 4), ...bytes.subarray(8, 16));
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
  return mark === "RIFFWEBPVP8L" && size === bytes.length - 8;
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
