// The question "which are the best, in order?": a podium, buttons for the places in each pane, keys for them, and numbers
// that can be dragged onto the podium. An answer is {picks: [slot, ...]}, best first.

import { element } from "../page/dom.js";
import { _, commas, either, listed, ngettext, ordinal, range } from "../page/texts.js";
import { enableDragging } from "./dragging.js";
import { answering, POINT_FIRST, Question } from "./question.js";

/** Keys right under the digits give the places. */
const PLACE_KEYS = ["@Q", "@W", "@E", "@R", "@T"];

// Pure functions: each returns the new picks and a sentence; `refused` when the wish cannot be met.

/** Give `slot` the next free place. */
export function append(picks, slot, places) {
  const at = picks.indexOf(slot);
  if (at >= 0) return { picks, said: already(slot, at + 1), refused: true };
  if (picks.length >= places) {
    const said = ngettext(
      "The place is taken. Undo, or give it to candidate %(slot)s instead.",
      "All %(count)s places are taken. Undo, or give one of them to candidate %(slot)s.",
      places,
      { slot },
    );
    return { picks, said, refused: true };
  }
  return assign(picks, slot, picks.length + 1, places);
}

/** Put `slot` on `place`; those it displaces move down, and who falls off the end is out. */
export function assign(picks, slot, place, places) {
  if (picks[place - 1] === slot) return { picks, said: already(slot, place), refused: true };
  const others = picks.filter((other) => other !== slot);
  if (place > others.length + 1) {
    const values = { free: ordinal(others.length + 1), place: ordinal(place) };
    return {
      picks,
      said: _("%(free)s place is still empty. Fill it before %(place)s place.", values),
      refused: true,
    };
  }
  const next = [...others.slice(0, place - 1), slot, ...others.slice(place - 1)].slice(0, places);
  return { picks: next, said: describe(next, picks) };
}

const already = (slot, place) =>
  _("Candidate %(slot)s is already %(place)s.", { slot, place: ordinal(place) });

/** Take a slot off; those after it move up. */
export function remove(picks, slot) {
  const next = picks.filter((other) => other !== slot);
  return { picks: next, said: describe(next, picks) };
}

/** "1st: 2, 2nd: 4."; with `before`, also who is out now. */
function describe(picks, before = []) {
  const places = commas(
    picks.map((slot, index) => _("%(place)s: %(slots)s", { place: ordinal(index + 1), slots: slot })),
  );
  const out = listed(before.filter((slot) => !picks.includes(slot)));
  if (!picks.length) return out ? _("No picks. Removed: %(out)s.", { out }) : _("No picks.");
  return out ? _("%(places)s. Removed: %(out)s.", { places, out }) : _("%(places)s.", { places });
}

/** Why an answer is not complete, or null. */
export function missing({ picks }, places) {
  if (picks.length >= places) return null;
  const left = Array.from({ length: places - picks.length }, (_none, index) =>
    ordinal(picks.length + index + 1),
  );
  return _("Still to pick: %(places)s.", { places: listed(left) });
}

/** What every question knows of its answers (saving/answer.js). */
export const rules = {
  empty: { picks: [] },
  same: (one, other) => String(one.picks) === String(other.picks),
  back: ({ picks }) => ({ picks: picks.slice(0, -1) }),
  describe: ({ picks }, before) => describe(picks, before?.picks),
};

/** Its commands; without a panel they are listed only. */
export function commands(panel, places = 3) {
  const keyed = PLACE_KEYS.slice(0, places);
  return answering(panel, [
    {
      id: "give-number",
      listed: (slots) => range(1, Math.min(9, slots)),
      does: _("In the grid and the shortlist: give that candidate the next free place"),
    },
    {
      id: "place-next",
      keys: ["Enter"],
      does: _("Give the underlined candidate the next free place"),
      run: () => panel.placeNext(),
    },
    ...keyed.map((key, index) => ({
      id: `place-${index + 1}`,
      keys: [key],
      does: _("Give the underlined candidate %(places)s place", {
        places: either(keyed.map((_key, at) => ordinal(at + 1))),
      }),
      run: () => panel.placeAt(index + 1),
    })),
    {
      id: "drag-number",
      listed: () => _("Drag a number"),
      does: _("Give that candidate a place on the podium; click it there to remove it"),
    },
  ]);
}

/** Ask it on this page; returns the panel, which `disable()` takes away. */
export function enable(page) {
  const panel = new TopK(page);
  panel.enable();
  return panel;
}

class TopK extends Question {
  constructor(page) {
    const { places } = page.trial.data.question;
    super(page, rules, (panel) => commands(panel, places));
    this.places = places;
  }

  begin() {
    super.begin();
    this.listen(this.page.views, "number", ({ detail }) => this.placeNext(detail.slot));
    enableDragging(this, (slot, step) => this.#drop(slot, Number(step.dataset.place)));
  }

  end() {
    super.end();
    this.page.podium.replaceChildren();
  }

  /** Why the answer is not complete, or null. */
  get missing() {
    return missing(this.value, this.places);
  }

  /** Candidates of which the answer says something, best first. */
  get order() {
    return this.value.picks;
  }

  /** What the answer says of a candidate: {short, long}, or null. */
  noteOf(slot) {
    const at = this.order.indexOf(slot);
    if (at < 0) return null;
    const place = ordinal(at + 1);
    return { short: place, long: _("%(place)s place", { place }) };
  }

  placeNext(slot = this.page.selection.aimed) {
    this.#give(slot, () => append(this.order, slot, this.places));
  }

  placeAt(place, slot = this.page.selection.aimed) {
    this.#give(slot, () => assign(this.order, slot, place, this.places));
  }

  #takeOff(slot) {
    this.#change(remove(this.order, slot));
  }

  #give(slot, change) {
    if (slot === null) return this.page.say(POINT_FIRST);
    return this.seen([slot]) && this.#change(change());
  }

  #change({ picks, said, refused }) {
    if (refused) this.page.say(said);
    else this.page.answer.change({ picks }, said);
  }

  render() {
    super.render();
    this.page.podium.replaceChildren(...Array.from({ length: this.places }, (_, index) => this.#step(index)));
  }

  #step(index) {
    const slot = this.order[index];
    const name = slot ?? "–";
    const place = ordinal(index + 1);
    const label = slot
      ? _("%(place)s %(slot)s: click to remove", { place, slot })
      : _("%(place)s: empty", { place });
    return element(
      "button",
      {
        type: "button",
        class: "step",
        "data-drop": true,
        "data-place": index + 1,
        "data-slot": slot,
        "data-filled": String(Boolean(slot)),
        "aria-label": label,
        title: label,
        onclick: () => slot && this.#takeOff(slot),
      },
      [element("span", { class: "ordinal" }, place), " ", element("span", { class: "who" }, `${name}`)],
    );
  }

  beside(slot) {
    const nodes = Array.from({ length: this.places }, (_none, index) => {
      const place = ordinal(index + 1);
      const label = _("%(place)s place for candidate %(slot)s", { place, slot });
      const give = () => this.#toggle(slot, index);
      return element(
        "button",
        { type: "button", class: "place", "aria-label": label, title: label, onclick: give },
        place,
      );
    });
    return { nodes, mark: () => this.#mark(slot, nodes) };
  }

  #mark(slot, buttons) {
    const at = this.order.indexOf(slot);
    const highest = this.order.length - (at >= 0 ? 1 : 0);
    buttons.forEach((button, index) => {
      button.classList.toggle("taken", index === at);
      button.setAttribute("aria-pressed", String(index === at));
      button.setAttribute("aria-disabled", String(this.page.trial.shut || index > highest));
    });
  }

  #drop(slot, place) {
    if (this.order[place - 1] !== slot) this.placeAt(place, slot);
  }

  /** The place that a candidate has already is taken off again. */
  #toggle(slot, index) {
    this.page.selection.choose(slot);
    if (this.order[index] === slot) this.#takeOff(slot);
    else this.placeAt(index + 1, slot);
  }
}
