// The sum that comes with each tile (studyapp/core/tile_check.py): CRC-32 of the tile's address and its bytes.

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? 0xedb88320 ^ (rest >>> 1) : rest >>> 1;
  return rest;
});

/** @param bytes Uint8Array; @param rest the register after what came before */
function update(bytes, rest) {
  for (let index = 0; index < bytes.length; index += 1)
    rest = TABLE[(rest ^ bytes[index]) & 255] ^ (rest >>> 8);
  return rest;
}

/** Eight hexadecimal digits for a tile's URL (token/level/column_row at its end) and bytes. */
export function tileCheck(url, bytes) {
  const address = new TextEncoder().encode(url.split("/").slice(-3).join("/"));
  const rest = update(bytes, update(address, 0xffffffff));
  return ((rest ^ 0xffffffff) >>> 0).toString(16).padStart(8, "0");
}
