// Asks the judge when the same image was answered in another window: nothing is dropped without their word.

import { element } from "../page/dom.js";
import { describe } from "../protocols/picks.js";

export class Conflict {
  constructor(session, dialog) {
    Object.assign(this, { session, dialog });
    session.addEventListener("lane", () => this.#check());
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.addEventListener("close", () => this.#check()); // a browser may close it all the same: the question stands
  }

  #check() {
    const { lane } = this.session;
    if (lane?.state === "stale" && !this.dialog.open) this.#ask(lane.conflict);
  }

  #ask(saved) {
    const answer = (mine) => () => {
      this.session.resolve(mine);
      this.dialog.close();
    };
    this.dialog.replaceChildren(
      element("h2", {}, "You answered this image in another window too"),
      element("dl", { class: "keys" }, [
        element("dt", {}, "Saved there (another tab, browser or device of yours)"),
        element("dd", {}, describe(saved.answer.picks)),
        element("dt", {}, "Picked here"),
        element("dd", {}, describe(this.session.picks)),
      ]),
      element(
        "p",
        {},
        "Which picks should count? The others stay in the record as an earlier answer if they were saved.",
      ),
      element("div", { class: "row" }, [
        element(
          "button",
          { type: "button", class: "button", onclick: answer(true) },
          "Use the picks made here",
        ),
        element(
          "button",
          { type: "button", class: "button", onclick: answer(false) },
          "Use the picks saved there",
        ),
      ]),
    );
    this.dialog.showModal();
  }
}
