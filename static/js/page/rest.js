// Suggests a break once in a while, between two trials: eyes that judge for long see less. Nothing waits for it.

import { element } from "./dom.js";
import { Panel } from "./panel.js";
import { _, ngettext } from "./texts.js";

const PAUSE = 300; // seconds without a sign of the judge that are a break

/** When a break is due. Time is handed in, in seconds. */
export class Rest {
  /** @param after seconds of judging after which to say it; 0 for never */
  constructor(after, now) {
    Object.assign(this, { after, begun: now, last: now, due: false });
  }

  /** The judge did something. */
  wake(now) {
    if (now - this.last >= PAUSE) this.rested(now);
    this.last = now;
    this.due ||= this.after > 0 && now - this.begun >= this.after;
  }

  /** From now on it counts anew: after a break, or because the judge wants none. */
  rested(now) {
    Object.assign(this, { begun: now, last: now, due: false });
  }
}

export class BreakReminder extends Panel {
  /**
   * @param after seconds of judging after which to suggest one; 0 for never
   * @param places {note, dialog}
   */
  constructor(trial, after, places) {
    super();
    Object.assign(this, { trial, after, ...places });
  }

  begin() {
    this.rest = new Rest(this.after, this.#now);
    const wake = () => this.rest.wake(this.#now);
    this.listen(globalThis, "pointerdown keydown wheel", wake, { passive: true });
    this.listen(this.trial, "open", () => this.#suggest());
    this.listen(this.dialog, "close", () => this.rest.rested(this.#now));
  }

  end() {
    this.note.hidden = true;
    this.dialog.close();
  }

  get #now() {
    return performance.now() / 1000;
  }

  #suggest() {
    this.note.hidden = !this.rest.due;
    if (this.note.hidden) return;
    const minutes = Math.round((this.#now - this.rest.begun) / 60);
    const text =
      minutes < 1
        ? _("You have been judging for a while. A short break rests your eyes.")
        : ngettext(
            "You have been judging for %(count)s minute. A short break rests your eyes.",
            "You have been judging for %(count)s minutes. A short break rests your eyes.",
            minutes,
          );
    this.note.replaceChildren(
      element("span", {}, text),
      button(_("Take a break"), () => this.#take()),
      button(_("Not now"), () => this.#decline()),
    );
  }

  #decline() {
    this.note.hidden = true;
    this.rest.rested(this.#now);
  }

  #take() {
    this.note.hidden = true;
    this.dialog.replaceChildren(
      element("h2", {}, _("Break")),
      element(
        "p",
        {},
        _(
          "Look into the distance, or close your eyes for a minute. Your answers are saved. You can also close the page and continue later from your personal link.",
        ),
      ),
      element("form", { method: "dialog" }, [
        element("button", { class: "button primary", autofocus: true }, _("Continue judging")),
      ]),
    );
    this.dialog.showModal();
  }
}

const button = (label, onclick) => element("button", { type: "button", class: "button", onclick }, label);
