// Dragging a candidate's number, from a pane, the number bar or the answer, by mouse, pen or finger.

import { element } from "../page/dom.js";

const DRAG_BEGINS = 6; // CSS px before a press becomes a drag

/** Let numbers be dropped on what has `data-drop`, as long as the panel is on. @param dropped (slot, place) */
export function enableDragging(panel, dropped) {
  panel.listen(globalThis, "pointerdown", (event) => press(event, dropped));
}

function press(event, dropped) {
  const source = event.target.closest?.("button[data-slot]");
  if (!source || event.button !== 0) return;
  const drag = { slot: Number(source.dataset.slot), x: event.clientX, y: event.clientY, ghost: null };
  const ended = new AbortController();
  const options = { signal: ended.signal };
  const end = (now) => {
    ended.abort();
    drop(drag, now, dropped);
  };
  addEventListener("pointermove", (now) => move(drag, now), options);
  addEventListener("pointerup", end, options);
  addEventListener("pointercancel", end, options);
}

function drop({ slot, ghost }, { type, clientX, clientY }, dropped) {
  if (!ghost) return;
  ghost.remove();
  // The click that ends a drag is none.
  addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => removeEventListener("click", swallow, { capture: true }), 0);
  const place = type === "pointerup" && document.elementFromPoint(clientX, clientY)?.closest("[data-drop]");
  if (place) dropped(slot, place);
}

function move(drag, { clientX, clientY }) {
  if (!drag.ghost && Math.hypot(clientX - drag.x, clientY - drag.y) < DRAG_BEGINS) return;
  if (!drag.ghost) {
    drag.ghost = element("div", { class: "ghost", "aria-hidden": "true" }, `${drag.slot}`);
    document.body.append(drag.ghost);
  }
  drag.ghost.style.left = `${clientX}px`;
  drag.ghost.style.top = `${clientY}px`;
}

function swallow(event) {
  event.stopPropagation();
  event.preventDefault();
}
