// Which candidates were drawn on this screen, and which do not load: their panes say so, and nothing can be said of a
// candidate until it was drawn or reported.

import { element } from "../page/dom.js";
import { Panel } from "../page/panel.js";
import { _, listed, ngettext } from "../page/texts.js";

export class LoadErrors extends Panel {
  /** @param reported () after the judge has reported one; null where nobody takes reports */
  constructor(stage, { say, reported = null }) {
    super();
    Object.assign(this, { stage, say, whenReported: reported });
    Object.assign(this, { drawn: new Set(), failing: new Set(), reported: new Set() });
  }

  begin() {
    this.listen(this.stage, "open", () => {
      for (const slots of [this.drawn, this.failing, this.reported]) slots.clear();
    });
    this.listen(this.stage, "lost", () => this.drawn.clear());
    this.listen(this.stage, "painted", () => this.#render());
  }

  end() {
    for (const pane of this.stage.panes) this.#note(pane, false);
  }

  /** Why the judge cannot go on, or null. */
  get reason() {
    const open = [...this.failing]
      .filter((slot) => !this.reported.has(slot))
      .sort((one, other) => one - other)
      .map((slot) => this.stage.nameOf(slot));
    if (!open.length) return null;
    return ngettext(
      "%(names)s did not load completely. Retry, or report it below the picture.",
      "%(names)s did not load completely. Retry, or report them below the pictures.",
      open.length,
      { names: listed(open) },
    );
  }

  /** Why nothing can be said of a slot yet, or null. */
  reasonFor(slot) {
    if (this.drawn.has(slot) || this.reported.has(slot)) return null;
    const name = this.stage.nameOf(slot);
    if (this.failing.has(slot))
      return _("%(name)s did not load. Retry, or report it below the picture.", { name });
    return this.stage.paneOf(slot)
      ? _("%(name)s is still loading. Wait until its picture is complete.", { name })
      : _("You have not seen %(name)s yet. Look at it first.", { name: this.stage.inSentence(slot) });
  }

  #render() {
    for (const pane of this.stage.visible) {
      const failed = pane.missing > 0 && pane.needed().some((url) => this.stage.cache.failed(url));
      if (pane.missing === 0) this.drawn.add(pane.shown);
      if (failed) this.failing.add(pane.shown);
      else if (pane.missing === 0) this.failing.delete(pane.shown);
      this.#note(pane, failed);
    }
  }

  #note(pane, failed) {
    const slot = pane.shown;
    const reported = this.reported.has(slot);
    const state = failed ? `${slot}/${reported}` : "";
    if ((pane.note.dataset.state ?? "") === state) return;
    pane.note.dataset.state = state;
    pane.note.hidden = !failed;
    pane.root.toggleAttribute("data-failed", failed);
    const button = (label, onclick) => element("button", { class: "button", type: "button", onclick }, label);
    const text = reported
      ? _("Reported: part of this image did not load.")
      : _("Part of this image did not load.");
    const nodes = [
      element("span", {}, text),
      " ",
      button(_("Retry"), () => this.stage.cache.retry()),
      reported || !this.whenReported ? "" : button(_("Report"), () => this.#report(slot)),
    ];
    pane.note.replaceChildren(...(failed ? nodes : []));
  }

  #report(slot) {
    this.reported.add(slot);
    this.say(
      _("%(name)s is reported. The report is saved with your answer.", { name: this.stage.nameOf(slot) }),
    );
    this.whenReported();
    this.#render();
  }
}
