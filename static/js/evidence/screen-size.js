// How large a pixel of the screen is, and what it takes of the visual field. The size is kept in this browser for each
// screen: as pixels of the screen to a millimetre, which browser zoom does not change.

export const CARD = { width: 85.6, height: 53.98 }; // mm: ISO/IEC 7810 ID-1
export const LINE = 50; // mm: what is compared with a ruler

const KEY = "studyapp.px-per-mm";
const KEPT = 20; // screens

/** Where the screen lies beside others, its size and its depth: what tells screens apart that a browser lets know. */
const nameOf = ({ screen }) =>
  [screen.width, screen.height, screen.colorDepth, screen.availLeft ?? 0, screen.availTop ?? 0].join(" ");

/** Pixels of the screen to a millimetre, as measured on this screen before; null where it was not. */
export function rememberedSize(window) {
  const known = all(window)[nameOf(window)];
  return known > 0 ? known : null;
}

export function rememberSize(window, pxPerMm) {
  const { [nameOf(window)]: _old, ...others } = all(window);
  const kept = Object.fromEntries(Object.entries(others).slice(1 - KEPT));
  try {
    window.localStorage.setItem(KEY, JSON.stringify({ ...kept, [nameOf(window)]: pxPerMm }));
  } catch {
    // Forbidden or full: it is measured again next time.
  }
}

function all(window) {
  try {
    return JSON.parse(window.localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

/** Pixels of the screen to a degree of the visual field, at its centre. */
export const pixelsPerDegree = (pxPerMm, distanceCm) =>
  2 * 10 * distanceCm * Math.tan(Math.PI / 360) * pxPerMm;
