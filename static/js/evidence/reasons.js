// What a judge says of a candidate, whatever was answered: where it is better or worse, in what, how much, and a sentence.
// By keys: Y, the letter of a region, the letter of an attribute, then better or worse.

import { element } from "../page/dom.js";
import { Panel } from "../page/panel.js";
import { _, nameOf, ngettext, sentences } from "../page/texts.js";
import { rectBetween, visibleRect } from "../viewer/geometry.js";
import {
  blank,
  inWords,
  keysOf,
  lacks,
  missing,
  OPENS,
  put,
  SEVERITIES,
  sameReasons,
  sentenceOf,
} from "./reason-list.js";

const LONGEST = 500;
const DIRECTIONS = { "+": "better", B: "better", "-": "worse", W: "worse" };
/** By the number of candidates. */
const THAN = { 1: _("Better or worse"), 2: _("Better or worse than the other") };
const ASKS = {
  candidate: _("Which candidate? Type its number."),
  region: _("Where?"),
  attribute: _("Which attribute?"),
  direction: _("Better or worse?"),
};
const CHOICES = [
  ["better", "+", _("better")],
  ["worse", "−", _("worse")],
];

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

  /** How many reasons go with a ballot, in a sentence; nothing where the study asks for none. */
  describe = ({ reasons = this.list }) => {
    if (!this.asked) return "";
    if (!reasons.length) return _("With no reasons.");
    return ngettext("With %(count)s reason.", "With %(count)s reasons.", reasons.length);
  };

  show(shown) {
    if (shown && !this.asked) return this.say(_("This study does not ask for reasons."));
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
    if (!this.asked) return this.say(_("This study does not ask for reasons."));
    if (this.list.length >= this.rules.most)
      return this.say(
        ngettext(
          "You have given %(count)s reason, the most this study accepts.",
          "You have given %(count)s reasons, the most this study accepts.",
          this.list.length,
        ),
      );
    this.show(true);
    this.#new();
    this.asking = true;
    this.say(this.#next, { seen: true });
    return this.#render();
  }

  /** Write a comment on the last reason. */
  write() {
    if (!this.list.length) return this.say(_("Give a reason first: press %(key)s.", { key: OPENS }));
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
      none: (slot) => _("There is no candidate %(slot)s.", { slot }),
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

  get #current() {
    return this.list[this.at] ?? this.draft;
  }

  get #next() {
    const { slot } = this.draft;
    const question = ASKS[lacks(this.draft)];
    if (slot === null || this.trial.slots.length === 1) return question;
    return _("%(name)s: %(text)s", { name: nameOf(slot), text: question });
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
    this.say(_("No reason was added."), { seen: true });
    this.#render();
  }

  #pressDigit(digit, step) {
    if (step === "candidate" || step === "region") return false;
    if (digit > SEVERITIES.length) this.say(_("The strength goes from 1 to 4."));
    else this.#set({ severity: digit || null });
    return true;
  }

  /** Elsewhere it gives a place: not while a reason is being said. */
  #enter(step) {
    if (step === "region") this.#draw();
    else this.say(this.#next);
  }

  #pressLetter(letter, step) {
    const keys = keysOf(this.#offered(step).map(({ name }) => name));
    const [word] = [...keys].find(([, key]) => key === letter) ?? [];
    if (word) this.#set({ [step]: word });
    else this.say(sentences(_("%(letter)s means nothing here.", { letter }), this.#next));
  }

  /** The regions or attributes of the study: [{name, label}, ...]. */
  #offered(field) {
    return { region: this.rules.regions, attribute: this.rules.attributes }[field] ?? [];
  }

  #labelOf = (field, name) => this.#offered(field).find((word) => word.name === name)?.label ?? name;

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
      const text = inWords(reason, this.#labelOf);
      this.say(_("%(name)s: %(text)s", { name: nameOf(reason.slot), text }), { seen: true });
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
      "aria-label": _("Comment on this reason"),
      placeholder: _("Comment, optional (Shift %(key)s)", { key: OPENS }),
      oninput: () => this.#set({ text: sentenceOf(field.value) }),
      onkeydown: (event) => leaveByKey(event, field),
    });
    return {
      head: part("head"),
      list: part("list", { role: "list", "aria-label": _("Reasons given") }),
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
    this.parts.attribute.replaceChildren(...this.#words("attribute", _("Attribute"), reason));
    this.parts.severity.replaceChildren(...this.#severities(reason));
    this.parts.direction.replaceChildren(...this.#directions(reason));
    const field = this.parts.sentence.querySelector("textarea");
    this.parts.sentence.hidden = this.at === null;
    if (field !== document.activeElement) field.value = reason.text ?? "";
    this.parts.foot.replaceChildren(button(_("Close"), "close", () => this.show(false)));
    if (at) this.place.querySelector(`[data-at="${CSS.escape(at)}"]`)?.focus();
  }

  #head(step) {
    const required = this.#required;
    const given = this.list.length;
    const title = required
      ? _("Why? (%(given)s of %(required)s given)", { given, required })
      : _("Why? (%(count)s given)", { count: given });
    return [
      element("h2", {}, title),
      this.asking ? null : keyed(_("New reason"), OPENS, "new", () => this.#begin()),
      element("p", { class: "why-next" }, step ? this.#next : this.#now),
    ].filter(Boolean);
  }

  get #now() {
    if (this.at !== null) return _("Reason %(number)s: change it below.", { number: this.at + 1 });
    return _("Click, or press %(key)s and type letters.", { key: OPENS });
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
    const label = `${name}${inWords(reason, this.#labelOf)}`;
    return element("div", { role: "listitem", class: "why-given" }, [
      button(label, `given-${index}`, select, {
        "aria-pressed": String(index === this.at),
        title: reason.text,
      }),
      button("×", `remove-${index}`, () => this.#remove(index), {
        "aria-label": _("Remove: %(reason)s", { reason: label }),
      }),
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
    return group(_("Candidate"), slots.map(choice));
  }

  #regions(reason) {
    const { rect } = reason;
    const words = this.#words("region", _("Where"), reason);
    words[1].append(
      keyed(rect ? _("Draw another") : _("Draw"), "Enter", "draw", () => this.#draw(), {
        "aria-pressed": String(this.drawing === true),
      }),
      button(_("Use what is in view"), "view", () => this.#takeView()),
      ...(rect
        ? [
            button(`${_("Drawn")} ×`, "undraw", () => this.#drop("rect"), {
              "aria-label": _("Remove what was drawn"),
            }),
          ]
        : []),
    );
    return words;
  }

  #words(field, title, reason) {
    const words = this.#offered(field);
    const keys = keysOf(words.map(({ name }) => name));
    const choice = ({ name, label }) =>
      keyed(label, keys.get(name), `${field}-${name}`, () => this.#choose(field, name, reason), {
        "aria-pressed": String(name === reason[field]),
      });
    return group(title, words.map(choice));
  }

  /** A region that is there already is taken away where something is drawn. */
  #choose(name, word, reason) {
    if (name === "region" && reason.region === word && reason.rect) this.#drop("region");
    else this.#set({ [name]: word });
  }

  #drop(name) {
    const { region, rect } = this.#current;
    if (this.at === null || (region && rect)) this.#set({ [name]: null });
    else this.say(_("A reason needs a region or a drawn area."));
  }

  #severities(reason) {
    const choice = (word, index) =>
      keyed(word, `${index + 1}`, `severity-${index + 1}`, () => this.#severity(index + 1), {
        "aria-pressed": String(index + 1 === reason.severity),
      });
    return group(_("How strong (optional)"), SEVERITIES.map(choice));
  }

  #directions(reason) {
    const choice = ([name, key, label]) =>
      keyed(label, key, `direction-${name}`, () => this.#set({ direction: name }), {
        "aria-pressed": String(name === reason.direction),
      });
    const title = THAN[this.trial.slots.length] ?? _("Better or worse than the others");
    return group(title, CHOICES.map(choice));
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
    this.say(_("Drag a rectangle on the image."));
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
