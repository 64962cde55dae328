// Asks the judge when the same image was answered in another window: nothing is dropped without their word.

import { describe } from "./ballot.js";
import { element } from "./dom.js";

export class Conflict {
  constructor(session, dialog) {
    Object.assign(this, { session, dialog });
    session.addEventListener("lane", ({ detail }) => detail?.state === "stale" && this.#ask(detail.conflict));
    dialog.addEventListener("cancel", (event) => event.preventDefault());
  }

  #ask(theirs) {
    if (this.dialog.open) return;
    const answer = (mine) => () => {
      this.dialog.close();
      this.session.resolve(mine);
    };
    this.dialog.replaceChildren(
      element("h2", {}, "This image was answered in another window"),
      element("dl", { class: "keys" }, [
        element("dt", {}, "Saved there"), element("dd", {}, describe(theirs.picks)),
        element("dt", {}, "Picked here"), element("dd", {}, describe(this.session.picks)),
      ]),
      element("p", {}, "Which picks shall count? The other ones stay in the record as an earlier answer if they were saved."),
      element("div", { class: "row" }, [
        element("button", { type: "button", class: "button", onclick: answer(true) }, "Use mine, picked here"),
        element("button", { type: "button", class: "button", onclick: answer(false) }, "Use theirs, saved there"),
      ]),
    );
    this.dialog.showModal();
  }
}
