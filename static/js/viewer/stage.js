// The stage: all panes of one image and the one view they share. Whichever pane is touched leads; every visible
// pane is drawn from the same view in the same animation frame.

import { _, nameOf } from "../page/texts.js";
import { INPUT } from "./arrangement.js";
import { canvasLimit, withinLimit } from "./device-limits.js";
import { constrain, deviceStep, imagePoint, placePanes, zoomAt } from "./geometry.js";
import { Pane } from "./pane.js";
import { fitScale, snapScale, stepScale } from "./scale.js";
import { tileUrl } from "./tiles.js";

const MARGIN = 40; // CSS px that may be dragged beyond an edge, to free a corner from its label
const WHEEL_STEP = 60;

export class Stage extends EventTarget {
  constructor(element, cache) {
    super();
    this.element = element;
    this.cache = cache;
    cache.onChange = (url) => this.#tileChanged(url);
    this.panes = [];
    this.slots = [];
    this.hasReference = false; // whether the question calls the input a reference
    this.names = new Map(); // slot -> who made it, where that is known to all
    this.covered = null;
    this.view = { cx: 0, cy: 0, scale: 1 };
    this.fitted = true;
    this.background = () => []; // URLs worth loading once the visible ones are there
    this.tool = null; // a tool may take over dragging: {press, drag, dragEnd, click}
    this.area = { left: 0, top: 0, width: 0, height: 0 };
    this.measure();
  }

  /**
   * Read the screen's pixel ratio. Panes stand on multiples of `step`. At odd browser zooms no whole number of CSS
   * pixels is a whole number of device pixels; then a step is one device pixel, and it is left to the browser to
   * snap to it (it does, and pixel-exactness.js watches that it does).
   */
  measure() {
    this.dpr = globalThis.devicePixelRatio || 1;
    this.step = deviceStep(this.dpr) ?? 1 / this.dpr;
  }

  /** Take up another image: `sources` maps slot (0: the input) to the base URL of its tiles. `show` follows. */
  open(image, sources) {
    Object.assign(this, { image, sources, fitted: true, slots: [], covered: null });
    for (const pane of this.panes) pane.open(image);
    this.dispatchEvent(new Event("open"));
  }

  /** Show these slots, one pane each, in this order. `place` may arrange them otherwise than in the best grid. */
  show(slots, place = placePanes) {
    this.slots = slots;
    this.placer = place;
    this.#arrange();
  }

  /** Show other slots in the same places, drawn at once. */
  swap(slots) {
    this.slots = slots;
    this.visible.forEach((pane, index) => {
      pane.change(slots[index]);
    });
    this.dispatchEvent(new Event("arranged"));
    this.#frame();
  }

  /** While set, every pane shows this slot instead of its own (the input, while a key is held). */
  cover(slot) {
    this.covered = slot;
    this.refresh();
    this.dispatchEvent(new Event("arranged"));
  }

  resize(area) {
    this.measure();
    this.area = withinLimit(area, this.dpr, canvasLimit(navigator));
    this.#arrange();
  }

  get visible() {
    return this.panes.filter((pane) => pane.visible);
  }
  get size() {
    return this.panes[0]?.size ?? { width: 1, height: 1 };
  }
  get fitScale() {
    return fitScale(this.image, this.size);
  }
  /** The tile that shows the whole input, or whatever is there in its place. */
  get overview() {
    const base = this.sources.get(INPUT) ?? this.sources.values().next().value;
    return tileUrl(this.image, base, { level: 0, column: 0, row: 0 });
  }
  get complete() {
    return this.visible.every((pane) => pane.missing === 0);
  }

  /** The input's label. */
  get inputName() {
    return this.hasReference ? _("Reference") : _("Input");
  }

  /** A slot at the beginning of a sentence. */
  nameOf(slot) {
    if (slot !== INPUT) return this.names.get(slot) ?? nameOf(slot);
    return this.hasReference ? _("The reference") : _("The input");
  }

  /** A slot within a sentence. */
  inSentence(slot) {
    if (slot !== INPUT) return this.names.get(slot) ?? _("candidate %(slot)s", { slot });
    return this.hasReference ? _("the reference") : _("the input");
  }

  paneOf(slot) {
    return this.visible.find((pane) => pane.slot === slot);
  }

  // Moving: one function each for pan, zoom, jump; all end in #move.

  panBy(dx, dy) {
    const { cx, cy, scale } = this.view;
    this.#move({ cx: cx - dx / scale, cy: cy - dy / scale });
  }

  zoomStep(direction, device = this.#middle()) {
    this.zoomTo(stepScale(this.view.scale, direction, this.fitScale), device);
  }

  zoomTo(scale, device = this.#middle()) {
    this.fitted = scale === this.fitScale;
    this.#move(zoomAt(this.view, this.size, device, scale));
  }

  fit() {
    this.fitted = true;
    this.#move({ scale: this.fitScale, cx: this.image.width / 2, cy: this.image.height / 2 });
  }

  /** Centre on an image point, at a scale when given. */
  goTo(cx, cy, scale = this.view.scale) {
    this.fitted = false;
    this.#move({ cx, cy, scale });
  }

  // Gestures, as the panes report them.

  press(pane, device) {
    this.tool?.press?.(pane, device);
  }

  drag(pane, event, device) {
    if (this.tool?.drag) this.tool.drag(pane, device);
    else this.panBy(event.dx * this.dpr, event.dy * this.dpr);
  }

  dragEnd(pane, device) {
    this.tool?.dragEnd?.(pane, device);
  }

  wheel({ event }, device) {
    const pixels = event.ctrlKey ? 10 : 1;
    const unit = event.deltaMode === 1 ? 33 : pixels;
    this.wheeled =
      (Math.sign(this.wheeled ?? 0) === Math.sign(event.deltaY) ? this.wheeled : 0) + event.deltaY * unit;
    if (Math.abs(this.wheeled) < WHEEL_STEP) return;
    this.zoomStep(this.wheeled > 0 ? -1 : 1, device);
    this.wheeled = 0;
  }

  pinch(event, device) {
    this.pinched =
      (this.pinched && Math.abs(this.pinched / this.view.scale - 1) < 0.6 ? this.pinched : this.view.scale) *
      event.factor;
    this.panBy(event.dx * this.dpr, event.dy * this.dpr);
    const scale = snapScale(this.pinched, this.fitScale);
    if (scale !== this.view.scale) this.zoomTo(scale, device);
  }

  click(pane, device) {
    if (this.tool?.click) this.tool.click(pane, device);
    else this.dispatchEvent(new CustomEvent("choose", { detail: { slot: pane.slot } }));
  }

  double(device) {
    if (this.tool) return;
    if (this.view.scale < 1) this.zoomTo(1, device);
    else this.fit();
  }

  pointAt(pane, device) {
    return imagePoint(this.view, pane.size, device);
  }

  /** Ask for tiles again: what is worth loading in the background has changed. */
  refill() {
    if (this.image) this.#load();
  }

  /** Draw what is due without waiting for the next frame. */
  drawNow() {
    this.#frame();
  }

  /** Draw everything anew in the next frame. */
  refresh() {
    this.all = true;
    this.#schedule();
  }

  #middle() {
    return { x: this.size.width / 2, y: this.size.height / 2 };
  }

  #move(change) {
    const next = constrain({ ...this.view, ...change }, this.size, this.image, MARGIN * this.dpr);
    const { cx, cy, scale } = this.view;
    if (next.cx === cx && next.cy === cy && next.scale === scale) return;
    this.view = next;
    this.wish = { cx: next.cx, cy: next.cy };
    this.refresh();
  }

  #arrange() {
    if (!this.image || !this.slots.length || !this.area.width || !this.area.height) return;
    const aspect = this.image.width / this.image.height;
    const rects = this.placer(this.slots.length, aspect, this.area, this.step);
    while (this.panes.length < this.slots.length) {
      const pane = new Pane(this);
      pane.open(this.image);
      this.panes.push(pane);
    }
    this.panes.forEach((pane, index) => {
      if (index < this.slots.length) pane.place(this.slots[index], rects[index]);
      else pane.hide();
    });
    const scale = this.fitted ? this.fitScale : Math.max(this.view.scale, Math.min(1, this.fitScale));
    // A larger pane may have to move the centre: what the judge chose comes back when the pane allows it.
    const centre = this.fitted ? { cx: this.image.width / 2, cy: this.image.height / 2 } : this.wish;
    this.view = constrain({ ...this.view, ...centre, scale }, this.size, this.image, MARGIN * this.dpr);
    this.dispatchEvent(new Event("arranged"));
    this.refresh();
  }

  #tileChanged(url) {
    for (const pane of this.visible) {
      if (url.startsWith(`${this.sources.get(pane.shown)}/`)) pane.stale = true;
    }
    this.#schedule();
  }

  #schedule() {
    this.frame ??= requestAnimationFrame(() => this.#frame());
  }

  #frame() {
    cancelAnimationFrame(this.frame);
    this.frame = null;
    const moved = this.all;
    for (const pane of this.visible) {
      if (moved || pane.stale || pane.dirty) pane.show();
      pane.stale = false;
    }
    this.all = false;
    this.#load();
    if (moved) this.#moved();
    this.dispatchEvent(new Event("painted"));
  }

  /** The view is also written on the element, for tests and for whoever wonders. */
  #moved() {
    const { cx, cy, scale } = this.view;
    Object.assign(this.element.dataset, { cx, cy, scale });
    this.dispatchEvent(new Event("view"));
  }

  /** Ask the cache for what the panes show, a tile of each in turn so that none is favoured; then for the rest. */
  #load() {
    const lists = this.visible.map((pane) => pane.needed());
    const longest = Math.max(0, ...lists.map((list) => list.length));
    const wanted = [];
    for (let index = 0; index < longest; index += 1) {
      for (const list of lists) if (index < list.length) wanted.push(list[index]);
    }
    this.cache.want([...new Set([...wanted, ...this.background(wanted)])]);
  }
}
