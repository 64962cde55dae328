// The question "how good is each, from 0 to 100?": a slider and a field for each candidate, all in one panel, which can be
// sorted by the values. An answer is {scores: [number or null, one for each slot]}, or {scores: []}.

import { element, setText } from "../page/dom.js";
import { _, commas, listed, nameOf, range } from "../page/texts.js";
import { answering, POINT_FIRST, Question } from "./question.js";

const NO_VALUES = _("No candidate has a value yet.");
const MOST = 100;
const UNSET = 50; // where a slider stands that nobody has moved
const STEP = { few: 1, far: 10 };

// Pure functions over scores; slot 1 has the first.

export const scoreOf = (scores, slot) => scores[slot - 1] ?? null;

/** The scores with one changed; without any value they say nothing. */
export function withScore(scores, slot, score, count) {
  const next = Array.from({ length: count }, (_, index) =>
    index + 1 === slot ? score : (scores[index] ?? null),
  );
  return next.some((value) => value !== null) ? next : [];
}

/** The word of a value: five bands of the same width, words best first. */
export const bandOf = (score, labels) => labels[labels.length - 1 - Math.min(4, Math.floor(score / 20))];

/** Slots by their values, the highest first; who has none comes last, and the same value keeps the numbers' order. */
export const byValue = (slots, scores) =>
  [...slots].sort(
    (one, other) => (scoreOf(scores, other) ?? -1) - (scoreOf(scores, one) ?? -1) || one - other,
  );

/** What was typed: a whole number from 0 to 100, null for nothing, undefined where it is neither. */
export function typed(text) {
  const trimmed = text.trim();
  if (!trimmed) return null;
  return /^\d{1,3}$/.test(trimmed) && Number(trimmed) <= MOST ? Number(trimmed) : undefined;
}

function describe(scores) {
  const said = scores.flatMap((score, index) => (score === null ? [] : [`${index + 1}: ${score}`]));
  return said.length ? _("%(values)s.", { values: commas(said) }) : _("No values.");
}

/** Why an answer is not complete, or null. */
export function missing({ scores }, slots) {
  const left = slots.filter((slot) => scoreOf(scores, slot) === null);
  return left.length ? _("Still to rate: %(slots)s.", { slots: listed(left) }) : null;
}

/** What every question knows of its answers (saving/answer.js). */
export const rules = {
  empty: { scores: [] },
  same: (one, other) => String(one.scores) === String(other.scores),
  back: ({ scores }) => ({
    scores: withScore(scores, scores.findLastIndex((score) => score !== null) + 1, null, scores.length),
  }),
  describe: ({ scores }) => describe(scores),
};

/** Its commands; without a panel they are listed only. */
export function commands(panel) {
  const step = (id, key, does, way) => ({
    id,
    keys: [key],
    does,
    repeats: true,
    run: ({ shift }) => panel.step(way * (shift ? STEP.far : STEP.few)),
  });
  return answering(panel, [
    {
      id: "give-number",
      listed: (slots) => range(1, Math.min(9, slots)),
      does: _("In the grid and the shortlist: type that candidate's value, then Enter"),
    },
    {
      id: "type-value",
      keys: ["Enter"],
      does: _("Type the underlined candidate's value, then Enter"),
      run: () => panel.type(),
    },
    step("lower", "@Q", _("Lower the underlined candidate by 1 (Shift: 10)"), -1),
    step("higher", "@W", _("Raise the underlined candidate by 1 (Shift: 10)"), 1),
    {
      id: "sort",
      keys: ["T"],
      label: () => (panel.sorted ? _("Sort by number") : _("Sort by value")),
      does: _("Sort by value, or by number again"),
      answers: false,
      again: true,
      refusal: () => (panel.order.length ? null : NO_VALUES),
      run: () => panel.sort(),
    },
  ]);
}

/** Ask it on this page; returns the panel, which `disable()` takes away. */
export function enable(page) {
  const panel = new Sliders(page);
  panel.enable();
  return panel;
}

class Sliders extends Question {
  constructor(page) {
    super(page, rules, commands);
    this.rows = new Map();
    this.sequence = [];
  }

  begin() {
    super.begin();
    this.listen(this.page.views, "number", ({ detail }) => this.type(detail.slot));
    this.listen(this.page.selection, "aimed", () => this.#aim());
    this.page.side.hidden = false;
  }

  end() {
    super.end();
    this.built = null;
    this.page.foot.close();
    this.page.side.replaceChildren();
    this.page.side.hidden = true;
  }

  get scores() {
    return this.value.scores;
  }

  get missing() {
    return missing(this.value, this.page.trial.slots);
  }

  get order() {
    return byValue(this.page.trial.slots, this.scores).filter((slot) => scoreOf(this.scores, slot) !== null);
  }

  noteOf(slot) {
    const score = scoreOf(this.scores, slot);
    return score === null ? null : { short: `${score}`, long: this.#words(score) };
  }

  get sorted() {
    return (
      String(this.sequence) === String(byValue(this.page.trial.slots, this.scores)) && this.order.length > 0
    );
  }

  sort() {
    const { slots } = this.page.trial;
    if (!this.order.length) return this.page.say(NO_VALUES);
    this.sequence = this.sorted ? [...slots] : byValue(slots, this.scores);
    for (const slot of this.sequence) this.list.append(this.rows.get(slot).row);
    return this.page.views.order(this.sequence);
  }

  /** Let the judge type a value. */
  type(slot = this.page.selection.aimed) {
    if (slot === null) return this.page.say(POINT_FIRST);
    const { field } = this.rows.get(slot);
    field.focus();
    return field.select();
  }

  step(step) {
    const slot = this.page.selection.aimed;
    if (slot === null) return this.page.say(POINT_FIRST);
    const score = (scoreOf(this.scores, slot) ?? UNSET) + step;
    return this.#set(slot, Math.min(MOST, Math.max(0, score)));
  }

  render() {
    super.render();
    const { trial, slots } = { trial: this.page.trial.data.trial, slots: this.page.trial.slots };
    if (this.built !== trial) this.#build(trial, slots);
    for (const slot of slots) this.#show(slot);
  }

  #words(score) {
    return _("%(score)s, %(label)s", { score, label: bandOf(score, this.question.labels) });
  }

  /** @returns whether the value stands */
  #set(slot, score) {
    if (score === scoreOf(this.scores, slot)) return true;
    const { answer, trial } = this.page;
    const scores = withScore(this.scores, slot, score, trial.slots.length);
    const text = score === null ? _("no value") : this.#words(score);
    const said = _("%(name)s: %(text)s", { name: nameOf(slot), text });
    const stands = this.seen([slot]) && answer.change({ scores }, said, { burst: `value-${slot}` });
    if (!stands) this.#show(slot);
    return stands;
  }

  #build(trial, slots) {
    this.built = trial;
    this.sequence = [...slots];
    this.rows = new Map(slots.map((slot) => [slot, this.#row(slot)]));
    this.list = element(
      "div",
      { class: "sliders" },
      [...this.rows.values()].map(({ row }) => row),
    );
    const bands = [...this.question.labels].reverse().map((label) => element("span", {}, label));
    this.page.side.replaceChildren(
      element("div", { class: "side-head" }, [
        element("h2", {}, _("From 0 to 100")),
        this.page.buttons.make("sort"),
      ]),
      element("div", { class: "bands", "aria-hidden": "true" }, bands),
      this.list,
      this.page.foot.row,
    );
  }

  #row(slot) {
    const { selection } = this.page;
    const name = nameOf(slot);
    const number = element(
      "button",
      { type: "button", class: "candidate", "data-slot": slot, onclick: () => selection.choose(slot) },
      `${slot}`,
    );
    number.setAttribute("aria-label", name);
    const range = element("input", {
      type: "range",
      min: 0,
      max: MOST,
      step: 1,
      "aria-label": _("Candidate %(slot)s, from 0 to 100", { slot }),
      oninput: () => this.#set(slot, Number(range.value)),
      onfocus: () => selection.choose(slot),
      // A press on the place where it stands already is a value too; then the keyboard is the page's again.
      onpointerup: () => {
        this.#set(slot, Number(range.value));
        range.blur();
      },
    });
    const field = element("input", {
      type: "text",
      inputmode: "numeric",
      class: "value",
      maxlength: 3,
      autocomplete: "off",
      "aria-label": _("Value of candidate %(slot)s", { slot }),
      onfocus: () => selection.choose(slot),
      onkeydown: (event) => this.#key(slot, field, event),
      onchange: () => this.#typed(slot, field),
    });
    const row = element("div", { class: "slider-row", "data-slot": slot }, [number, range, field]);
    return { row, number, range, field };
  }

  #key(slot, field, event) {
    const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (step) {
      event.preventDefault();
      this.step(step * (event.shiftKey ? STEP.far : STEP.few));
    } else if (event.key === "Enter") {
      field.blur();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      this.#show(slot, { anyway: true });
      field.blur();
    } else if (/^[^0-9]$/.test(event.key) && !event.ctrlKey && !event.metaKey) {
      event.preventDefault(); // a key of the page, pressed too early: it spoils no value
    }
  }

  #typed(slot, field) {
    const score = typed(field.value);
    if (score === undefined)
      this.page.say(_("%(typed)s is not a whole number from 0 to 100.", { typed: field.value }), {
        urgent: true,
      });
    else this.#set(slot, score);
    this.#show(slot, { anyway: true });
  }

  /** What a row says; what is being typed is left alone. */
  #show(slot, { anyway = false } = {}) {
    const { row, range, field } = this.rows.get(slot);
    const score = scoreOf(this.scores, slot);
    row.classList.toggle("unset", score === null);
    range.disabled = this.page.trial.shut;
    field.disabled = this.page.trial.shut;
    range.value = score ?? UNSET;
    range.setAttribute("aria-valuetext", score === null ? _("no value yet") : this.#words(score));
    const text = score === null ? "" : `${score}`;
    if (anyway || document.activeElement !== field || field.dataset.shown !== text) field.value = text;
    field.dataset.shown = text;
    field.placeholder = "–";
  }

  #aim() {
    for (const [slot, { row, number }] of this.rows) {
      const aimed = slot === this.page.selection.aimed;
      row.classList.toggle("aimed", aimed);
      number.setAttribute("aria-pressed", String(aimed));
    }
  }

  /** Beside the number: its value. */
  beside(slot) {
    const node = element("span", { class: "score", title: _("Value") });
    return { nodes: [node], mark: () => this.value && setText(node, `${scoreOf(this.scores, slot) ?? "–"}`) };
  }
}
