// Answers that need room stand below the pictures, or beside them; what is for looking and for going on moves there too,
// so that the bar keeps its height whatever is shown.

export class Foot {
  /** @param place the strip; @param parts {row, end}: what stands left and right in it, and at other times in the bar */
  constructor(place, { row, end }) {
    Object.assign(this, { place, row, end });
    this.homes = [row, end].map((part) => [part, part.parentElement, part.nextElementSibling]);
  }

  /** Show a panel in the middle of the strip, and what may need its whole width above it. */
  open(panel, above = null) {
    this.place.replaceChildren(...[above, this.row, panel, this.end].filter(Boolean));
    above?.classList.add("above");
    panel.classList.add("middle");
    this.place.hidden = false;
  }

  close() {
    for (const [part, home, next] of this.homes) home.insertBefore(part, next);
    this.place.replaceChildren();
    this.place.hidden = true;
  }
}
