// One line for a judge who came to a trial past what prepares for it: what was left out, with the way there. It hinders
// nothing, and who closes it is not told again in this tab.

import { element } from "./dom.js";
import { Panel } from "./panel.js";

const CLOSED = "studyapp.skipped-closed";
const NOT_YET = {
  guidelines: () => "read the guidelines",
  screen: () => "checked your screen",
  practice: (noun) => `tried the practice ${noun}`,
};

export class Skipped extends Panel {
  constructor(trial, place) {
    super();
    Object.assign(this, { trial, place, closed: remembered() });
  }

  begin() {
    this.listen(this.trial, "open state", () => this.#render());
    if (this.trial.data) this.#render();
  }

  end() {
    this.place.hidden = true;
  }

  #render() {
    const skipped = this.trial.data.skipped ?? [];
    this.place.hidden = this.closed || this.trial.shut || !skipped.length;
    if (this.place.hidden) return;
    const links = skipped.map(({ what, page }) =>
      element("a", { href: page }, NOT_YET[what](this.trial.noun)),
    );
    const between = (at) => (at === links.length - 1 ? " or " : ", ");
    this.place.replaceChildren(
      element("span", {}, [
        "You have not yet ",
        ...links.flatMap((link, at) => [at ? between(at) : "", link]),
        ". Your answers count all the same; the organisers see what was left out.",
      ]),
      element(
        "button",
        { class: "button", type: "button", "aria-label": "Close this note", onclick: () => this.#close() },
        "×",
      ),
    );
  }

  #close() {
    this.closed = true;
    remember();
    this.#render();
  }
}

function remembered() {
  try {
    return sessionStorage.getItem(CLOSED) !== null;
  } catch {
    return false;
  }
}

function remember() {
  try {
    sessionStorage.setItem(CLOSED, "1");
  } catch {
    // Forbidden: then it is closed as long as the page is there.
  }
}
