// What the bar and the panel beside the pictures leave to them, and the controls that can be hidden.

import { Panel } from "./panel.js";

export class Layout extends Panel {
  /** @param parts {bar, foot, side, aside, show}; @param resize ({left, top, width, height}) what the pictures may take */
  constructor(parts, resize) {
    super();
    Object.assign(this, { parts, resize });
  }

  begin() {
    this.listen(globalThis, "resize", () => this.#layOut());
    this.observer = new ResizeObserver(() => this.#layOut());
    const { bar, foot, side, aside } = this.parts;
    for (const part of [bar, foot, side, aside]) this.observer.observe(part);
    this.#watchRatio();
  }

  end() {
    this.observer.disconnect();
    this.setBare(false);
  }

  get bare() {
    return document.body.classList.contains("bare");
  }

  /** Hide or show the controls. Who hid them with the mouse gets a button to bring them back. */
  setBare(bare, byMouse = false) {
    document.body.classList.toggle("bare", bare);
    this.parts.show.hidden = !(bare && byMouse);
    this.#layOut();
  }

  #layOut() {
    const { bar, foot, side, aside } = this.parts;
    const [top, strip] = [bar.offsetHeight, foot.offsetHeight]; // 0 while they are hidden
    const [left, right] = [side, aside].map((part) => (isBelow(part) ? 0 : part.offsetWidth));
    for (const part of [side, aside])
      Object.assign(part.style, { top: isBelow(part) ? "auto" : `${top}px`, bottom: `${strip}px` });
    const bottom = strip + Math.max(...[side, aside].map((part) => (isBelow(part) ? part.offsetHeight : 0)));
    document.body.style.setProperty("--foot", `${bottom}px`);
    this.resize({
      left,
      top,
      width: innerWidth - left - right,
      height: Math.max(0, innerHeight - top - bottom),
    });
  }

  /** A window dragged to a screen of another pixel ratio keeps its size in CSS pixels: no resize event tells. */
  #watchRatio() {
    this.#layOut();
    const ratio = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    this.listen(ratio, "change", () => this.#watchRatio(), { once: true });
  }
}

/** On a narrow screen the panels beside the pictures stand below them. */
const isBelow = (part) => part.offsetWidth >= innerWidth;
