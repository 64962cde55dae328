// The finest gap that a judge sees on this screen at this distance. A gap is a whole number of pixels, so nothing is
// smoothed and nothing finer than a pixel is asked. A size counts as seen when two rings of it are read, of three at most.

export const SIDES = ["up", "right", "down", "left"];
const ACUITIES = [0.2, 0.32, 0.5, 0.63, 0.8, 1, 1.25, 1.6]; // decimal: 1 / minutes of arc of the gap
const NEEDED = 2;
const WRONG = 2;

export class AcuityTest {
  /** @param perDegree pixels of the screen to a degree @param random () => [0, 1) */
  constructor(perDegree, random = Math.random) {
    this.perMinute = perDegree / 60;
    const gaps = ACUITIES.map((acuity) => Math.max(1, Math.round(this.perMinute / acuity)));
    Object.assign(this, { gaps: [...new Set(gaps)], random, level: 0, finest: null });
    this.#next();
  }

  /** Pixels of the screen of the gap that is shown; null when the test is over. */
  get gap() {
    return this.gaps[this.level] ?? null;
  }

  get done() {
    return this.gap === null;
  }

  /** @param side what the judge saw, or null */
  answer(side) {
    if (side === this.side) this.right += 1;
    else this.wrong += 1;
    if (this.wrong >= WRONG) this.level = this.gaps.length;
    else if (this.right >= NEEDED) {
      this.finest = this.gap;
      this.level += 1;
      this.#next();
      return;
    }
    this.#turn();
  }

  /** {decimal, gap_px, limited}: `limited` when the screen shows nothing finer. */
  get result() {
    const decimal = this.finest === null ? 0 : Math.round((100 * this.perMinute) / this.finest) / 100;
    return { decimal, gap_px: this.finest, limited: this.finest === this.gaps.at(-1) };
  }

  #next() {
    Object.assign(this, { right: 0, wrong: 0 });
    this.#turn();
  }

  #turn() {
    this.side = SIDES[Math.floor(this.random() * SIDES.length)];
  }
}

/**
 * Draw a square ring with a gap, five gaps wide, black on white: whole pixels throughout.
 * @param context of a canvas whose pixels are the screen's
 */
export function drawRing(context, gap, side) {
  const { width, height } = context.canvas;
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  if (gap === null) return;
  const left = Math.floor((width - 5 * gap) / 2);
  const top = Math.floor((height - 5 * gap) / 2);
  context.fillStyle = "#000";
  context.fillRect(left, top, 5 * gap, 5 * gap);
  context.fillStyle = "#fff";
  context.fillRect(left + gap, top + gap, 3 * gap, 3 * gap);
  const at = { up: [2, 0], right: [4, 2], down: [2, 4], left: [0, 2] }[side];
  context.fillRect(left + at[0] * gap, top + at[1] * gap, gap, gap);
}
