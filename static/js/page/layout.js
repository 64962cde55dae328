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
    // On a narrow screen the panel beside the pictures stands below them.
    const below = side.offsetWidth >= innerWidth;
    const [left, right] = [below ? 0 : side.offsetWidth, aside.offsetWidth];
    Object.assign(side.style, { top: below ? "auto" : `${top}px`, bottom: `${strip}px` });
    Object.assign(aside.style, { top: `${top}px`, bottom: `${strip}px` });
    const bottom = strip + (below ? side.offsetHeight : 0);
    document.body.style.setProperty("--foot", `${bottom}px`);
    this.resize({ left, top, width: innerWidth - left - right, height: innerHeight - top - bottom });
  }

  /** A window dragged to a screen of another pixel ratio keeps its size in CSS pixels: no resize event tells. */
  #watchRatio() {
    this.#layOut();
    const ratio = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    this.listen(ratio, "change", () => this.#watchRatio(), { once: true });
  }
}
