// One pane: a viewer, a label, and a line for what is wrong.

import { element } from "../page/dom.js";
import { createViewer } from "./drawer.js";
import { neededTiles, paintImage, paintInset } from "./paint.js";

export class Pane {
  /** @param stage supplies image, cache, view, dpr and receives the gestures. */
  constructor(stage) {
    this.stage = stage;
    this.slot = null;
    this.size = { width: 0, height: 0 };
    this.missing = null; // tiles that are still missing of what is shown; null: nothing is drawn
    this.altered = false; // whether some of it is not as the server sent it
    this.surface = element("div", { class: "pane-view" });
    this.label = element("div", { class: "pane-label" });
    this.note = element("p", { class: "pane-note", hidden: true });
    this.root = element("section", { class: "pane", hidden: true }, [this.surface, this.label, this.note]);
    stage.element.append(this.root);
    this.viewer = createViewer(this.surface, {
      paint: (...given) => this.#paint(...given),
      gestures: this.#gestures(),
    });
    this.viewer.canvas.setAttribute("aria-hidden", "true");
    this.#watchCanvas();
  }

  get visible() {
    return !this.root.hidden;
  }

  open(image) {
    this.missing = null;
    this.viewer.open(image);
  }

  /** Show `slot` at a rectangle of CSS pixels. */
  place(slot, rect) {
    this.slot = slot;
    this.rect = rect;
    this.root.dataset.slot = slot;
    for (const side of ["left", "top", "width", "height"]) this.root.style[side] = `${rect[side]}px`;
    const { dpr } = this.stage;
    const size = { width: Math.round(rect.width * dpr), height: Math.round(rect.height * dpr) };
    if (size.width !== this.size.width || size.height !== this.size.height) this.viewer.resize(size);
    this.size = size;
    this.root.classList.toggle("small", rect.width < 240 || rect.height < 140);
    this.root.hidden = false;
    this.dirty = true;
  }

  /** Show another slot in the same place. */
  change(slot) {
    if (slot === this.slot) return;
    this.slot = slot;
    this.root.dataset.slot = slot;
    this.dirty = true;
  }

  /** The slot whose pixels are on the screen: its own, or the one that covers all. */
  get shown() {
    return this.stage.covered ?? this.slot;
  }

  /** URLs of the tiles for the view. */
  needed(slot = this.shown) {
    const { image, sources, view, inset } = this.stage;
    const magnified = inset?.(view, this.size);
    const extra = magnified ? neededTiles(magnified.size, image, sources.get(slot), magnified.view) : [];
    return [...neededTiles(this.size, image, sources.get(slot), view), ...extra];
  }

  /** Cut the picture off left of `from` (CSS pixels), for two panes in one place. */
  cut(from) {
    this.from = from;
    this.surface.style.clipPath = from ? `inset(0 0 0 ${from}px)` : "";
  }

  hide() {
    this.root.hidden = true;
  }

  /** Draw the stage's view now. */
  show() {
    this.dirty = true;
    this.viewer.show(this.stage.view, this.stage.image, this.rect);
  }

  #paint(context, size) {
    const { stage } = this;
    if (!this.dirty || !stage.image || !this.visible || this.lost) return;
    this.dirty = false;
    const base = stage.sources.get(this.shown);
    this.missing = paintImage(context, size, stage.image, base, stage.view, stage.cache);
    const inset = stage.inset?.(stage.view, size);
    if (inset) this.missing += paintInset(context, stage.image, base, inset, stage.cache);
    this.altered = this.needed().some((url) => stage.cache.altered.has(url));
  }

  /** A restart of the graphics process empties the canvas: what it showed is drawn anew as soon as it is back. */
  #watchCanvas() {
    const { canvas } = this.viewer;
    canvas.addEventListener("contextlost", () => {
      this.lost = true;
      this.missing = null;
      this.stage.dispatchEvent(new Event("lost"));
      this.stage.refresh();
    });
    canvas.addEventListener("contextrestored", () => {
      this.lost = false;
      this.stage.refresh();
      this.stage.dispatchEvent(new Event("restored"));
    });
  }

  #gestures() {
    const device = ({ x, y }) => ({ x: x * this.stage.dpr, y: y * this.stage.dpr });
    return {
      press: (event) => this.stage.press(this, device(event)),
      drag: (event) => this.stage.drag(this, event, device(event)),
      dragEnd: (event) => this.stage.dragEnd(this, device(event)),
      wheel: (event) => this.stage.wheel(event, device(event)),
      pinch: (event) => this.stage.pinch(event, device(event)),
      click: (event) => event.quick && this.stage.click(this, device(event)),
      double: (event) => this.stage.double(device(event)),
    };
  }
}
