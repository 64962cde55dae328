// Dragging the number of a candidate onto a step of the podium, by mouse, pen or finger.

import { element } from "../page/dom.js";

const THRESHOLD = 6; // CSS px before a press becomes a drag

export class NumberDrag {
  constructor(session) {
    this.session = session;
  }

  enable() {
    addEventListener("pointerdown", this.#press);
  }
  disable() {
    removeEventListener("pointerdown", this.#press);
  }

  #press = (event) => {
    const source = event.target.closest?.("button[data-slot]");
    if (!source || event.button !== 0) return;
    const drag = { slot: Number(source.dataset.slot), x: event.clientX, y: event.clientY, ghost: null };
    const move = (now) => this.#move(drag, now);
    const stop = (now) => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", stop);
      removeEventListener("pointercancel", stop);
      this.#drop(drag, now);
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", stop);
    addEventListener("pointercancel", stop);
  };

  #move(drag, { clientX, clientY }) {
    if (!drag.ghost && Math.hypot(clientX - drag.x, clientY - drag.y) < THRESHOLD) return;
    if (!drag.ghost) {
      drag.ghost = element("div", { class: "ghost", "aria-hidden": "true" }, `${drag.slot}`);
      document.body.append(drag.ghost);
    }
    drag.ghost.style.left = `${clientX}px`;
    drag.ghost.style.top = `${clientY}px`;
  }

  #drop({ slot, ghost }, { type, clientX, clientY }) {
    if (!ghost) return;
    ghost.remove();
    // The click that ends a drag is none.
    addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", swallow, { capture: true }), 0);
    const step = type === "pointerup" && document.elementFromPoint(clientX, clientY)?.closest(".step");
    if (!step) return;
    const place = Number(step.dataset.place);
    if (this.session.picks[place - 1] !== slot) this.session.placeAt(place, slot);
  }
}

function swallow(event) {
  event.stopPropagation();
  event.preventDefault();
}
