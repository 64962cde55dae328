// The panel in which a judge says why, one candidate at a time, picked or not.

import { element } from "../page/dom.js";
import { ORDINALS } from "../protocols/picks.js";
import { visibleRect } from "../viewer/geometry.js";
import { change, fromList, reasonOf, rectBetween, toggleTag, toList } from "./reasons.js";

const SAVE_AFTER = 800; // ms after the last change

export class ReasonsPanel {
  constructor(session, stage, overlays, place, button) {
    Object.assign(this, { session, stage, overlays, place, button, reasons: {}, slot: null });
    session.addEventListener("trial", () => this.#begin());
    session.addEventListener("picks", () => this.#render());
  }

  get enabled() {
    return Array.isArray(this.session.data.tags);
  }
  get list() {
    return toList(this.reasons, this.session.picks);
  }

  toggle() {
    if (!this.enabled) return this.session.say("This study asks for no reasons.");
    this.place.hidden = !this.place.hidden;
    this.button.setAttribute("aria-pressed", String(!this.place.hidden));
    if (this.place.hidden) return this.#stopDrawing();
    this.#render();
    return this.place.querySelector("button")?.focus();
  }

  close() {
    if (!this.place.hidden) this.toggle();
  }

  #begin() {
    const { ballot } = this.session.data;
    this.reasons = fromList(ballot.reasons);
    this.slot = null;
    this.button.hidden = !this.enabled;
    if (!this.place.hidden) this.close();
    this.overlays.clear();
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
    if (this.unsaved) this.session.saveReasons();
    this.unsaved = false;
  }

  #render() {
    const { picks, slots, current } = this.session;
    if (!this.place.hidden) this.slot ??= current ?? picks[0] ?? slots[0];
    this.#showRects();
    if (this.place.hidden) return;
    const name = `candidate ${this.slot}`;
    const heading = element(
      "div",
      { class: "row", role: "group", "aria-label": "Candidate" },
      [...picks, ...slots.filter((slot) => !picks.includes(slot))].map((slot) => this.#tab(slot)),
    );
    this.place.replaceChildren(
      element("h2", {}, `What do you say of ${name}? (optional)`),
      heading,
      element(
        "div",
        { class: "tags" },
        this.session.data.tags.map((tag) => this.#tag(tag)),
      ),
      this.#sentence(name),
      this.#rectRow(name),
      element("button", { type: "button", class: "button", onclick: () => this.toggle() }, "Close"),
    );
  }

  #tab(slot) {
    const index = this.session.picks.indexOf(slot);
    const select = () => {
      this.slot = slot;
      this.#render();
    };
    return element(
      "button",
      { type: "button", class: "button", "aria-pressed": String(slot === this.slot), onclick: select },
      index < 0 ? String(slot) : `${ORDINALS[index]}: ${slot}`,
    );
  }

  #tag(name) {
    const { tags } = reasonOf(this.reasons, this.slot);
    const button = (sign, label) =>
      element(
        "button",
        {
          type: "button",
          class: "button",
          "aria-pressed": String(tags.includes(sign + name)),
          "aria-label": `${name}: ${label}`,
          onclick: (event) => {
            this.#set(toggleTag(this.reasons, this.slot, sign, name));
            const at = [...this.place.querySelectorAll("button")].indexOf(event.currentTarget);
            this.#render();
            this.place.querySelectorAll("button")[at]?.focus();
          },
        },
        label,
      );
    return element("div", { class: "tag" }, [
      element("span", {}, name),
      button("+", "good"),
      button("-", "bad"),
    ]);
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
      element(
        "button",
        {
          type: "button",
          class: "button",
          "aria-pressed": String(this.drawing === true),
          onclick: () => this.#draw(),
        },
        rect ? "Draw another place" : `Draw a place on ${name}`,
      ),
      element(
        "button",
        { type: "button", class: "button", onclick: () => this.#takeView() },
        "Take what is in view",
      ),
      rect ? element("button", { type: "button", class: "button", onclick: drop }, "Take it away") : "",
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
    this.session.say("Drag a rectangle on the image.");
    return this.#render();
  }

  #stopDrawing() {
    this.drawing = false;
    this.stage.tool = null;
    this.#render();
  }

  #showRects() {
    const rect = this.place.hidden || this.slot === null ? null : reasonOf(this.reasons, this.slot).rect;
    this.overlays.set("reason", rect, null, rect ? `${this.slot}` : "");
  }
}
