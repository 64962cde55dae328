// Watches whether what is on the screen is what was sent, pixel for pixel, and says once what is wrong: a browser that
// resamples the canvas or cannot tell, pictures that were changed on their way, pictures that the browser has lost.
// The stage's `inexact` says what is wrong with the mapping; its event "measured" that this is known.

import { Panel } from "../page/panel.js";
import { _ } from "../page/texts.js";
import { measureRatio } from "./pixel-ruler.js";

export const ALTERED = _(
  "The pictures were changed on their way to you, by a proxy, a mobile carrier or a browser extension that compresses pictures. What you see is not what the teams made. Use another network or browser, and tell the organisers.",
);
const LOST = _(
  "The browser lost the pictures because its graphics process restarted. They will be drawn again in a moment. If they do not come back, reload the page.",
);
const SILENT = _(
  "This browser does not report how it maps pictures to screen pixels. Use Chrome, Edge or Firefox.",
);
const ZOOMED = _("The browser's zoom resamples the picture. Set it to 100 %% (Ctrl 0, or Cmd 0 on a Mac).");
const PINCHED = _(
  "The whole page is enlarged, which resamples the picture. Bring the page back to its size with two fingers.",
);

/** What is wrong where the browser does not report the mapping, or null: borders tell what zoom there is. */
export function unreported() {
  const holds = measureRatio(globalThis);
  if (holds === null) return SILENT;
  return holds ? null : ZOOMED;
}

export const REPORTED = "devicePixelContentBoxSize" in (globalThis.ResizeObserverEntry?.prototype ?? {});
export const BOX = { box: "device-pixel-content-box" };

export class PixelExactness extends Panel {
  /** @param tellAltered () the organisers learn of it too */
  constructor(stage, { say, tellAltered = () => {} }) {
    super();
    Object.assign(this, { stage, say, tellAltered });
  }

  begin() {
    this.observer = new ResizeObserver((entries) => this.#measured(entries));
    this.listen(this.stage, "arranged", () => (REPORTED ? this.#watch() : this.#set(unreported())));
    if (globalThis.visualViewport) this.listen(visualViewport, "resize", () => this.#tell());
    this.listen(this.stage, "painted", () => this.#checkSent());
    this.listen(this.stage, "lost", () => this.say(LOST, { urgent: true }));
    this.listen(this.stage, "restored", () => this.say(_("The pictures are back."), { seen: true }));
  }

  end() {
    this.observer.disconnect();
    this.canvas = null;
    this.mapped = undefined;
    this.stage.inexact = undefined;
  }

  #watch() {
    const [pane] = this.stage.visible;
    if (!pane || pane.viewer.canvas === this.canvas) return;
    this.observer.disconnect();
    this.canvas = pane.viewer.canvas;
    this.observer.observe(this.canvas, BOX);
  }

  #measured(entries) {
    const box = entries.at(-1)?.devicePixelContentBoxSize?.[0];
    const { canvas } = this;
    if (!box || !canvas.isConnected || box.inlineSize === 0) return;
    const same = box.inlineSize === canvas.width && box.blockSize === canvas.height;
    const found = same ? null : resampled(canvas, box);
    if (same || found === this.doubt) this.#set(found);
    else this.#measureAgain();
    this.doubt = found;
  }

  /** What was measured may be older than the canvas, which was resized in the same frame: only the next frame can tell. */
  #measureAgain() {
    this.observer.unobserve(this.canvas);
    this.observer.observe(this.canvas, BOX);
  }

  #set(text) {
    this.mapped = text;
    this.#tell();
  }

  #tell() {
    const before = this.stage.inexact ?? null;
    const text = enlarged() ? PINCHED : this.mapped;
    if (text === undefined) return;
    this.stage.inexact = text;
    this.stage.dispatchEvent(new Event("measured"));
    if (text === before) return;
    if (text) this.say(text, { urgent: true, holds: () => this.stage.inexact === text });
    this.stage.refresh();
  }

  #checkSent() {
    if (this.told || !this.stage.visible.some((pane) => pane.altered)) return;
    this.told = true;
    this.say(ALTERED, { urgent: true });
    this.tellAltered();
  }
}

/** By two fingers, which changes neither the pixel ratio nor the layout. */
const enlarged = () => Math.abs((globalThis.visualViewport?.scale ?? 1) - 1) > 0.001;

export const resampled = ({ width, height }, { inlineSize, blockSize }) =>
  _(
    "The browser resamples the picture (%(from)s pixels onto %(onto)s). Set its zoom to 100 %%, or reload the page on this screen.",
    { from: `${width} × ${height}`, onto: `${inlineSize} × ${blockSize}` },
  );
