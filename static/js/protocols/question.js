// What all questions have in common: the panel that shows the answer wherever it is shown, and takes all of that away.

import { Panel } from "../page/panel.js";
import { _ } from "../page/texts.js";

/** What to say where a candidate is needed and none is underlined. */
export const POINT_FIRST = _("Point at a candidate, click it or press C first.");

/** Commands that change the answer, as page/commands.js has them. */
export const answering = (panel, commands) =>
  commands.map((command) => ({
    group: _("Answering"),
    answers: true,
    panel,
    refusal: () => (panel.page.trial.shut ? _("Answers are not accepted at the moment.") : null),
    ...command,
  }));

/** Enter goes on, where it has no candidate to give anything to. */
export const goingOn = (panel) => ({
  group: _("Answering"),
  id: "go-on",
  keys: ["Enter"],
  does: _("Continue to the next one"),
  panel,
  run: () => panel.page.commands.run("next"),
});

/**
 * A question on the page. A subclass has `render`, `missing`, `order`, `noteOf` and, where something stands beside each
 * candidate's number, `beside(slot)`.
 */
export class Question extends Panel {
  /** @param rules of its answers (saving/answer.js); @param commands (panel) its own */
  constructor(page, rules, commands) {
    super();
    Object.assign(this, { page, rules, commands: commands(this) });
  }

  begin() {
    const { answer, trial, commands, numberBar, paneLabels, stage } = this.page;
    stage.hasReference = Boolean(this.question.reference);
    this.listen(answer, "change", () => this.render());
    this.listen(trial, "state", () => this.render());
    commands.add(this.commands);
    numberBar.noteOf = (slot) => this.noteOf(slot);
    paneLabels.setBeside((slot) => this.beside(slot));
    if (answer.value) this.render();
  }

  end() {
    const { commands, numberBar, paneLabels, stage } = this.page;
    stage.hasReference = false;
    commands.remove(this.commands);
    numberBar.noteOf = () => null;
    numberBar.render();
    paneLabels.setBeside(null);
  }

  render() {
    this.page.paneLabels.render();
    this.page.numberBar.render();
  }

  beside() {
    return null;
  }

  /** The candidate that a reason is about where none is underlined; null: the judge has to say. */
  get about() {
    return null;
  }

  /** Whether the reasons that a study requires are required with this answer. */
  get wantsReasons() {
    return true;
  }

  get question() {
    return this.page.trial.data.question;
  }

  get value() {
    return this.page.answer.value;
  }

  /** Whether all of these slots were drawn on this screen, or reported; if not, the page says why nothing is said of them. */
  seen(slots) {
    const [reason] = slots.map((slot) => this.page.loadErrors.reasonFor(slot)).filter(Boolean);
    if (reason) this.page.say(reason, { urgent: true });
    return !reason;
  }
}
