// One line for a judge who came to a trial past what prepares for it: what was left out, with the way there. It hinders
// nothing, and who closes it is not told again in this tab.

import { element } from "./dom.js";
import { Panel } from "./panel.js";
import { _ } from "./texts.js";

const CLOSED = "studyapp.skipped-closed";
const NOT_YET = {
  guidelines: () => _("Read the guidelines"),
  screen: () => _("Check your screen"),
  practice: ({ practice }) => practice,
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
      element("a", { href: page }, NOT_YET[what](this.trial.says)),
    );
    this.place.replaceChildren(
      element("span", {}, [
        _("Not done yet:"),
        " ",
        ...links.flatMap((link, at) => [at ? " · " : "", link]),
        " – ",
        _("Your answers count all the same, but the organisers see what you skipped."),
      ]),
      element(
        "button",
        { class: "button", type: "button", "aria-label": _("Close this note"), onclick: () => this.#close() },
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
