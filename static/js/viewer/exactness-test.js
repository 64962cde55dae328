// Tries out whether this browser can show a file's pixels: decodes a picture whose values are known, draws it as the
// viewer does, reads it back; fills a canvas of the window's size; measures how canvases reach the screen.

import { _ } from "../page/texts.js";
import { canvasLimit } from "./device-limits.js";
import { deviceStep } from "./geometry.js";
import { BOX, REPORTED, resampled, unreported } from "./pixel-exactness.js";

const SIDE = 16;
const FACTOR = 3;
/** What pixel (x, y) of the picture below is. */
const known = (x, y) => [x * 16 + y, y * 16 + x * 7, x * x * 3 + y * 5].map((value) => value % 256);
const PICTURE =
  "UklGRkYAAABXRUJQVlA4TDoAAAAvD8ADALkKRPQ/doWPCvQ/DETaNrB0/k2fPgNhQrJVcRh9iqIoiqIoiqIoKvKSkBVV0w3Tsh3X84O5";

const CANNOT_DECODE = _("This browser cannot decode the pictures of the study (lossless WebP).");
const OTHER_VALUES = _("This browser changes the values of pixels when it draws them.");
const TOO_LARGE = _("This browser cannot draw a picture as large as this window.");
const HIDDEN = _(
  "This browser does not let pages read what they draw, as a protection against being recognised. Whether pixels are exact could not be tested.",
);

/** {wrong: sentences that say why pictures cannot be exact, unknown: what could not be tested} */
export async function testExactness() {
  const wrong = [];
  const unknown = [];
  if (!readsBack()) unknown.push(HIDDEN);
  else {
    wrong.push(...(await drawing()));
    if (!holdsWindow()) wrong.push(TOO_LARGE);
  }
  const mapped = REPORTED ? await mapping() : unreported();
  if (mapped) wrong.push(mapped);
  return { wrong, unknown };
}

function contextOf(width, height) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  return canvas.getContext("2d", { alpha: false });
}

/** Compare a context with the known picture, each of its pixels enlarged. */
function shows(context, factor) {
  const { data, width, height } = context.getImageData(0, 0, SIDE * factor, SIDE * factor);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const values = known(Math.floor(x / factor), Math.floor(y / factor));
      if (values.some((value, channel) => data[4 * (y * width + x) + channel] !== value)) return false;
    }
  return true;
}

/** Whether what is put on a canvas comes back: some browsers add noise, or hand out white. */
function readsBack() {
  const context = contextOf(SIDE, SIDE);
  const picture = context.createImageData(SIDE, SIDE);
  for (let index = 0; index < SIDE * SIDE; index += 1)
    picture.data.set([...known(index % SIDE, Math.floor(index / SIDE)), 255], 4 * index);
  context.putImageData(picture, 0, 0);
  return shows(context, 1);
}

async function drawing() {
  const bytes = Uint8Array.from(atob(PICTURE), (letter) => letter.charCodeAt(0));
  let bitmap;
  try {
    const options = { colorSpaceConversion: "none", premultiplyAlpha: "none" };
    bitmap = await createImageBitmap(new Blob([bytes], { type: "image/webp" }), options);
  } catch {
    return [CANNOT_DECODE];
  }
  const same = [1, FACTOR].every((factor) => {
    const context = contextOf(SIDE * factor, SIDE * factor);
    context.imageSmoothingEnabled = false;
    context.drawImage(bitmap, 0, 0, SIDE * factor, SIDE * factor);
    return shows(context, factor);
  });
  bitmap.close();
  return same ? [] : [OTHER_VALUES];
}

/** A canvas that is too large stays black. */
function holdsWindow() {
  const whole = [innerWidth, innerHeight].map((side) => Math.round(side * devicePixelRatio));
  const factor = Math.min(1, Math.sqrt(canvasLimit(navigator) / (whole[0] * whole[1])));
  const [width, height] = whole.map((side) => Math.max(1, Math.floor(side * factor)));
  const context = contextOf(width, height);
  if (!context) return false;
  context.fillStyle = "#fff";
  context.fillRect(width - 1, height - 1, 1, 1);
  const holds = context.getImageData(width - 1, height - 1, 1, 1).data[0] === 255;
  context.canvas.width = 0; // its memory is free at once
  return holds;
}

/** What is wrong with how the browser says that it maps a canvas, or null. */
async function mapping() {
  const step = deviceStep(devicePixelRatio);
  if (!step) return null;
  const side = step * Math.ceil(32 / step);
  const { canvas } = contextOf(Math.round(side * devicePixelRatio), Math.round(side * devicePixelRatio));
  Object.assign(canvas.style, { position: "absolute", left: "0", top: "0", visibility: "hidden" });
  canvas.style.width = `${side}px`;
  canvas.style.height = `${side}px`;
  document.body.append(canvas);
  const box = await new Promise((done) => {
    const observer = new ResizeObserver(([entry]) => {
      observer.disconnect();
      done(entry.devicePixelContentBoxSize[0]);
    });
    observer.observe(canvas, BOX);
  });
  canvas.remove();
  return box.inlineSize === canvas.width && box.blockSize === canvas.height ? null : resampled(canvas, box);
}
