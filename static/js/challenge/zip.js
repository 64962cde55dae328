// The directory of a zip in the browser, without reading the rest of it; also in the form for large files.

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const FAR = 0xffffffff;

const view = async (blob, from, to) => new DataView(await blob.slice(from, to).arrayBuffer());

async function directory(file) {
  const from = Math.max(0, file.size - 65_557);
  const tail = await view(file, from, file.size);
  for (let at = tail.byteLength - 22; at >= 0; at -= 1) {
    if (tail.getUint32(at, true) !== END) continue;
    let size = tail.getUint32(at + 12, true);
    let start = tail.getUint32(at + 16, true);
    if ((size === FAR || start === FAR) && at >= 20) {
      const place = Number(tail.getBigUint64(at - 12, true));
      const large = await view(file, place, place + 56);
      size = Number(large.getBigUint64(40, true));
      start = Number(large.getBigUint64(48, true));
    }
    return view(file, start, start + size);
  }
  throw new RangeError();
}

// Sizes and places that do not fit 32 bits stand in a field of their own.
function large(data, from, to, values) {
  for (let at = from; at + 4 <= to; at += 4 + data.getUint16(at + 2, true)) {
    if (data.getUint16(at, true) !== 1) continue;
    let place = at + 4;
    return values.map((value) => {
      if (value !== FAR) return value;
      place += 8;
      return Number(data.getBigUint64(place - 8, true));
    });
  }
  return values;
}

export async function entriesOf(file) {
  const data = await directory(file);
  const found = [];
  for (let at = 0; at + 46 <= data.byteLength && data.getUint32(at, true) === ENTRY; ) {
    const [name, extra, comment] = [28, 30, 32].map((place) => data.getUint16(at + place, true));
    const bytes = new Uint8Array(data.buffer, at + 46, name);
    const [size, packed, offset] = large(
      data,
      at + 46 + name,
      at + 46 + name + extra,
      [24, 20, 42].map((place) => data.getUint32(at + place, true)),
    );
    found.push({
      name: new TextDecoder().decode(bytes),
      encrypted: (data.getUint16(at + 8, true) & 1) === 1,
      method: data.getUint16(at + 10, true),
      size,
      packed,
      offset,
    });
    at += 46 + name + extra + comment;
  }
  return found;
}

// The first bytes of an entry: enough for a header, or all of a small text.
export async function firstBytes(file, entry, most) {
  const head = await view(file, entry.offset, entry.offset + 30);
  const start = entry.offset + 30 + head.getUint16(26, true) + head.getUint16(28, true);
  const packed = file.slice(start, start + Math.min(entry.packed, 4 * most + 1024));
  if (entry.method === 0) return new Uint8Array(await packed.slice(0, most).arrayBuffer());
  const reader = packed.stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const pieces = [];
  let length = 0;
  try {
    while (length < most) {
      const { value, done } = await reader.read();
      if (done) break;
      pieces.push(...value.subarray(0, most - length));
      length = pieces.length;
    }
  } catch {
    // Only the beginning was given: that it ends early is no fault.
  }
  reader.cancel().catch(() => {});
  return new Uint8Array(pieces);
}
