// The question "how good is it?" on a scale of five words, alone (acr, acr_hr) or against a reference that is shown (dcr).
// An answer is {score}: 5 is the best, 1 the worst, null says nothing.

import { element } from "../page/dom.js";
import { _, commas, range } from "../page/texts.js";
import { INPUT } from "../viewer/arrangement.js";
import { answering, goingOn, Question } from "./question.js";

const SCORES = [1, 2, 3, 4, 5];
const RATED = 1; // the slot of the one candidate
const WORDS = [_("Excellent"), _("Good"), _("Fair"), _("Poor"), _("Bad")];

/** What every question knows of its answers (saving/answer.js), with the scale's words, best first. */
export const rulesFor = (labels) => ({
  empty: { score: null },
  same: (one, other) => (one.score ?? null) === (other.score ?? null),
  back: () => ({ score: null }),
  describe: ({ score }) =>
    score ? _("%(score)s, %(label)s.", { score, label: labels[5 - score] }) : _("No score."),
});

/** Why an answer is not complete, or null. */
export const missing = ({ score }) => (score ? null : _("Give a score from 1 to 5 first."));

/** Its commands; without a panel they are listed only. */
export function commands(panel, { labels } = { labels: WORDS }) {
  const words = SCORES.map((score) => `${score} ${labels[5 - score]}`).reverse();
  return [
    ...answering(panel, [
      {
        id: "give-number",
        listed: () => range(1, 5),
        does: _("Rate it: %(scale)s", { scale: commas(words) }),
      },
      ...SCORES.map((score) => ({
        id: `rate-${score}`,
        label: `${score} ${labels[5 - score]}`,
        does: _("%(label)s: press %(score)s", { label: labels[5 - score], score }),
        pressed: () => panel.value?.score === score,
        run: () => panel.rate(score),
      })),
    ]),
    goingOn(panel),
  ];
}

/** Ask it on this page; returns the panel, which `disable()` takes away. */
export function enable(page) {
  const panel = new Rating(page);
  panel.enable();
  return panel;
}

class Rating extends Question {
  noun = "result";

  /** Digits are scores: there is but one candidate. */
  numbers = {
    most: SCORES.length,
    take: (score) => this.rate(score),
    none: (score) => _("There is no score %(score)s. The scale goes from 1 to 5.", { score }),
  };

  constructor(page) {
    const { question } = page.trial.data;
    super(page, rulesFor(question.labels), (panel) => commands(panel, question));
  }

  begin() {
    const { views, foot, buttons } = this.page;
    super.begin();
    views.setLayout({
      grid: () => (this.question.reference ? [INPUT, RATED] : [RATED]),
      lasting: ["grid", "versus", "blink", "split"],
    });
    foot.open(
      element(
        "div",
        { class: "choices scale-of-five", role: "group", "aria-label": _("Your score") },
        SCORES.map((score) => buttons.make(`rate-${score}`, { class: "button choice", "data-score": score })),
      ),
    );
  }

  end() {
    super.end();
    this.page.views.setLayout(null);
    this.page.foot.close();
  }

  get missing() {
    return missing(this.value);
  }

  get order() {
    return this.value.score ? [RATED] : [];
  }

  noteOf() {
    const { score } = this.value;
    const label = this.question.labels[5 - score];
    return score && { short: `${score}`, long: _("%(score)s, %(label)s", { score, label }) };
  }

  rate(score) {
    const { answer, say } = this.page;
    const said = this.rules.describe({ score });
    if (this.value.score === score) return say(_("Already your answer: %(answer)s", { answer: said }));
    return this.seen(this.question.reference ? [RATED, INPUT] : [RATED]) && answer.change({ score }, said);
  }
}
