// Whether a CSS pixel is as many device pixels as the browser says. WebKit's zoom changes the one and not the other.

const WIDTHS = [1, 10.3, 11.7, 13.1, 17.9, 23.3]; // CSS px, of which few are whole device pixels
const NEAR = 0.01; // of a device pixel: widths are told with six digits

/**
 * @param widths CSS px of borders as they were asked for, and as they were drawn: in whole device pixels
 * @returns true, false, or null where the browser does not say how it draws borders
 */
export function ratioHolds(asked, drawn, dpr) {
  const whole = (width) => Math.abs(width * dpr - Math.round(width * dpr)) < NEAR;
  if (!drawn.every(whole)) return asked.some((width, index) => drawn[index] !== width) ? false : null;
  return true;
}

/** Measure it with borders that are there for a moment. */
export function measureRatio({ document, devicePixelRatio }) {
  const ruler = document.createElement("div");
  ruler.style.position = "absolute";
  ruler.style.borderLeftStyle = "solid";
  document.body.append(ruler);
  const drawn = WIDTHS.map((width) => {
    ruler.style.borderLeftWidth = `${width}px`;
    return Number.parseFloat(getComputedStyle(ruler).borderLeftWidth);
  });
  ruler.remove();
  return ratioHolds(WIDTHS, drawn, devicePixelRatio);
}
