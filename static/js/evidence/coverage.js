// Two coarse grids over an image: which part was on the screen at 1:1 or more, and where the time went. Pure but for their
// state.

const COVERAGE_CELLS = 48; // along the longer side
const DWELL_CELLS = 24; // along the longer side; services/results/looking_tables.py knows it too

/** What was seen: each cell is, or is not. */
export class Coverage {
  constructor(image) {
    this.cell = Math.max(1, Math.ceil(Math.max(image.width, image.height) / COVERAGE_CELLS));
    this.columns = Math.ceil(image.width / this.cell);
    this.rows = Math.ceil(image.height / this.cell);
    this.image = image;
    this.seen = new Uint8Array(this.columns * this.rows);
  }

  /** Mark the cells whose centre lies in an image rectangle {x0, y0, x1, y1}. */
  mark({ x0, y0, x1, y1 }) {
    for (let row = this.#first(y0); row < this.rows && this.#centre(row, this.image.height) < y1; row += 1) {
      for (
        let column = this.#first(x0);
        column < this.columns && this.#centre(column, this.image.width) < x1;
        column += 1
      ) {
        this.seen[row * this.columns + column] = 1;
      }
    }
  }

  /** Share of the image that was seen, 0 to 1. */
  get share() {
    return this.seen.reduce((sum, cell) => sum + cell, 0) / this.seen.length;
  }

  /** Centre of a cell; the last one may be cut off by the image's edge. */
  #centre(index, length) {
    return (index * this.cell + Math.min((index + 1) * this.cell, length)) / 2;
  }

  #first(start) {
    const index = Math.max(0, Math.floor(start / this.cell));
    return (index + 0.5) * this.cell < start ? index + 1 : index;
  }
}

/** Where the time went, in square cells. */
export class DwellMap {
  constructor({ width, height }) {
    this.cell = Math.max(1, Math.ceil(Math.max(width, height) / DWELL_CELLS));
    this.columns = Math.ceil(width / this.cell);
    this.rows = Math.ceil(height / this.cell);
    this.seconds = new Float64Array(this.columns * this.rows);
  }

  /** Spread `seconds` evenly over an image rectangle {x0, y0, x1, y1}: the smaller the part on the screen, the denser. */
  add({ x0, y0, x1, y1 }, seconds) {
    const area = (x1 - x0) * (y1 - y0);
    if (!(area > 0)) return;
    const { cell, columns, rows } = this;
    for (let row = Math.floor(y0 / cell); row < rows && row * cell < y1; row += 1) {
      const down = Math.min(y1, (row + 1) * cell) - Math.max(y0, row * cell);
      for (let column = Math.floor(x0 / cell); column < columns && column * cell < x1; column += 1) {
        const across = Math.min(x1, (column + 1) * cell) - Math.max(x0, column * cell);
        this.seconds[row * columns + column] += (seconds * across * down) / area;
      }
    }
  }

  toJSON() {
    const { cell, columns, rows } = this;
    return { cell, columns, rows, cells: Array.from(this.seconds, (seconds) => Math.round(seconds * 1000)) };
  }
}
