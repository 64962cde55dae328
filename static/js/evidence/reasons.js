// What a judge says of a candidate, whatever was answered: where it is better or worse, in what, how much, and a sentence.
// By keys: Y, the letter of a region, the letter of an attribute, then better or worse.

import { element } from "../page/dom.js";
import { Panel } from "../page/panel.js";
import { nameOf } from "../page/texts.js";
import { rectBetween, visibleRect } from "../viewer/geometry.js";
import {
  blank,
  inWords,
  keysOf,
  lacks,
  missing,
  OPENS,
  put,
  sameReasons,
  sentenceOf,
} from "./reason-list.js";

const LONGEST = 500;
const DIRECTIONS = { "+": "better", B: "better", "-": "worse", W: "worse" };
const SEVERITIES = ["slight", "clear", "strong", "severe"];
/** By the number of candidates. */
const THAN = { 1: "", 2: " than the other" };
const ASKS = {
  candidate: "Which candidate? Type its number.",
  region: "Where?",
  attribute: "In what?",
  direction: "Better or worse?",
};

export class Reasons extends Panel {
  /** @param place of the panel; @param question () => what is asked: the order and the notes of its answer */
  constructor({ trial, answer, stage, selection, overlays, place, question, say }) {
    super();
    Object.assign(this, { trial, answer, stage, selection, overlays, place, question, say });
    Object.assign(this, { list: [], at: null, draft: blank(), asking: false });
    this.parts = this.#parts();
  }

  begin() {
    this.listen(this.trial, "open", () => this.#open());
    this.listen(this.answer, "change", () => this.#render());
    this.listen(this.answer, "taken", () => this.#take());
    this.place.replaceChildren(...Object.values(this.parts));
    if (this.trial.data) this.#open();
  }

  end() {
    this.answer.flush();
    this.show(false);
  }

  /** Whether the study asks for reasons. */
  get asked() {
    return (this.rules?.most ?? 0) > 0;
  }

  get rules() {
    return this.trial.data?.asks_why;
  }

  get shown() {
    return !this.place.hidden;
  }

  /** What goes with the answer. */
  get beside() {
    return this.on && this.asked ? { reasons: this.list } : {};
  }

  /** Why the answer does not count yet for want of reasons, or null. */
  get missing() {
    return this.on && this.asked ? missing(this.list.length, this.#required) : null;
  }

  /** Whether a ballot has the same reasons as this page. */
  agrees = (ballot) => sameReasons(ballot.reasons ?? [], this.list);

  /** How many reasons go with a ballot, in words; nothing where the study asks for none. */
  describe = ({ reasons = this.list }) => {
    if (!this.asked) return "";
    return reasons.length === 1 ? " With 1 reason." : ` With ${reasons.length || "no"} reasons.`;
  };

  show(shown) {
    if (shown && !this.asked) return this.say("This study asks for no reasons.");
    if (shown === this.shown) return undefined;
    this.place.hidden = !shown;
    this.#stopDrawing();
    this.asking = false;
    if (shown && !this.list.length) this.#new();
    this.#render();
    return this.tell("shown");
  }

  /** Begin a reason about the underlined candidate, to be said by keys; again: no more. */
  ask() {
    if (!this.asked) return this.say("This study asks for no reasons.");
    if (this.list.length >= this.rules.most)
      return this.say(`There are ${this.list.length} reasons, as many as this study takes.`);
    this.show(true);
    this.#new();
    this.asking = true;
    this.say(this.#next, { seen: true });
    return this.#render();
  }

  /** Write a sentence to the last reason. */
  write() {
    if (!this.list.length) return this.say(`Give a reason first: ${OPENS}.`);
    this.at ??= this.list.length - 1;
    this.show(true);
    this.asking = false;
    this.#render();
    return this.parts.sentence.querySelector("textarea").focus();
  }

  /**
   * While a reason is being said by keys, what a key means; says whether it meant something.
   * @param pressed {digit} or {key}, as keys.js has it
   */
  press({ digit, key }) {
    this.draft.slot ??= this.selection.aimed;
    const step = lacks(this.draft);
    if (digit !== undefined) return this.#pressDigit(digit, step);
    if (key === "Escape" || key === OPENS) this.#giveUp();
    else if (key === "Backspace") this.#back(step);
    else if (key === "Enter") this.#enter(step);
    else if (step === "direction" && DIRECTIONS[key]) this.#set({ direction: DIRECTIONS[key] });
    else if (/^[A-Z]$/.test(key)) this.#pressLetter(key, step);
    else return false;
    return true;
  }

  /** What digits mean before a region is named: the candidate that the reason is about. */
  get numbers() {
    return {
      most: this.trial.slots.length,
      take: (slot) => this.#set({ slot }),
      none: (number) => `There is no ${nameOf(number).toLowerCase()}.`,
    };
  }

  /** Give up a reason that was begun; says whether there was one. */
  cancel() {
    const begun = this.asking;
    if (begun) this.#giveUp();
    return begun;
  }

  /** So many reasons are needed with the answer as it is. */
  get #required() {
    return this.question().wantsReasons ? this.rules.required : 0;
  }

  /** What the reader's language calls a word of the study. */
  #label = (name) =>
    [...this.rules.regions, ...this.rules.attributes].find((word) => word.name === name)?.label ?? name;

  get #current() {
    return this.list[this.at] ?? this.draft;
  }

  get #next() {
    const { slot } = this.draft;
    const about = slot === null || this.trial.slots.length === 1 ? "" : `${nameOf(slot)}. `;
    return about + ASKS[lacks(this.draft)];
  }

  #open() {
    this.#stopDrawing();
    this.#take();
    if (!this.asked) this.show(false);
  }

  /** The reasons of the ballot that stands. */
  #take() {
    Object.assign(this, { list: [...this.answer.reasons], at: null, asking: false });
    this.#new();
    this.#render();
  }

  #new() {
    const { slots } = this.trial;
    this.at = null;
    this.draft = blank(slots.length === 1 ? slots[0] : (this.selection.aimed ?? this.question().about));
  }

  #giveUp() {
    this.#stopDrawing();
    this.asking = false;
    this.#new();
    this.say("No reason was added.", { seen: true });
    this.#render();
  }

  #pressDigit(digit, step) {
    if (step === "candidate" || step === "region") return false;
    if (digit > SEVERITIES.length) this.say("How much goes from 1 to 4.");
    else this.#set({ severity: digit || null });
    return true;
  }

  /** Elsewhere it gives a place: not while a reason is being said. */
  #enter(step) {
    if (step === "region") this.#draw();
    else this.say(this.#next);
  }

  #pressLetter(letter, step) {
    const words = { region: this.rules.regions, attribute: this.rules.attributes }[step] ?? [];
    const keys = keysOf(words.map(({ name }) => name));
    const word = words.find(({ name }) => keys.get(name) === letter);
    if (word) this.#set({ [step]: word.name });
    else this.say(`${letter} stands for nothing here. ${this.#next}`);
  }

  /** One step back; before the first there is none. */
  #back(step) {
    if (step === "direction") this.#set({ attribute: null, severity: null });
    else if (step === "attribute") this.#set({ region: null, rect: null });
    else this.#giveUp();
  }

  /** Say something of the reason at hand; once it lacks nothing it goes with the answer. */
  #set(part) {
    const reason = { ...this.#current, ...part };
    if (lacks(reason)) {
      if (this.at !== null) return;
      this.draft = reason;
      this.say(this.#next, { seen: true });
    } else {
      if (this.at === null) this.#stopDrawing();
      Object.assign(this, put(this.list, this.at, reason), { asking: false });
      this.say(`${nameOf(reason.slot)}: ${inWords(reason, this.#label)}.`, { seen: true });
      this.#save();
    }
    this.#render();
  }

  #remove(index) {
    this.list = this.list.toSpliced(index, 1);
    this.#new();
    this.#save();
    this.#render();
  }

  #save() {
    this.answer.saveSoon("reasons");
    this.tell("given");
  }

  // The panel.

  #parts() {
    const part = (name, more = {}, children = []) =>
      element("div", { class: `why-${name}`, ...more }, children);
    const field = element("textarea", {
      rows: "2",
      maxlength: LONGEST,
      "aria-label": "A sentence about this reason",
      placeholder: `In a sentence, if you like (Shift ${OPENS})`,
      oninput: () => this.#set({ text: sentenceOf(field.value) }),
      onkeydown: (event) => leaveByKey(event, field),
    });
    return {
      head: part("head"),
      list: part("list", { role: "list", "aria-label": "Reasons given" }),
      candidate: part("candidate"),
      region: part("region"),
      attribute: part("attribute"),
      severity: part("severity"),
      direction: part("direction"),
      sentence: part("sentence", {}, field),
      foot: part("foot"),
    };
  }

  #render() {
    this.#showRect();
    if (!this.shown || !this.asked) return;
    const at = this.place.contains(document.activeElement) ? document.activeElement.dataset.at : null;
    const reason = this.#current;
    const step = this.asking ? lacks(this.draft) : null;
    this.place.dataset.asking = String(this.asking);
    for (const [name, node] of Object.entries(this.parts)) node.dataset.asked = String(name === step);
    this.parts.head.replaceChildren(...this.#head(step));
    this.parts.list.replaceChildren(...this.list.map((given, index) => this.#given(given, index)));
    this.parts.candidate.replaceChildren(...this.#candidates(reason));
    this.parts.region.replaceChildren(...this.#regions(reason));
    this.parts.attribute.replaceChildren(...this.#words("attribute", "What", this.rules.attributes, reason));
    this.parts.severity.replaceChildren(...this.#severities(reason));
    this.parts.direction.replaceChildren(...this.#directions(reason));
    const field = this.parts.sentence.querySelector("textarea");
    this.parts.sentence.hidden = this.at === null;
    if (field !== document.activeElement) field.value = reason.text ?? "";
    this.parts.foot.replaceChildren(button("Close", "close", () => this.show(false)));
    if (at) this.place.querySelector(`[data-at="${CSS.escape(at)}"]`)?.focus();
  }

  #head(step) {
    const required = this.#required;
    const given = this.list.length;
    const count = required ? `${given} of ${required} given` : `${given || "none"} given`;
    return [
      element("h2", {}, `Why? (${count})`),
      this.asking ? null : keyed("New reason", OPENS, "new", () => this.#begin()),
      element("p", { class: "why-next" }, step ? this.#next : this.#now),
    ].filter(Boolean);
  }

  get #now() {
    if (this.at !== null) return `Reason ${this.at + 1}: change it below.`;
    return `Click, or press ${OPENS} and type letters.`;
  }

  #begin() {
    this.#new();
    this.#render();
    this.parts.candidate.querySelector("button")?.focus();
  }

  #given(reason, index) {
    const name = this.trial.slots.length === 1 ? "" : `${reason.slot}: `;
    const select = () => {
      Object.assign(this, { at: index, asking: false });
      this.#render();
    };
    const label = `${name}${inWords(reason, this.#label)}`;
    return element("div", { role: "listitem", class: "why-given" }, [
      button(label, `given-${index}`, select, {
        "aria-pressed": String(index === this.at),
        title: reason.text,
      }),
      button("×", `remove-${index}`, () => this.#remove(index), { "aria-label": `Remove: ${label}` }),
    ]);
  }

  #candidates(reason) {
    const { slots } = this.trial;
    if (slots.length === 1) return [];
    const choice = (slot) => {
      const note = this.question().noteOf(slot);
      const label = note ? [`${slot} `, element("small", {}, note.short)] : `${slot}`;
      return button(label, `slot-${slot}`, () => this.#set({ slot }), {
        "aria-pressed": String(slot === reason.slot),
      });
    };
    return group("Candidate", slots.map(choice));
  }

  #regions(reason) {
    const { rect } = reason;
    const words = this.#words("region", "Where", this.rules.regions, reason);
    words[1].append(
      keyed(rect ? "Draw another" : "Draw", "Enter", "draw", () => this.#draw(), {
        "aria-pressed": String(this.drawing === true),
      }),
      button("What is in view", "view", () => this.#takeView()),
      ...(rect
        ? [button("Drawn ×", "undraw", () => this.#drop("rect"), { "aria-label": "Remove what was drawn" })]
        : []),
    );
    return words;
  }

  #words(name, label, words, reason) {
    const keys = keysOf(words.map((word) => word.name));
    const choice = ({ name: word, label: shown }) =>
      keyed(shown, keys.get(word), `${name}-${word}`, () => this.#choose(name, word, reason), {
        "aria-pressed": String(word === reason[name]),
      });
    return group(label, words.map(choice));
  }

  /** A region that is there already is taken away where something is drawn. */
  #choose(name, word, reason) {
    if (name === "region" && reason.region === word && reason.rect) this.#drop("region");
    else this.#set({ [name]: word });
  }

  #drop(name) {
    const { region, rect } = this.#current;
    if (this.at === null || (region && rect)) this.#set({ [name]: null });
    else this.say("A reason needs a region, or something drawn.");
  }

  #severities(reason) {
    const choice = (word, index) =>
      keyed(word, `${index + 1}`, `severity-${index + 1}`, () => this.#severity(index + 1), {
        "aria-pressed": String(index + 1 === reason.severity),
      });
    return group("How much, if you like", SEVERITIES.map(choice));
  }

  #directions(reason) {
    const choice = ([name, key]) =>
      keyed(name, key, `direction-${name}`, () => this.#set({ direction: name }), {
        "aria-pressed": String(name === reason.direction),
      });
    const choices = [
      ["better", "+"],
      ["worse", "−"],
    ];
    return group(
      `Better or worse${THAN[this.trial.slots.length] ?? " than the others"}`,
      choices.map(choice),
    );
  }

  #severity(value) {
    this.#set({ severity: this.#current.severity === value ? null : value });
  }

  // What is drawn.

  /** Without dragging: the part of the image that the panes show. */
  #takeView() {
    const { view, size, image } = this.stage;
    const { x0, y0, x1, y1 } = visibleRect(view, size, image);
    this.#set({ rect: rectBetween({ x: x0, y: y0 }, { x: x1, y: y1 }, image) });
  }

  /** The next drag on any pane is a rectangle instead of a pan; on a candidate it tells which one is meant. */
  #draw() {
    if (this.drawing) return this.#stopDrawing();
    this.drawing = true;
    let start = null;
    const between = (pane, device) =>
      start && rectBetween(start, this.stage.pointAt(pane, device), this.stage.image);
    this.stage.tool = {
      press: (pane, device) => {
        start = this.stage.pointAt(pane, device);
      },
      drag: (pane, device) => this.overlays.set("reason", between(pane, device)),
      dragEnd: (pane, device) => {
        const rect = between(pane, device);
        this.#stopDrawing();
        if (rect) this.#set(this.at === null && pane.slot ? { rect, slot: pane.slot } : { rect });
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

  #showRect() {
    const { rect, slot } = this.#current;
    const shown = this.shown && rect;
    this.overlays.set("reason", shown ? rect : null, null, shown && slot ? `${slot}` : "");
  }
}

/** Enter and Escape give the keyboard back to the page. */
function leaveByKey(event, field) {
  if (event.key !== "Enter" && event.key !== "Escape") return;
  event.preventDefault();
  event.stopPropagation();
  field.blur();
}

const button = (label, at, onclick, more = {}) =>
  element("button", { type: "button", class: "button", "data-at": at, ...more, onclick }, label);

/** A button with the key that does the same while a reason is said by keys. */
const keyed = (label, key, at, onclick, more = {}) =>
  button([label, element("kbd", { "aria-hidden": "true" }, key)], at, onclick, more);

const group = (label, children) => [
  element("span", { class: "why-label" }, label),
  element("div", { class: "row", role: "group", "aria-label": label }, children),
];
