// The overview map: the whole input, small, with the part that the panes show. Press or drag on it to go there.

import { Panel } from "../page/panel.js";
import { visibleRect } from "./geometry.js";

const LONGEST = 200; // CSS px

export class OverviewMap extends Panel {
  constructor(stage, place) {
    super();
    Object.assign(this, { stage, place });
    this.canvas = place.querySelector("canvas");
    this.frame = place.querySelector(".map-frame");
  }

  begin() {
    const again = () => {
      this.drawn = false;
      this.#render();
    };
    this.listen(this.canvas, "contextrestored", again);
    this.listen(this.stage, "open", () => {
      this.drawn = false;
    });
    this.listen(this.stage, "view", () => this.#render());
    this.listen(this.stage, "painted", () => !this.drawn && this.#render());
    this.listen(this.place, "pointerdown", this.#press);
  }

  end() {
    this.show(false);
  }

  get shown() {
    return !this.place.hidden;
  }

  show(shown) {
    this.place.hidden = !shown;
    this.stage.mapShown = shown;
    if (!shown) return;
    this.stage.refill();
    this.drawn = false;
    this.#render();
  }

  #render() {
    const { image } = this.stage;
    if (this.place.hidden || !image) return;
    const unit = LONGEST / Math.max(image.width, image.height);
    if (!this.drawn) this.#draw(image, unit);
    const { x0, y0, x1, y1 } = visibleRect(this.stage.view, this.stage.size, image);
    const box = {
      left: x0 * unit,
      top: y0 * unit,
      width: Math.max(3, (x1 - x0) * unit),
      height: Math.max(3, (y1 - y0) * unit),
    };
    for (const [side, value] of Object.entries(box)) this.frame.style[side] = `${value}px`;
  }

  #draw(image, unit) {
    const bitmap = this.stage.cache.get(this.stage.overview);
    const [width, height] = [
      Math.max(1, Math.round(image.width * unit)),
      Math.max(1, Math.round(image.height * unit)),
    ];
    Object.assign(this.canvas, { width, height });
    this.place.style.width = `${width}px`;
    this.place.style.height = `${height}px`;
    if (!bitmap) return;
    this.canvas.getContext("2d").drawImage(bitmap, 0, 0, width, height);
    this.drawn = true;
  }

  #press = (event) => {
    event.preventDefault();
    const unit = LONGEST / Math.max(this.stage.image.width, this.stage.image.height);
    const { left, top } = this.place.getBoundingClientRect();
    const go = ({ clientX, clientY }) => this.stage.goTo((clientX - left) / unit, (clientY - top) / unit);
    const release = () => {
      this.place.removeEventListener("pointermove", go);
      this.place.removeEventListener("pointerup", release);
    };
    this.place.setPointerCapture(event.pointerId);
    this.place.addEventListener("pointermove", go);
    this.place.addEventListener("pointerup", release);
    go(event);
  };
}
