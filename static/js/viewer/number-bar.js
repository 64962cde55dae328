// The numbers of all candidates in one row, for the views that do not show them all: choose by mouse, see the marks.

import { element } from "../page/dom.js";
import { Panel } from "../page/panel.js";
import { _ } from "../page/texts.js";

export class NumberBar extends Panel {
  /** What the question notes of a candidate: a function of the slot that gives {short, long}, or null. */
  noteOf = () => null;

  constructor(views, selection, place) {
    super();
    Object.assign(this, { views, selection, place });
  }

  begin() {
    this.listen(this.views, "change shown", () => this.render());
    this.render();
  }

  end() {
    this.place.parentElement.hidden = true;
  }

  render() {
    if (!this.on || !this.views.state) return;
    const row = this.place.parentElement;
    const { shown, state } = this.views;
    row.hidden = shown.length > state.slots.length; // all of them, and the input
    this.place.hidden = state.slots.length < 2;
    if (row.hidden) return;
    const focused = document.activeElement?.dataset?.number;
    this.place.replaceChildren(...this.views.state.slots.map((slot) => this.#button(slot)));
    if (focused) this.place.querySelector(`[data-number="${focused}"]`)?.focus();
  }

  /** A name goes with the number that is printed. */
  #called(slot) {
    const { stage } = this.views;
    return stage.names.has(slot) ? `${slot} ${stage.nameOf(slot)}` : stage.nameOf(slot);
  }

  #button(slot) {
    const note = this.noteOf(slot);
    const marked = this.views.state.marked.includes(slot);
    return element(
      "button",
      {
        type: "button",
        class: "candidate",
        "data-number": slot,
        "data-slot": slot,
        "aria-pressed": String(this.views.shown.includes(slot)),
        "aria-label": [this.#called(slot), note?.long, marked ? _("on the shortlist") : null]
          .filter(Boolean)
          .join(", "),
        onclick: () => this.selection.choose(slot),
      },
      [`${slot}`, " ", element("small", {}, note?.short ?? (marked ? "✓" : ""))],
    );
  }
}
