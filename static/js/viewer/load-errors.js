// Images that fail to load: their panes say so, and the ballot waits until they were seen or reported.

import { element } from "../page/dom.js";
import { nameOf } from "../protocols/picks.js";

export class Trouble {
  constructor(session, stage) {
    Object.assign(this, { session, stage, failing: new Set(), reported: new Set() });
    session.addEventListener("trial", () => {
      this.failing.clear();
      this.reported.clear();
    });
    for (const name of ["painted", "arranged"]) stage.addEventListener(name, () => this.render());
  }

  /** Why the judge cannot go on, or null. */
  get reason() {
    const open = [...this.failing].filter((slot) => !this.reported.has(slot)).map(nameOf);
    return open.length
      ? `${open.join(", ")} could not be loaded completely: retry, or report it in its pane.`
      : null;
  }

  render() {
    for (const pane of this.stage.visible) {
      const failed = pane.missing > 0 && pane.needed().some((url) => this.stage.cache.failed(url));
      if (failed) this.failing.add(pane.shown);
      else if (pane.missing === 0) this.failing.delete(pane.shown);
      this.#note(pane, failed);
    }
  }

  #note(pane, failed) {
    const state = failed ? `${pane.shown}/${this.reported.has(pane.shown)}` : "";
    if (pane.note.dataset.state === state) return;
    pane.note.dataset.state = state;
    pane.note.hidden = !failed;
    pane.root.toggleAttribute("data-failed", failed);
    if (!failed) return pane.note.replaceChildren();
    const slot = pane.shown;
    return pane.note.replaceChildren(
      element(
        "span",
        {},
        this.reported.has(slot)
          ? "Reported: part of this image did not load. "
          : "Part of this image did not load. ",
      ),
      element(
        "button",
        { class: "button", type: "button", onclick: () => this.stage.cache.retry() },
        "Retry",
      ),
      this.reported.has(slot)
        ? ""
        : element("button", { class: "button", type: "button", onclick: () => this.#report(slot) }, "Report"),
    );
  }

  #report(slot) {
    this.reported.add(slot);
    this.session.say(`${nameOf(slot)} is reported. It will be noted with your ballot.`);
    this.session.saveExtras();
    this.render();
  }
}
