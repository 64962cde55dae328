// The question "which of the two is better?": the left one is 1, the right one 2, the input stands between them. An answer
// is {choice}: "a" (the left one), "b", "tie", "bad" (both), or null.

import { element } from "../page/dom.js";
import { _ } from "../page/texts.js";
import { INPUT } from "../viewer/arrangement.js";
import { placeRow } from "../viewer/geometry.js";
import { answering, goingOn, Question } from "./question.js";

const LEFT = 1;
const RIGHT = 2;
const SIDES = { a: LEFT, b: RIGHT };
const SAID = {
  a: _("1 is better."),
  tie: _("No difference."),
  bad: _("Both are bad."),
  b: _("2 is better."),
};
/** In the order of the buttons and of their keys, those right under the digits. */
const KEYS = { a: "@Q", tie: "@W", b: "@E", bad: "@R" };

/** The choices that a study offers. */
export const offered = ({ ties, both_bad: bothBad }) =>
  ["a", ties && "tie", "b", bothBad && "bad"].filter(Boolean);

const sentence = (choice) => (choice ? SAID[choice] : _("No choice."));

/** What every question knows of its answers (saving/answer.js). */
export const rules = {
  empty: { choice: null },
  same: (one, other) => (one.choice ?? null) === (other.choice ?? null),
  back: () => ({ choice: null }),
  describe: ({ choice }) => sentence(choice),
};

/** Why an answer is not complete, or null. */
export const missing = ({ choice }) => (choice ? null : _("Choose an answer first."));

/** Its commands; without a panel they are listed only. */
export function commands(panel, question = { ties: true, both_bad: true }) {
  const labels = {
    a: _("◂ 1 is better"),
    tie: _("No difference"),
    b: _("2 is better ▸"),
    bad: _("Both are bad"),
  };
  const does = {
    a: _("The left one is better"),
    tie: _("No difference"),
    b: _("The right one is better"),
    bad: _("Both are bad"),
  };
  return [
    ...answering(panel, [
      {
        id: "give-number",
        listed: () => "1 2",
        does: _("While both are on the screen: that one is better"),
      },
      ...offered(question).map((choice) => ({
        id: `choose-${choice}`,
        keys: [KEYS[choice]],
        label: labels[choice],
        does: does[choice],
        pressed: () => panel.value?.choice === choice,
        run: () => panel.choose(choice),
      })),
    ]),
    goingOn(panel),
  ];
}

/** Ask it on this page; returns the panel, which `disable()` takes away. */
export function enable(page) {
  const panel = new Pairwise(page);
  panel.enable();
  return panel;
}

class Pairwise extends Question {
  noun = "pair";

  constructor(page) {
    super(page, rules, (panel) => commands(panel, page.trial.data.question));
  }

  begin() {
    const { views, foot, buttons } = this.page;
    super.begin();
    views.setLayout({
      grid: () => [LEFT, INPUT, RIGHT],
      place: placeRow,
      lasting: ["grid", "versus", "blink", "split"],
    });
    this.listen(views, "number", ({ detail }) => this.choose(detail.slot === LEFT ? "a" : "b"));
    foot.open(
      element(
        "div",
        { class: "choices", role: "group", "aria-label": _("Which is better?") },
        offered(this.question).map((choice) =>
          buttons.make(`choose-${choice}`, { class: "button choice", "data-choice": choice, "data-key": "" }),
        ),
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

  /** Who finds neither better has nothing to say of either. */
  get wantsReasons() {
    return this.value.choice in SIDES;
  }

  get order() {
    return [SIDES[this.value.choice]].filter(Boolean);
  }

  get about() {
    return SIDES[this.value.choice] ?? null;
  }

  noteOf(slot) {
    return SIDES[this.value.choice] === slot ? { short: _("better"), long: _("better") } : null;
  }

  choose(choice) {
    if (this.value.choice === choice)
      return this.page.say(_("Already your answer: %(answer)s", { answer: sentence(choice) }));
    return this.seen([LEFT, RIGHT]) && this.page.answer.change({ choice }, sentence(choice));
  }

  beside(slot) {
    const choice = slot === LEFT ? "a" : "b";
    const choose = () => {
      this.page.selection.choose(slot);
      this.choose(choice);
    };
    const button = element(
      "button",
      {
        type: "button",
        class: "place",
        "aria-label": _("Candidate %(slot)s is better", { slot }),
        onclick: choose,
      },
      _("better"),
    );
    return { nodes: [button], mark: () => mark(button, this.value?.choice === choice) };
  }
}

function mark(button, chosen) {
  button.classList.toggle("taken", chosen);
  button.setAttribute("aria-pressed", String(chosen));
}
