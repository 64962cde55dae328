// The size of the screen: a rectangle that the judge makes as large as a bank card, or a line as long as a ruler says.

import { CARD, LINE } from "../evidence/screen-size.js";

const USUAL = 3.78; // CSS pixels to a millimetre, as CSS has it

const halves = (value) => Math.round(2 * value) / 2;

export class Measure {
  /**
   * @param place {shape, slider, fits, ways}: the rectangle or line, what changes its size, what says that it fits, and
   *   the radio buttons
   * @param measured (pxPerMm, by) pixels of the screen to a millimetre
   */
  constructor(place, measured) {
    Object.assign(this, { place, measured });
    place.slider.addEventListener("input", () => {
      this.width = Number(place.slider.value);
      this.render();
    });
    for (const way of place.ways) way.addEventListener("change", () => this.#turn());
    place.fits.addEventListener("click", () => this.measured(this.#perMm * this.#ratio, this.by));
    this.#turn();
  }

  get by() {
    return this.place.ways.find((way) => way.checked)?.value ?? "card";
  }

  /** Take up what was measured before. */
  take(pxPerMm) {
    this.width = halves((pxPerMm / this.#ratio) * this.#length);
    this.fit();
  }

  /** As much as there is room for, which changes with the page: none where it is closed. */
  fit() {
    const { slider } = this.place;
    // Firefox finds no value valid on steps from 128.39999999999998, and then sends no form.
    const room = Math.max(4 * this.#length, slider.parentElement.clientWidth, this.width);
    slider.min = Math.round(1.5 * this.#length);
    slider.max = Math.round(Math.min(12 * this.#length, room));
    slider.step = 0.5;
    slider.value = this.width;
    this.render();
  }

  render() {
    const { shape, slider } = this.place;
    const width = Number(slider.value);
    shape.style.width = `${width}px`;
    shape.style.height = this.by === "card" ? `${(width * CARD.height) / CARD.width}px` : "";
    shape.classList.toggle("line", this.by === "ruler");
  }

  /** CSS pixels to a millimetre. */
  get #perMm() {
    return Number(this.place.slider.value) / this.#length;
  }

  get #length() {
    return this.by === "card" ? CARD.width : LINE;
  }

  /** Pixels of the screen to one of CSS, a pinched page included. */
  get #ratio() {
    return window.devicePixelRatio * (window.visualViewport?.scale ?? 1);
  }

  #turn() {
    this.width = halves(USUAL * this.#length);
    this.fit();
  }
}
