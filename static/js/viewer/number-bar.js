// The numbers of all candidates in one row, for the views that do not show them all: choose by mouse, see the marks.

import { element } from "../page/dom.js";
import { nameOf, ORDINALS } from "../protocols/picks.js";

export class Rail {
  constructor(session, views, place) {
    Object.assign(this, { session, views, place });
    for (const name of ["change", "shown"]) views.addEventListener(name, () => this.render());
    session.addEventListener("picks", () => this.render());
  }

  render() {
    if (!this.views.state) return;
    const row = this.place.parentElement;
    row.hidden = this.views.mode === "grid";
    if (row.hidden) return;
    const focused = document.activeElement?.dataset?.rail;
    this.place.replaceChildren(...this.session.slots.map((slot) => this.#button(slot)));
    if (focused) this.place.querySelector(`[data-rail="${focused}"]`)?.focus();
  }

  #button(slot) {
    const { session, views } = this;
    const at = session.picks.indexOf(slot);
    const marked = views.state.marked.includes(slot);
    const note = at >= 0 ? ORDINALS[at] : marked ? "kept" : "";
    const meaning = [nameOf(slot), at >= 0 ? `${ORDINALS[at]} place` : null, marked ? "kept" : null];
    return element(
      "button",
      {
        type: "button",
        class: "rail-name",
        "data-rail": slot,
        "data-slot": slot,
        "aria-pressed": String(views.shown.includes(slot)),
        "aria-label": meaning.filter(Boolean).join(", "),
        onclick: () => session.choose(slot),
      },
      [`${slot}`, " ", element("small", {}, note)],
    );
  }
}
