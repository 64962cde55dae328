// Which part of an image was on the screen at 1:1 or more: a coarse grid of cells, each seen or not. Pure but for its state.

const LONGEST = 48; // cells along the longer side

export class Coverage {
  constructor(image) {
    this.cell = Math.max(1, Math.ceil(Math.max(image.width, image.height) / LONGEST));
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
