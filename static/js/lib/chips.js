// The chip of a pane: its letter and one button for each place.

import { ORDINALS, letterOf } from "./ballot.js";
import { element, setText } from "./dom.js";
import { digitsFor } from "./keys.js";

export class Chips {
  constructor(session, stage, views) {
    Object.assign(this, { session, stage, views });
    views.addEventListener("change", () => this.render());
    stage.addEventListener("arranged", () => this.render());
    stage.addEventListener("painted", () => this.#loading());
    session.addEventListener("picks", () => this.render());
    session.addEventListener("current", () => this.render());
  }

  render() {
    for (const pane of this.stage.visible) this.#render(pane);
    this.#loading();
  }

  #render(pane) {
    const { slot } = pane;
    const { session } = this;
    const name = slot === 0 ? "Input" : letterOf(slot);
    const keys = digitsFor(slot, session.slots.length);
    if (pane.chip.dataset.for !== `${slot}/${session.places}`) {
      pane.chip.dataset.for = `${slot}/${session.places}`;
      pane.root.setAttribute("aria-label", slot === 0 ? "Input" : `Candidate ${name}`);
      pane.letter =
        slot === 0
          ? element("span", { class: "letter" }, name)
          : element(
              "button",
              {
                type: "button",
                class: "letter",
                "data-slot": slot,
                title: `Give ${name} the next free place${keys ? ` (${keys})` : ""}`,
                onclick: () => this.views.act(slot),
              },
              name,
            );
      pane.places = slot === 0 ? [] : this.#placeButtons(slot, name);
      pane.keep = slot === 0 ? "" : this.#keepButton(slot, name);
      pane.busy = element("span", { class: "busy", hidden: true });
      pane.chip.replaceChildren(pane.letter, ...pane.places, pane.keep, pane.busy);
    }
    this.#mark(pane, slot);
  }

  #placeButtons(slot, name) {
    const { session } = this;
    return Array.from({ length: session.places }, (_, index) =>
      element(
        "button",
        {
          type: "button",
          class: "place",
          "aria-label": `${index + 1}: ${ORDINALS[index]} place for ${name}`,
          title: `${ORDINALS[index]} place for ${name}`,
          onclick: () => {
            session.choose(slot);
            session.placeAt(index + 1, slot);
          },
        },
        `${index + 1}`,
      ),
    );
  }

  #keepButton(slot, name) {
    return element(
      "button",
      {
        type: "button",
        class: "keep",
        "aria-label": `✓ Shortlist ${name}`,
        title: `Keep ${name} on the shortlist (K)`,
        onclick: () => {
          this.session.choose(slot);
          this.views.toggleMark(slot);
        },
      },
      "✓",
    );
  }

  #mark(pane, slot) {
    const { picks, current, readOnly } = this.session;
    const at = picks.indexOf(slot);
    pane.root.classList.toggle("current", slot === current);
    if (slot > 0) {
      pane.letter.setAttribute("aria-pressed", String(slot === current));
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
