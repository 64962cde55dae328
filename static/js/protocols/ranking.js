// The question "in which order?": all candidates, best first; where the study allows it several share a rank. An answer is
// {groups: [[slot, ...], ...]}, best first.

import { element, setText } from "../page/dom.js";
import { _, commas, listed, nameOf, ordinal, range } from "../page/texts.js";
import { enableDragging } from "./dragging.js";
import { answering, POINT_FIRST, Question } from "./question.js";

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
    return refused(
      groups,
      _("Candidate %(slot)s is already %(place)s.", { slot, place: ordinal(rankOf(groups, slot)) }),
    );
  return done([...groups, [slot]]);
}

/** Put `slot` alone before the group that has the index `at` now; at the end where there is none. */
export function insert(groups, slot, at) {
  const own = groupOf(groups, slot);
  if (groups[own]?.length === 1 && (own === at || own === at - 1))
    return refused(groups, _("That changes nothing."));
  const behind = without(groups.slice(0, at), slot);
  return done([...behind, [slot], ...without(groups.slice(at), slot)]);
}

/** Let `slot` share the rank of the group at `at`. */
export function join(groups, slot, at) {
  if (groups[at].includes(slot)) return refused(groups, _("That changes nothing."));
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
  if (at < 0)
    return refused(
      groups,
      _("Candidate %(slot)s has no rank yet. Press %(slot)s in the grid, or Enter.", { slot }),
    );
  if (groups[at].length > 1) return insert(groups, slot, step < 0 ? at : at + 1);
  const next = at + step;
  if (next < 0 || next >= groups.length)
    return refused(
      groups,
      step < 0
        ? _("Candidate %(slot)s is already first.", { slot })
        : _("Candidate %(slot)s is already last.", { slot }),
    );
  return insert(groups, slot, step < 0 ? next : next + 1);
}

/** Share the rank of who is just better; again: be just behind again. Who has no rank shares the last one. */
export function tie(groups, slot) {
  const at = groupOf(groups, slot);
  if (groups[at]?.length > 1) return insert(groups, slot, at + 1);
  const better = at < 0 ? groups.length - 1 : at - 1;
  if (better < 0) return refused(groups, _("There is no better rank to share."));
  return join(groups, slot, better);
}

export const remove = (groups, slot) => done(without(groups, slot));

/** "1st: 2, 2nd: 4 and 5." */
export function describe(groups) {
  const said = groups.map((group) =>
    _("%(place)s: %(slots)s", { place: ordinal(rankOf(groups, group[0])), slots: listed(group) }),
  );
  return said.length ? _("%(places)s.", { places: commas(said) }) : _("No ranks.");
}

/** Why an answer is not complete, or null. */
export function missing({ groups }, slots) {
  const left = slots.filter((slot) => groupOf(groups, slot) < 0);
  if (!left.length) return null;
  return _("Still to rank: %(slots)s.", { slots: listed(left) });
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
      listed: (slots) => range(1, Math.min(9, slots)),
      does: _("In the grid and the shortlist: give that candidate the next rank"),
    },
    {
      id: "rank-next",
      keys: ["Enter"],
      label: _("Next rank"),
      does: _("Give the underlined candidate the next rank"),
      run: () => panel.give(append),
    },
    one("better", "@Q", _("Move up"), _("Move the underlined candidate up one rank"), () => panel.step(-1)),
    one("worse", "@W", _("Move down"), _("Move the underlined candidate down one rank"), () => panel.step(1)),
    ...(ties
      ? [
          one(
            "tie",
            "@E",
            _("Tie"),
            _("Give the underlined candidate the same rank as the one before, or separate them again"),
            () => panel.give(tie),
          ),
        ]
      : []),
    one("unrank", "@R", _("Remove"), _("Remove the underlined candidate from the ranking"), () =>
      panel.give(remove),
    ),
    {
      id: "drag-number",
      listed: () => _("Drag a number"),
      does: _("Give that candidate a rank: drop it between two, or onto one to share its rank"),
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
    this.ranks = element("div", { class: "ranks", role: "group", "aria-label": _("Ranks, best first") });
    const steps = ["better", "worse", "tie", "unrank"].map((id) => buttons.make(id, { "data-key": "" }));
    this.aimed = element("span", { class: "soft" });
    const group = element(
      "div",
      { class: "steps", role: "group", "aria-label": _("The underlined candidate") },
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
    return { short, long: shared ? _("%(place)s, shared", { place: ordinal(rank) }) : ordinal(rank) };
  }

  step(step) {
    this.give((groups, slot) => move(groups, slot, step));
  }

  /** @param change (groups, slot) */
  give(change, slot = this.page.selection.aimed) {
    if (slot === null) return this.page.say(POINT_FIRST);
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
    else this.page.say(_("This study does not allow shared ranks. Drop it between two."));
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
        this.#chip(slot, commas([nameOf(slot), this.noteOf(slot).long]), () =>
          this.page.selection.choose(slot),
        ),
      ),
    ]);
  }

  #left(left) {
    return element("span", { class: "unranked" }, [
      element("span", { class: "soft" }, _("no rank:")),
      ...left.map((slot) =>
        this.#chip(slot, _("Candidate %(slot)s, no rank", { slot }), () => this.page.views.press(slot)),
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
    setText(button, note?.short ?? _("make it %(place)s", { place: next }));
    button.classList.toggle("taken", note !== null);
    button.setAttribute("aria-pressed", String(note !== null));
    const label = note
      ? _("Candidate %(slot)s: %(place)s. Click to remove.", { slot, place: note.long })
      : _("Candidate %(slot)s: make it %(place)s", { slot, place: next });
    button.setAttribute("aria-label", label);
    button.title = label;
  }
}

const gap = (at) => element("span", { class: "gap", "data-drop": true, "data-gap": at });
