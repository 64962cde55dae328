// What a judge says of a candidate, whatever was answered: tags, a rectangle, a sentence; and the panel to say it in.
// The functions are pure, over {slot: {tags, rect, text}}.

import { element } from "../page/dom.js";
import { Panel } from "../page/panel.js";
import { rectBetween, visibleRect } from "../viewer/geometry.js";

const SAVE_AFTER = 800; // ms after the last change

const EMPTY = Object.freeze({ tags: [], rect: null, text: "" });

export const reasonOf = (reasons, slot) => reasons[slot] ?? EMPTY;

/** Set a tag "+name" (good) or "-name" (bad); the same again takes it away, the opposite replaces it. */
export function toggleTag(reasons, slot, sign, name) {
  const { tags } = reasonOf(reasons, slot);
  const others = tags.filter((tag) => tag.slice(1) !== name);
  return change(reasons, slot, { tags: tags.includes(sign + name) ? others : [...others, sign + name] });
}

export const change = (reasons, slot, part) => ({
  ...reasons,
  [slot]: { ...reasonOf(reasons, slot), ...part },
});

/** What goes to the server: only what says something; the `first` candidates in their order, then the others by number. */
export function toList(reasons, first) {
  const others = Object.keys(reasons)
    .map(Number)
    .filter((slot) => !first.includes(slot))
    .sort((one, other) => one - other);
  return [...first, ...others]
    .map((slot) => ({ slot, ...reasonOf(reasons, slot), text: reasonOf(reasons, slot).text.trim() }))
    .filter(({ tags, rect, text }) => tags.length || rect || text);
}

export const fromList = (list) =>
  Object.fromEntries((list ?? []).map(({ slot, ...reason }) => [slot, { ...EMPTY, ...reason }]));

export class Reasons extends Panel {
  /** @param place of the panel; @param question () => what is asked: the order and the notes of its answer */
  constructor({ trial, answer, stage, selection, overlays, place, question, say }) {
    super();
    Object.assign(this, { trial, answer, stage, selection, overlays, place, question, say });
    Object.assign(this, { reasons: {}, slot: null });
  }

  begin() {
    this.listen(this.trial, "open", () => this.#open());
    this.listen(this.answer, "change", () => this.#render());
    this.listen(globalThis, "pagehide", () => this.flush());
    if (this.trial.data) this.#open();
  }

  end() {
    this.flush();
    this.show(false);
  }

  /** Whether the study asks for reasons: the server says so by giving tags. */
  get asked() {
    return Array.isArray(this.trial.data?.tags);
  }

  get shown() {
    return !this.place.hidden;
  }

  /** What goes with the answer. */
  get beside() {
    return this.on && this.asked ? { reasons: toList(this.reasons, this.#first) } : {};
  }

  show(shown) {
    if (shown && !this.asked) return this.say("This study asks for no reasons.");
    if (shown === this.shown) return undefined;
    this.place.hidden = !shown;
    this.#stopDrawing();
    this.#render();
    this.tell("shown");
    return shown && this.place.querySelector("button")?.focus();
  }

  #open() {
    this.reasons = fromList(this.trial.data.ballot.reasons);
    this.slot = null;
    this.show(false);
  }

  #set(reasons) {
    this.reasons = reasons;
    clearTimeout(this.timer);
    this.unsaved = true;
    this.timer = setTimeout(() => this.flush(), SAVE_AFTER);
  }

  /** Save what was said just now without waiting for more: the judge goes on. */
  flush() {
    clearTimeout(this.timer);
    if (this.unsaved) this.answer.save();
    this.unsaved = false;
  }

  /** Candidates of which something was said by the answer, in its order. */
  get #first() {
    return this.question().order;
  }

  #render() {
    const { slots, data } = this.trial;
    const first = this.#first;
    if (this.shown) this.slot ??= this.selection.current ?? first[0] ?? slots[0];
    this.#showRects();
    if (!this.shown) return;
    const name = `candidate ${this.slot}`;
    const candidates = [...first, ...slots.filter((slot) => !first.includes(slot))];
    this.place.replaceChildren(
      element("h2", {}, `What do you say of ${name}? (optional)`),
      element(
        "div",
        { class: "row", role: "group", "aria-label": "Candidate" },
        candidates.map((slot) => this.#tab(slot)),
      ),
      element(
        "div",
        { class: "tags" },
        data.tags.map((tag) => this.#tag(tag)),
      ),
      this.#sentence(name),
      this.#rectRow(name),
      button("Close", () => this.show(false)),
    );
  }

  #tab(slot) {
    const note = this.question().noteOf(slot);
    const select = () => {
      this.slot = slot;
      this.#render();
    };
    return button(note ? `${note.short}: ${slot}` : `${slot}`, select, {
      "aria-pressed": String(slot === this.slot),
    });
  }

  #tag(name) {
    const { tags } = reasonOf(this.reasons, this.slot);
    const choice = (sign, label) =>
      button(label, (event) => this.#choose(sign, name, event), {
        "aria-pressed": String(tags.includes(sign + name)),
        "aria-label": `${name}: ${label}`,
      });
    return element("div", { class: "tag" }, [
      element("span", {}, name),
      choice("+", "good"),
      choice("-", "bad"),
    ]);
  }

  #choose(sign, name, { currentTarget }) {
    const at = [...this.place.querySelectorAll("button")].indexOf(currentTarget);
    this.#set(toggleTag(this.reasons, this.slot, sign, name));
    this.#render();
    this.place.querySelectorAll("button")[at]?.focus();
  }

  #sentence(name) {
    const field = element("textarea", {
      rows: "2",
      maxlength: "500",
      "aria-label": `A sentence about ${name}`,
      placeholder: "In a sentence, if you like",
    });
    field.value = reasonOf(this.reasons, this.slot).text;
    field.oninput = () => this.#set(change(this.reasons, this.slot, { text: field.value }));
    return field;
  }

  #rectRow(name) {
    const { rect } = reasonOf(this.reasons, this.slot);
    const drop = () => {
      this.#set(change(this.reasons, this.slot, { rect: null }));
      this.#render();
    };
    return element("div", { class: "row" }, [
      button(rect ? "Draw another place" : `Draw a place on ${name}`, () => this.#draw(), {
        "aria-pressed": String(this.drawing === true),
      }),
      button("Take what is in view", () => this.#takeView()),
      rect ? button("Take it away", drop) : "",
    ]);
  }

  /** Without dragging: the part of the image that the panes show. */
  #takeView() {
    const { view, size, image } = this.stage;
    const { x0, y0, x1, y1 } = visibleRect(view, size, image);
    this.#set(
      change(this.reasons, this.slot, { rect: rectBetween({ x: x0, y: y0 }, { x: x1, y: y1 }, image) }),
    );
    this.#render();
  }

  /** The next drag on any pane is a rectangle instead of a pan. */
  #draw() {
    if (this.drawing) return this.#stopDrawing();
    this.drawing = true;
    let start = null;
    this.stage.tool = {
      press: (pane, device) => {
        start = this.stage.pointAt(pane, device);
      },
      drag: (pane, device) =>
        this.overlays.set(
          "reason",
          start && rectBetween(start, this.stage.pointAt(pane, device), this.stage.image),
        ),
      dragEnd: (pane, device) => {
        const rect = start && rectBetween(start, this.stage.pointAt(pane, device), this.stage.image);
        if (rect) this.#set(change(this.reasons, this.slot, { rect }));
        this.#stopDrawing();
      },
      click: () => {},
    };
    this.say("Drag a rectangle on the image.");
    return this.#render();
  }

  #stopDrawing() {
    if (!this.drawing) return;
    this.drawing = false;
    this.stage.tool = null;
    this.#render();
  }

  #showRects() {
    const rect = !this.shown || this.slot === null ? null : reasonOf(this.reasons, this.slot).rect;
    this.overlays.set("reason", rect, null, rect ? `${this.slot}` : "");
  }
}

const button = (label, onclick, more = {}) =>
  element("button", { type: "button", class: "button", ...more, onclick }, label);
