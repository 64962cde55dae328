// Finds out whether the screen is exact, and says why not: a browser that resamples the canvas, or one that cannot tell.

export class Fault {
  constructor(stage) {
    this.stage = stage;
    this.observer = new ResizeObserver((entries) => this.#measured(entries));
    stage.addEventListener("arranged", () => this.#watch());
  }

  #watch() {
    const [pane] = this.stage.visible;
    if (!pane || pane.viewer.canvas === this.canvas) return;
    this.observer.disconnect();
    this.canvas = pane.viewer.canvas;
    try {
      this.observer.observe(this.canvas, { box: "device-pixel-content-box" });
    } catch {
      this.#set(
        "This browser does not say how it maps the picture to the screen. Chromium, Edge or Firefox can.",
      );
    }
  }

  #measured(entries) {
    const box = entries.at(-1)?.devicePixelContentBoxSize?.[0];
    const { canvas } = this;
    if (!box || !canvas.isConnected || box.inlineSize === 0) return;
    const same = box.inlineSize === canvas.width && box.blockSize === canvas.height;
    this.#set(same ? null : resampled(canvas, box));
  }

  #set(text) {
    if (text === (this.stage.fault ?? null)) return;
    this.stage.fault = text;
    this.stage.dispatchEvent(new Event("fault"));
    this.stage.refresh();
  }
}

const resampled = ({ width, height }, { inlineSize, blockSize }) =>
  `The browser resamples the picture (${width}x${height} pixels onto ${inlineSize}x${blockSize}). ` +
  "Set its zoom to 100 %, or reload the page on this screen.";
