// Trying it oneself: names are hidden and numbers shuffled, the visitor picks the best few, and then sees them beside
// what the judges found in this image. It stays in this tab.

import { element } from "../page/dom.js";
import { Panel } from "../page/panel.js";
import { _, ordinal } from "../page/texts.js";
import * as topK from "../protocols/top_k.js";
import { placesOf, shuffled } from "./cast.js";

const MOST = 3;

/** What was picked so far; the question changes it. Tells "change". */
export class Choice extends EventTarget {
  value = topK.rules.empty;

  constructor(say) {
    super();
    this.say = say;
  }

  change(value, said = "") {
    this.value = value;
    if (said) this.say(said, { seen: true });
    this.dispatchEvent(new Event("change"));
  }

  get canUndo() {
    return this.value.picks.length > 0;
  }

  undo() {
    this.change(topK.rules.back(this.value));
  }
}

export class TryIt extends Panel {
  /**
   * @param page what the question is asked on (protocols/question.js); its `answer` is a Choice
   * @param place where the result stands
   * @param shelf a Storage of this tab, or null
   * @param name what this image is kept under there
   */
  constructor({ page, cast, place, shelf, name }) {
    super();
    Object.assign(this, { page, cast, place, shelf, name });
  }

  begin() {
    this.listen(this.page.answer, "change", () => this.#keep());
  }

  end() {
    this.stop();
  }

  /** null, "picking" or "revealed". */
  get state() {
    if (!this.cast.sequence) return null;
    return this.cast.hidden ? "picking" : "revealed";
  }

  /** Begin, or go on where this tab was. */
  start() {
    if (this.state) return;
    const kept = this.#kept();
    this.cast.hide(kept?.sequence ?? shuffled([...this.cast.ticked]));
    this.page.answer.change({ picks: kept?.picks ?? [] });
    this.places = Math.min(MOST, this.cast.slots.length - 1) || 1;
    const { trial, stage } = this.page;
    const reference = stage.hasReference;
    trial.data = { ...trial.data, question: { kind: "top_k", places: this.places, reference } };
    this.question = topK.enable(this.page);
    if (kept?.revealed) this.reveal();
    this.tell("changed");
  }

  /** Why nothing can be revealed yet, or null. */
  get missing() {
    return this.question ? this.question.missing : null;
  }

  reveal() {
    this.#endQuestion();
    this.cast.reveal();
    this.#keep();
    this.#showResult();
    this.tell("changed");
  }

  stop() {
    if (!this.state) return;
    this.#endQuestion();
    this.place.hidden = true;
    this.#forget();
    this.cast.hide(null);
    this.tell("changed");
  }

  #endQuestion() {
    this.question?.disable();
    this.question = null;
  }

  /** The judges' places in this image, and the visitor's. */
  #showResult() {
    const { picks } = this.page.answer.value;
    const places = placesOf(this.cast.sequence.map(({ score }) => score));
    const rows = [...this.cast.numbered]
      .map(([slot, one], index) => ({ slot, one, place: places[index], own: picks.indexOf(slot) + 1 }))
      .sort((a, b) => (a.place ?? Number.MAX_VALUE) - (b.place ?? Number.MAX_VALUE));
    const cell = (kind, content) => element(kind, kind === "th" ? { scope: "col" } : {}, content);
    this.place.replaceChildren(
      element("h2", {}, _("Your choice and the judges'")),
      element("table", {}, [
        element(
          "thead",
          {},
          element(
            "tr",
            {},
            [_("Team"), _("Judges"), _("You")].map((text) => cell("th", text)),
          ),
        ),
        element(
          "tbody",
          {},
          rows.map(({ slot, one, place, own }) =>
            element("tr", {}, [
              cell("td", [`${slot} `, element("bdi", {}, one.name)]),
              cell("td", [place ? ordinal(place) : "–", " ", element("small", {}, one.words)]),
              cell("td", own ? element("b", {}, ordinal(own)) : "–"),
            ]),
          ),
        ),
      ]),
      element("p", { class: "soft" }, _("The judges' places are of this image, among the teams shown here.")),
    );
    this.place.hidden = false;
  }

  #kept() {
    const kept = attempt(() => JSON.parse(this.shelf.getItem(this.name)));
    const sequence = kept?.sequence?.map((key) => this.cast.all.find((one) => one.key === key));
    return sequence?.length && sequence.every(Boolean) ? { ...kept, sequence } : null;
  }

  #keep() {
    if (!this.state) return;
    const { picks } = this.page.answer.value;
    const kept = { sequence: this.cast.sequence.map(({ key }) => key), picks, revealed: !this.cast.hidden };
    attempt(() => this.shelf.setItem(this.name, JSON.stringify(kept)));
  }

  #forget() {
    attempt(() => this.shelf.removeItem(this.name));
  }
}

/** A tab may keep nothing: then a reload begins anew. */
function attempt(act) {
  try {
    return act();
  } catch {
    return null;
  }
}
