// Asks the judge when the same image was answered in another window: nothing is dropped without their word.

import { element } from "../page/dom.js";
import { Panel } from "../page/panel.js";
import { _, sentences } from "../page/texts.js";
import { answerOf } from "./answer.js";

export class Conflict extends Panel {
  constructor(answer, dialog) {
    super();
    Object.assign(this, { answer, dialog });
  }

  begin() {
    this.listen(this.answer, "lane", () => this.#check());
    this.listen(this.dialog, "cancel", (event) => event.preventDefault());
    // A browser may close it all the same: the question stands.
    this.listen(this.dialog, "close", () => this.#check());
    this.#check();
  }

  end() {
    this.dialog.close();
  }

  #check() {
    const { lane } = this.answer;
    if (lane?.state === "stale" && !this.dialog.open) this.#ask(lane.conflict);
  }

  #ask(saved) {
    const { rules, value, given } = this.answer;
    const decide = (mine) => () => {
      this.answer.resolve(mine);
      this.dialog.close();
    };
    this.dialog.replaceChildren(
      element("h2", {}, _("You also answered this in another window")),
      element("dl", { class: "keys" }, [
        element("dt", {}, _("Saved there (in another tab or browser, or on another device)")),
        element("dd", {}, sentences(rules.describe(answerOf(saved)), given.describe(saved))),
        element("dt", {}, _("Given here")),
        element("dd", {}, sentences(rules.describe(value), given.describe({}))),
      ]),
      element("p", {}, _("Which answer should count? The other one stays on record if it was saved.")),
      element("div", { class: "row" }, [
        element(
          "button",
          { type: "button", class: "button", onclick: decide(true) },
          _("Use the answer given here"),
        ),
        element(
          "button",
          { type: "button", class: "button", onclick: decide(false) },
          _("Use the answer saved there"),
        ),
      ]),
    );
    this.dialog.showModal();
  }
}
