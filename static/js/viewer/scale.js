// Scales in device pixels for one image pixel. At and above 1 only whole numbers exist, so the screen is exact.

const LADDER = [
  1 / 32,
  1 / 24,
  1 / 16,
  1 / 12,
  1 / 8,
  1 / 6,
  1 / 4,
  1 / 3,
  1 / 2,
  1,
  2,
  3,
  4,
  6,
  8,
  12,
  16,
  24,
  32,
];
const LARGEST = LADDER.at(-1);

/** Scale at which the whole image is in view: below 1 any, from 1 on a whole number. */
export function fitScale(image, size) {
  const scale = Math.min(size.width / image.width, size.height / image.height);
  return scale < 1 ? scale : Math.min(Math.floor(scale), LARGEST);
}

/** The next scale up (direction 1) or down (-1); never below the fit or 1:1, whichever is smaller. */
export function stepScale(scale, direction, fit) {
  const least = Math.min(fit, 1);
  const steps = [...new Set([...LADDER.filter((step) => step > least * 1.02), least, fit])].sort(
    (a, b) => a - b,
  );
  if (direction > 0) return steps.find((step) => step > scale * 1.001) ?? steps.at(-1);
  return steps.findLast((step) => step < scale * 0.999) ?? steps[0];
}

/** The allowed scale nearest to a wish, as a pinch makes them. */
export function snapScale(wish, fit) {
  const bounded = Math.min(Math.max(wish, Math.min(fit, 1)), LARGEST);
  return bounded > 0.94 ? Math.max(1, Math.round(bounded)) : bounded;
}

/** "1:1", "4:1", "1:3", "1:8.1": screen pixels to image pixels. */
export function scaleLabel(scale) {
  if (scale >= 1) return `${scale}:1`;
  const inverse = 1 / scale;
  const rounded = Math.round(inverse * 10) / 10;
  return `1:${Math.abs(inverse - Math.round(inverse)) < 0.005 ? Math.round(inverse) : rounded.toFixed(1)}`;
}

export const isExact = (scale) => scale >= 1;
