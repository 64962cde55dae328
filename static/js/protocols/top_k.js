// The question "which are the best, in order?": a podium, buttons for the places in each pane, keys for them, and numbers
// that can be dragged onto the podium. An answer is {picks: [slot, ...]}, best first.

import { element } from "../page/dom.js";
import { either, listed, nameOf } from "../page/texts.js";
import { enableDragging } from "./dragging.js";
import { answering, Question } from "./question.js";

const ORDINALS = ["1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th", "10th"];
/** Keys right under the digits give the places. */
const PLACE_KEYS = ["@Q", "@W", "@E", "@R", "@T"];

// Pure functions: each returns the new picks and a sentence; `refused` when the wish cannot be met.

/** Give `slot` the next free place. */
export function append(picks, slot, places) {
  const at = picks.indexOf(slot);
  if (at >= 0) return { picks, said: `${nameOf(slot)} is already ${ORDINALS[at]}.`, refused: true };
  if (picks.length >= places) {
    const said = `All ${places} places are taken. Undo, or give candidate ${slot} a place of its own.`;
    return { picks, said, refused: true };
  }
  return assign(picks, slot, picks.length + 1, places);
}

/** Put `slot` on `place`; those it displaces move down, and who falls off the end is out. */
export function assign(picks, slot, place, places) {
  const ordinal = ORDINALS[place - 1];
  if (picks[place - 1] === slot)
    return { picks, said: `${nameOf(slot)} is already ${ordinal}.`, refused: true };
  const others = picks.filter((other) => other !== slot);
  if (place > others.length + 1) {
    const free = ORDINALS[others.length];
    return { picks, said: `${free} is still empty: choose ${free} before ${ordinal}.`, refused: true };
  }
  const next = [...others.slice(0, place - 1), slot, ...others.slice(place - 1)].slice(0, places);
  return { picks: next, said: describe(next, picks) };
}

/** Take a slot off; those after it move up. */
export function remove(picks, slot) {
  const next = picks.filter((other) => other !== slot);
  return { picks: next, said: describe(next, picks) };
}

/** "1st: 2, 2nd: 4."; with `before`, also who is out now. */
function describe(picks, before = []) {
  const places = picks.map((slot, index) => `${ORDINALS[index]}: ${slot}`).join(", ") || "no picks";
  const out = before.filter((slot) => !picks.includes(slot));
  return out.length ? `${places}; ${out.join(" and ")} out.` : `${places}.`;
}

/** Why an answer is not complete, or null. */
export function missing({ picks }, places) {
  return picks.length >= places ? null : `Choose ${listed(ORDINALS.slice(picks.length, places))} first.`;
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
      listed: (slots) => `1 to ${Math.min(9, slots)}`,
      does: "in the grid and among the kept: give that candidate the next free place",
    },
    {
      id: "place-next",
      keys: ["Enter"],
      does: "give the underlined candidate the next free place",
      run: () => panel.placeNext(),
    },
    ...keyed.map((key, index) => ({
      id: `place-${index + 1}`,
      keys: [key],
      does: `give the underlined candidate the ${either(ORDINALS.slice(0, keyed.length))} place`,
      run: () => panel.placeAt(index + 1),
    })),
    {
      id: "drag-number",
      listed: () => "Drag a number",
      does: "give that candidate a place of the podium; a click there takes it off",
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
    const ordinal = ORDINALS[this.order.indexOf(slot)];
    return ordinal ? { short: ordinal, long: `${ordinal} place` } : null;
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
    if (slot === null) return this.page.say("Point at a candidate, click it or press C first.");
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
    const state = slot ? `take candidate ${slot} off` : "empty";
    const label = `${ORDINALS[index]} ${name}: ${state}`;
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
      [
        element("span", { class: "ordinal" }, ORDINALS[index]),
        " ",
        element("span", { class: "who" }, `${name}`),
      ],
    );
  }

  beside(slot) {
    const nodes = ORDINALS.slice(0, this.places).map((ordinal, index) => {
      const label = `${ordinal} place for candidate ${slot}`;
      const give = () => this.#toggle(slot, index);
      return element(
        "button",
        { type: "button", class: "place", "aria-label": label, title: label, onclick: give },
        ordinal,
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
