// What a device has room for. Safari on iPads and iPhones draws nothing on a canvas of more than 16.7 megapixels, and
// a page that takes much memory there is loaded anew.

const MB = 2 ** 20;
const USUAL = 320 * MB;
const TABLET = 128 * MB;
const OF_A_GB = 80 * MB;
const TABLET_CANVAS = 4096 * 4096;

/** Every browser of an iPad or iPhone is a WebKit by Apple; iPads call themselves Macs, which have no touch. */
const appleTouch = ({ vendor = "", maxTouchPoints = 0 }) => /^Apple/.test(vendor) && maxTouchPoints > 1;

/** Bytes of decoded tiles to keep. */
export function cacheBudget(navigator) {
  if (navigator.deviceMemory) return Math.min(USUAL, Math.max(64 * MB, navigator.deviceMemory * OF_A_GB));
  return appleTouch(navigator) ? TABLET : USUAL;
}

/** Device pixels that one canvas may have. */
export const canvasLimit = (navigator) => (appleTouch(navigator) ? TABLET_CANVAS : Number.POSITIVE_INFINITY);

/** The area itself, or as much of its middle as one canvas can fill. */
export function withinLimit(area, dpr, limit) {
  const pixels = area.width * area.height * dpr * dpr;
  if (pixels <= limit) return area;
  const factor = Math.sqrt(limit / pixels);
  const [width, height] = [Math.floor(area.width * factor), Math.floor(area.height * factor)];
  return {
    left: area.left + Math.floor((area.width - width) / 2),
    top: area.top + Math.floor((area.height - height) / 2),
    width,
    height,
  };
}
