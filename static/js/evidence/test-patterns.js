// The two patterns of the check page, drawn in device pixels.

import { deviceStep } from "../viewer/geometry.js";

/** A canvas whose backing store is its size in device pixels; its edges are whole device pixels where possible. */
function sized(canvas, dpr, cssWidth, cssHeight) {
  const step = deviceStep(dpr) ?? 1;
  const round = (length) => Math.max(step, Math.round(length / step) * step);
  const [width, height] = [round(cssWidth), round(cssHeight)];
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  canvas.width = Math.round(width * dpr);
  canvas.height = Math.round(height * dpr);
  const { left, top } = canvas.parentElement.getBoundingClientRect();
  const shift = (offset) => Math.ceil((offset + 1) / step) * step - offset;
  canvas.style.marginLeft = `${shift(left + scrollX)}px`;
  canvas.style.marginTop = `${shift(top + scrollY)}px`;
  return canvas.getContext("2d", { alpha: false });
}

/** Left half: black and white pixels in turn; right half: the grey of equal light. */
export function drawCheckerboard(canvas, dpr) {
  const context = sized(canvas, dpr, 320, 120);
  const { width, height } = canvas;
  const picture = context.createImageData(width, height);
  const pixels = new Uint32Array(picture.data.buffer);
  const half = Math.floor(width / 2);
  for (let index = 0; index < pixels.length; index += 1) {
    const x = index % width;
    const y = Math.floor(index / width);
    const value = x >= half ? 188 : (x + y) % 2 ? 255 : 0; // 188: half the light of white in sRGB
    pixels[index] = 0xff000000 | (value << 16) | (value << 8) | value;
  }
  context.putImageData(picture, 0, 0);
}

/** A row of squares on a ground of the first value. */
export function drawPatches(canvas, dpr, [ground, ...values]) {
  const context = sized(canvas, dpr, 420, 90);
  const { width, height } = canvas;
  const grey = (value) => `rgb(${value} ${value} ${value})`;
  context.fillStyle = grey(ground);
  context.fillRect(0, 0, width, height);
  const side = Math.floor(height * 0.6);
  const pitch = width / values.length;
  values.forEach((value, index) => {
    context.fillStyle = grey(value);
    context.fillRect(
      Math.round(pitch * (index + 0.5) - side / 2),
      Math.round((height - side) / 2),
      side,
      side,
    );
  });
}
