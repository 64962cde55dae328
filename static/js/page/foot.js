// The strip below the pictures: there stands an answer that needs room, and beside it what belongs to answering.

export class Foot {
  /** @param place the strip; @param end what belongs to answering, at other times in the bar */
  constructor(place, end) {
    Object.assign(this, { place, end, home: end.parentElement, next: end.nextElementSibling });
  }

  /** Show a panel in the strip. */
  open(panel) {
    this.place.replaceChildren(panel, this.end);
    this.place.hidden = false;
  }

  close() {
    this.home.insertBefore(this.end, this.next);
    this.place.replaceChildren();
    this.place.hidden = true;
  }
}
