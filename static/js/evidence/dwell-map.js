// Where on an image the time went: a coarse grid of square cells. Pure but for its state.

const LONGEST = 24; // cells along the longer side; services/results/looking_tables.py knows it too

export class DwellMap {
  constructor({ width, height }) {
    this.cell = Math.max(1, Math.ceil(Math.max(width, height) / LONGEST));
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
