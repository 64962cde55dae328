// The chip of a pane: the number of its candidate and one button for each place.

import { element, setText } from "../page/dom.js";
import { nameOf, ORDINALS } from "../protocols/picks.js";

export class Chips {
  constructor(session, stage, views) {
    Object.assign(this, { session, stage, views });
    views.addEventListener("change", () => this.render());
    stage.addEventListener("arranged", () => this.render());
    stage.addEventListener("painted", () => this.#loading());
    session.addEventListener("picks", () => this.render());
    session.addEventListener("aimed", () => this.render());
  }

  render() {
    for (const pane of this.stage.visible) this.#render(pane);
    this.#loading();
  }

  #render(pane) {
    const { slot } = pane;
    const { session } = this;
    const name = slot === 0 ? "Input" : `${slot}`;
    if (pane.chip.dataset.for !== `${slot}/${session.places}`) {
      pane.chip.dataset.for = `${slot}/${session.places}`;
      pane.root.setAttribute("aria-label", slot === 0 ? "Input" : nameOf(slot));
      pane.name =
        slot === 0
          ? element("span", { class: "name" }, name)
          : element(
              "button",
              {
                type: "button",
                class: "name",
                "data-slot": slot,
                title: `${nameOf(slot)}: press ${name} or click to give it the next free place`,
                onclick: () => this.views.act(slot),
              },
              name,
            );
      pane.places = slot === 0 ? [] : this.#placeButtons(slot);
      pane.keep = slot === 0 ? "" : this.#keepButton(slot);
      pane.busy = element("span", { class: "busy", hidden: true });
      pane.chip.replaceChildren(pane.name, ...pane.places, pane.keep, pane.busy);
    }
    this.#mark(pane, slot);
  }

  #placeButtons(slot) {
    const { session } = this;
    return Array.from({ length: session.places }, (_, index) =>
      element(
        "button",
        {
          type: "button",
          class: "place",
          "aria-label": `${ORDINALS[index]} place for candidate ${slot}`,
          title: `${ORDINALS[index]} place for candidate ${slot}`,
          onclick: () => this.#give(slot, index),
        },
        ORDINALS[index],
      ),
    );
  }

  /** The place that a candidate has already is taken off again. */
  #give(slot, index) {
    const { session } = this;
    session.choose(slot);
    if (session.picks[index] === slot) session.takeOff(slot);
    else session.placeAt(index + 1, slot);
  }

  #keepButton(slot) {
    return element(
      "button",
      {
        type: "button",
        class: "keep",
        "aria-label": `Keep candidate ${slot} on the shortlist`,
        title: `Keep candidate ${slot} on the shortlist (K); it is no vote`,
        onclick: () => {
          this.session.choose(slot);
          this.views.toggleMark(slot);
        },
      },
      "keep",
    );
  }

  #mark(pane, slot) {
    const { picks, aimed, readOnly } = this.session;
    const at = picks.indexOf(slot);
    pane.root.classList.toggle("current", slot === aimed);
    if (slot > 0) {
      pane.name.setAttribute("aria-pressed", String(slot === aimed));
      pane.keep.setAttribute("aria-pressed", String(this.views.state.marked.includes(slot)));
    }
    pane.places.forEach((button, index) => {
      button.classList.toggle("taken", index === at);
      button.setAttribute("aria-pressed", String(index === at));
      button.setAttribute("aria-disabled", String(readOnly || index > picks.length - (at >= 0 ? 1 : 0)));
    });
  }

  #loading() {
    for (const pane of this.stage.visible) {
      if (!pane.busy) continue;
      const covered = pane.shown !== pane.slot;
      pane.busy.hidden = pane.missing === 0 && !covered;
      pane.root.toggleAttribute("data-complete", pane.missing === 0);
      setText(
        pane.busy,
        covered ? "showing the input" : pane.root.hasAttribute("data-failed") ? "not loaded" : "loading",
      );
    }
  }
}
