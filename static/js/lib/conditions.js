// What can be known about the screen a judge looks at, and advice about it. Pure but for `readConditions`.

/** {dpr, width, height, screen: [w, h], gamut, hdr, depth, contrast, touch, zoom}: numbers as the browser gives them. */
export function readConditions(window) {
  const matches = (query) => window.matchMedia(query).matches;
  return {
    dpr: window.devicePixelRatio, width: window.innerWidth, height: window.innerHeight,
    screen: [window.screen.width, window.screen.height], depth: window.screen.colorDepth,
    gamut: ["rec2020", "p3", "srgb"].find((gamut) => matches(`(color-gamut: ${gamut})`)) ?? "less",
    hdr: matches("(dynamic-range: high)"), contrast: matches("(prefers-contrast: more)") || matches("(forced-colors: active)"),
    touch: matches("(pointer: coarse)"), zoom: Math.round((window.outerWidth / window.innerWidth) * 100) / 100,
  };
}

/** Sentences of advice; an empty list when there is nothing to say. */
export function advice({ dpr, width, height, gamut, contrast, zoom }) {
  const list = [];
  if (zoom && Math.abs(zoom - 1) > 0.08) list.push(`The browser's zoom seems to be ${Math.round(zoom * 100)} %. Set it to 100 % (Ctrl 0): the pictures are larger than the page thinks otherwise.`);
  if (Math.abs(dpr * 100 - Math.round(dpr * 100)) > 0.01) list.push(`The screen has ${dpr.toFixed(3)} pixels to a CSS pixel. With the browser's zoom at 100 % it can be shown exactly.`);
  if (width < 1200 || height < 650) list.push(`The window is ${width} x ${height}. Make it larger, best full screen (F11): more of each image is seen at once.`);
  if (gamut === "less") list.push("The screen shows fewer colours than sRGB. Use another one if you can.");
  if (contrast) list.push("A high-contrast or forced-colours mode is on. Switch it off for the study: it may change what you see.");
  return list;
}

/** What changed between two readings, as a compact record, or null. */
export function difference(before, after) {
  const changed = Object.keys(after).filter((key) => String(after[key]) !== String(before[key]));
  return changed.length ? Object.fromEntries(changed.map((key) => [key, after[key]])) : null;
}
