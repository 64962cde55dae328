// The question "in which order?": all candidates, best first; where the study allows it several share a rank. An answer is
// {groups: [[slot, ...], ...]}, best first.

import { element, setText } from "../page/dom.js";
import { nameOf } from "../page/texts.js";
import { enableDragging } from "./dragging.js";
import { answering, Question } from "./question.js";

export function ordinal(rank) {
  const teen = rank % 100 > 10 && rank % 100 < 14;
  return `${rank}${(!teen && { 1: "st", 2: "nd", 3: "rd" }[rank % 10]) || "th"}`;
}

// Pure functions: each returns the new groups and a sentence; `refused` when the wish cannot be met.

const groupOf = (groups, slot) => groups.findIndex((group) => group.includes(slot));
const without = (groups, slot) =>
  groups.map((group) => group.filter((other) => other !== slot)).filter(({ length }) => length);

/** The rank of a candidate: as many are better, and one; null while it has none. */
export function rankOf(groups, slot) {
  const at = groupOf(groups, slot);
  return at < 0 ? null : 1 + groups.slice(0, at).flat().length;
}

const done = (groups) => ({ groups, said: describe(groups) });
const refused = (groups, said) => ({ groups, said, refused: true });

/** Give `slot` the next rank. */
export function append(groups, slot) {
  if (groupOf(groups, slot) >= 0)
    return refused(groups, `${nameOf(slot)} is already ${ordinal(rankOf(groups, slot))}.`);
  return done([...groups, [slot]]);
}

/** Put `slot` alone before the group that has the index `at` now; at the end where there is none. */
export function insert(groups, slot, at) {
  const own = groupOf(groups, slot);
  if (groups[own]?.length === 1 && (own === at || own === at - 1)) return refused(groups, "Nothing changes.");
  const behind = without(groups.slice(0, at), slot);
  return done([...behind, [slot], ...without(groups.slice(at), slot)]);
}

/** Let `slot` share the rank of the group at `at`. */
export function join(groups, slot, at) {
  if (groups[at].includes(slot)) return refused(groups, "Nothing changes.");
  return done(
    groups
      .map((group, index) => {
        const others = group.filter((other) => other !== slot);
        return index === at ? [...others, slot].sort((a, b) => a - b) : others;
      })
      .filter(({ length }) => length),
  );
}

/** One rank better (step -1) or worse (1); who shares a rank leaves it. */
export function move(groups, slot, step) {
  const at = groupOf(groups, slot);
  if (at < 0) return refused(groups, `${nameOf(slot)} has no rank yet: press ${slot} in the grid, or Enter.`);
  if (groups[at].length > 1) return insert(groups, slot, step < 0 ? at : at + 1);
  const next = at + step;
  if (next < 0 || next >= groups.length)
    return refused(groups, `${nameOf(slot)} is ${step < 0 ? "the best" : "the last"} already.`);
  return insert(groups, slot, step < 0 ? next : next + 1);
}

/** Share the rank of who is just better; again: be just behind again. Who has no rank shares the last one. */
export function tie(groups, slot) {
  const at = groupOf(groups, slot);
  if (groups[at]?.length > 1) return insert(groups, slot, at + 1);
  const better = at < 0 ? groups.length - 1 : at - 1;
  if (better < 0) return refused(groups, "Nobody is better: there is nobody to share a rank with.");
  return join(groups, slot, better);
}

export const remove = (groups, slot) => done(without(groups, slot));

/** "1st: 2, 2nd: 4 and 5." */
export function describe(groups) {
  const said = groups.map((group) => `${ordinal(rankOf(groups, group[0]))}: ${group.join(" and ")}`);
  return said.length ? `${said.join(", ")}.` : "nobody has a rank.";
}

/** Why an answer is not complete, or null. */
export function missing({ groups }, slots) {
  const left = slots.filter((slot) => groupOf(groups, slot) < 0);
  return left.length
    ? `Give everybody a rank first: ${left.join(", ")} ${left.length > 1 ? "have" : "has"} none.`
    : null;
}

/** What every question knows of its answers (saving/answer.js). */
export const rules = {
  empty: { groups: [] },
  same: (one, other) => JSON.stringify(one.groups) === JSON.stringify(other.groups),
  back: ({ groups }) => ({ groups: without(groups, groups.at(-1)?.at(-1)) }),
  describe: ({ groups }) => describe(groups),
};

/** Its commands; without a panel they are listed only. */
export function commands(panel, { ties } = { ties: true }) {
  const one = (id, key, label, does, run) => ({ id, keys: [key], label, does, run, again: true });
  return answering(panel, [
    {
      id: "give-number",
      listed: (slots) => `1 to ${Math.min(9, slots)}`,
      does: "in the grid and among the kept: give that candidate the next rank",
    },
    {
      id: "rank-next",
      keys: ["Enter"],
      label: "Next rank",
      does: "give the underlined candidate the next rank",
      run: () => panel.give(append),
    },
    one("better", "@Q", "Better", "the underlined candidate: one rank better", () => panel.step(-1)),
    one("worse", "@W", "Worse", "the underlined candidate: one rank worse", () => panel.step(1)),
    ...(ties
      ? [
          one(
            "tie",
            "@E",
            "Equal",
            "the underlined candidate: the same rank as the one before, or no longer",
            () => panel.give(tie),
          ),
        ]
      : []),
    one("unrank", "@R", "Take off", "the underlined candidate: no rank", () => panel.give(remove)),
    {
      id: "drag-number",
      listed: () => "Drag a number",
      does: "give that candidate a rank: between two, or onto one to share it",
    },
  ]);
}

/** Ask it on this page; returns the panel, which `disable()` takes away. */
export function enable(page) {
  const panel = new Ranking(page);
  panel.enable();
  return panel;
}

class Ranking extends Question {
  constructor(page) {
    super(page, rules, (panel) => commands(panel, page.trial.data.question));
  }

  begin() {
    const { views, foot, buttons, selection } = this.page;
    super.begin();
    this.listen(views, "number", ({ detail }) => this.give(append, detail.slot));
    this.listen(selection, "aimed", () => this.#aim());
    enableDragging(this, (slot, place) => this.#drop(slot, place));
    this.ranks = element("div", { class: "ranks", role: "group", "aria-label": "Ranks, best first" });
    const steps = ["better", "worse", "tie", "unrank"].map((id) => buttons.make(id, { "data-key": "" }));
    this.aimed = element("span", { class: "soft" });
    const group = element(
      "div",
      { class: "steps", role: "group", "aria-label": "The underlined candidate" },
      [this.aimed, ...steps],
    );
    foot.open(group, this.ranks);
    this.#showRanks();
  }

  end() {
    super.end();
    this.page.foot.close();
  }

  render() {
    super.render();
    this.#showRanks();
  }

  get groups() {
    return this.value.groups;
  }

  get missing() {
    return missing(this.value, this.page.trial.slots);
  }

  get order() {
    return this.groups.flat();
  }

  noteOf(slot) {
    const rank = rankOf(this.groups, slot);
    if (!rank) return null;
    const shared = this.groups[groupOf(this.groups, slot)].length > 1;
    const short = `${ordinal(rank)}${shared ? " =" : ""}`;
    return { short, long: `${ordinal(rank)}${shared ? ", shared" : ""}` };
  }

  step(step) {
    this.give((groups, slot) => move(groups, slot, step));
  }

  /** @param change (groups, slot) */
  give(change, slot = this.page.selection.aimed) {
    if (slot === null) return this.page.say("Point at a candidate, click it or press C first.");
    return this.seen([slot]) && this.#change(change(this.groups, slot));
  }

  #change({ groups, said, refused: no }) {
    if (no) this.page.say(said);
    else this.page.answer.change({ groups }, said);
  }

  #drop(slot, place) {
    const { gap, group } = place.dataset;
    if (gap !== undefined) this.give((groups) => insert(groups, slot, Number(gap)), slot);
    else if (this.question.ties) this.give((groups) => join(groups, slot, Number(group)), slot);
    else this.page.say("Ranks are not shared in this study: drop it between two.");
  }

  #showRanks() {
    if (!this.ranks || !this.value) return;
    const { slots } = this.page.trial;
    const left = slots.filter((slot) => groupOf(this.groups, slot) < 0);
    const focused = document.activeElement?.dataset?.ranked;
    this.ranks.replaceChildren(
      ...this.groups.flatMap((group, at) => [gap(at), this.#group(group, at)]),
      gap(this.groups.length),
      ...(left.length ? [this.#left(left)] : []),
    );
    if (focused) this.ranks.querySelector(`[data-ranked="${focused}"]`)?.focus();
    this.#aim();
  }

  #group(group, at) {
    const rank = ordinal(rankOf(this.groups, group[0]));
    return element("span", { class: "rank", "data-drop": true, "data-group": at }, [
      element("span", { class: "ordinal" }, rank),
      ...group.map((slot) =>
        this.#chip(slot, `${nameOf(slot)}, ${rank}${group.length > 1 ? ", shared" : ""}`, () =>
          this.page.selection.choose(slot),
        ),
      ),
    ]);
  }

  #left(left) {
    return element("span", { class: "unranked" }, [
      element("span", { class: "soft" }, "no rank:"),
      ...left.map((slot) =>
        this.#chip(slot, `${nameOf(slot)}, without a rank`, () => this.page.views.press(slot)),
      ),
    ]);
  }

  #chip(slot, label, onclick) {
    return element(
      "button",
      { type: "button", class: "chip", "data-slot": slot, "data-ranked": slot, "aria-label": label, onclick },
      `${slot}`,
    );
  }

  #aim() {
    const { aimed } = this.page.selection;
    if (this.aimed) setText(this.aimed, aimed ? `${aimed}:` : "");
    for (const chip of this.ranks?.querySelectorAll(".chip") ?? [])
      chip.classList.toggle("aimed", Number(chip.dataset.slot) === aimed);
  }

  /** Beside the number: its rank, or a button that gives it the next. */
  beside(slot) {
    const give = () => {
      this.page.selection.choose(slot);
      this.give(rankOf(this.groups, slot) ? remove : append, slot);
    };
    const button = element("button", { type: "button", class: "place", onclick: give });
    return { nodes: [button], mark: () => this.#mark(button, slot) };
  }

  #mark(button, slot) {
    if (!this.value) return;
    const note = this.noteOf(slot);
    const next = ordinal(this.groups.flat().length + 1);
    setText(button, note?.short ?? `make it ${next}`);
    button.classList.toggle("taken", note !== null);
    button.setAttribute("aria-pressed", String(note !== null));
    const label = note
      ? `Candidate ${slot} is ${note.long}: take it off`
      : `Candidate ${slot}: make it ${next}`;
    button.setAttribute("aria-label", label);
    button.title = label;
  }
}

const gap = (at) => element("span", { class: "gap", "data-drop": true, "data-gap": at });
