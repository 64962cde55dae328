// The label of a pane: the number of its candidate, its name where that is known, what the question puts beside it, and
// whether it is on the shortlist.

import { element, setText } from "../page/dom.js";
import { Panel } from "../page/panel.js";
import { _ } from "../page/texts.js";

export class PaneLabels extends Panel {
  /**
   * What a question puts beside a candidate's number: a function of the slot that makes {nodes, mark}; `mark` says
   * what is so now.
   */
  beside = null;

  constructor(stage, views, selection) {
    super();
    Object.assign(this, { stage, views, selection });
  }

  begin() {
    this.listen(this.views, "change", () => this.render());
    this.listen(this.stage, "arranged", () => this.render());
    this.listen(this.stage, "painted", () => this.#loading());
    this.listen(this.selection, "aimed", () => this.render());
    if (this.views.state) this.render();
  }

  end() {
    this.setBeside(this.beside);
  }

  /** Put something else beside the numbers, or nothing (null). */
  setBeside(beside) {
    this.beside = beside;
    for (const pane of this.stage.panes) {
      delete pane.label.dataset.for;
      pane.label.replaceChildren();
    }
    if (this.on && this.views.state) this.render();
  }

  render() {
    if (!this.on) return;
    for (const pane of this.stage.visible) {
      if (pane.label.dataset.for !== this.#purpose(pane)) this.#fill(pane);
      this.#mark(pane);
    }
    this.#loading();
  }

  /** What a label is for: other candidates have another one. */
  #purpose({ slot }) {
    const keep = this.views.offers("shortlist") ? " keep" : "";
    return `${slot}${keep} ${this.stage.names.get(slot) ?? ""}`;
  }

  #fill(pane) {
    const { slot } = pane;
    pane.label.dataset.for = this.#purpose(pane);
    pane.root.setAttribute("aria-label", slot === 0 ? this.stage.inputName : this.stage.nameOf(slot));
    pane.number =
      slot === 0
        ? element("span", { class: "name" }, this.stage.inputName)
        : this.#button("name", slot, this.#called(slot));
    pane.keep =
      slot === 0 || !this.views.offers("shortlist") ? null : this.#button("keep", slot, [_("shortlist")]);
    pane.beside = slot === 0 ? null : this.beside?.(slot);
    pane.busy = element("span", { class: "busy", hidden: true });
    pane.label.replaceChildren(pane.number, ...(pane.beside?.nodes ?? []), pane.keep ?? "", pane.busy);
  }

  #called(slot) {
    const name = this.stage.names.get(slot);
    return name === undefined ? [`${slot}`] : [`${slot}`, " ", element("bdi", {}, name)];
  }

  #button(kind, slot, nodes) {
    const keep = kind === "keep";
    const name = this.stage.nameOf(slot);
    return element(
      "button",
      {
        type: "button",
        class: kind,
        "data-slot": keep ? null : slot,
        "aria-label": keep ? _("Shortlist candidate %(slot)s", { slot }) : null,
        title: keep
          ? _("Shortlist candidate %(slot)s (K). This is not a vote.", { slot })
          : _("%(name)s: click here or press %(slot)s", { name, slot }),
        onclick: () => (keep ? this.#keep(slot) : this.views.press(slot)),
      },
      nodes,
    );
  }

  #keep(slot) {
    this.selection.choose(slot);
    this.views.toggleMark(slot);
  }

  #mark({ root, slot, number, keep, beside }) {
    const aimed = slot === this.selection.aimed;
    root.classList.toggle("current", aimed);
    if (slot === 0) return;
    number.setAttribute("aria-pressed", String(aimed));
    keep?.setAttribute("aria-pressed", String(this.views.state.marked.includes(slot)));
    beside?.mark();
  }

  #loading() {
    for (const pane of this.stage.visible) {
      if (!pane.busy) continue;
      const covered = pane.shown !== pane.slot;
      const missing = pane.root.hasAttribute("data-failed") ? _("not loaded") : _("loading");
      const instead = this.stage.hasReference ? _("showing the reference") : _("showing the input");
      pane.busy.hidden = pane.missing === 0 && !covered;
      pane.root.toggleAttribute("data-complete", pane.missing === 0);
      setText(pane.busy, covered ? instead : missing);
    }
  }
}
