// Which slots each view shows, and how the shown ones change when the judge chooses another; pure functions.

import { _ } from "../page/texts.js";

export const INPUT = 0;
const STEADY = new Set(["grid", "shortlist"]);

/** Whether choosing a candidate changes nothing of what is shown. */
export const isSteady = (state) =>
  STEADY.has(state.mode) || state.slots.every((slot) => shownSlots(state).includes(slot));

/** What can stand side by side: the candidates; one alone stands beside the input. */
const comparable = (slots) => (slots.length < 2 ? [INPUT, ...slots] : slots);

/**
 * A fresh arrangement for a trial's slots. `shown` lists who stands side by side, in their places.
 * @param grid slots of the grid, in their order
 */
export function arrange(slots, { grid = [INPUT, ...slots], mode = "grid" } = {}) {
  return {
    mode,
    slots,
    grid,
    marked: [],
    count: 2,
    shown: comparable(slots).slice(0, 3),
    used: [],
    single: slots[0],
    before: slots.length === 2 ? slots[1] : null,
  };
}

/** Slots of the panes of a view, left to right. */
export function shownSlots(state) {
  switch (state.mode) {
    case "shortlist":
      return [INPUT, ...state.marked];
    case "versus":
      return state.shown.slice(0, state.count);
    case "split":
      return state.shown.slice(0, 2);
    case "blink":
      return [state.single];
    default:
      return state.grid;
  }
}

/** Whether a view shows anything that the grid does not. */
export function isOffered(state, mode) {
  if (mode === "grid") return true;
  if (mode === "shortlist") return state.slots.length > 2;
  return mode === "split" || String(shownSlots({ ...state, mode, count: 2 })) !== String(state.grid);
}

/** The state after choosing `slot`: in blink it is shown, side by side it takes the place that was chosen longest ago. */
export function choose(state, slot) {
  const used = [slot, ...state.used.filter((other) => other !== slot)];
  const blink = slot === state.single ? {} : { single: slot, before: state.single };
  return { ...state, used, ...blink, shown: replaceOldest(state, slot, used) };
}

/** Mark for the shortlist or take the mark away; marked slots keep the order of their numbers. */
export function toggleMark(state, slot) {
  const marked = state.marked.includes(slot)
    ? state.marked.filter((other) => other !== slot)
    : [...state.marked, slot];
  return { ...state, marked: marked.sort((a, b) => a - b) };
}

/** Why a view cannot be shown, or null. */
export function refusal(state, mode) {
  if (!isOffered(state, mode))
    return mode === "shortlist"
      ? _("There are too few candidates for a shortlist.")
      : _("The grid already shows this.");
  if (mode === "shortlist" && !state.marked.length)
    return _("The shortlist is empty. Point at a candidate and press K to add it.");
  return null;
}

/** Enter a view. Views of two or three begin with the ones looked at last, blink with the last. */
export function enter(state, mode, count = state.count) {
  const next = { ...state, mode, count };
  if (mode === "blink" && state.used.length) next.single = state.used[0];
  if (mode === "versus" || mode === "split") next.shown = recentFirst(state, 3);
  return next;
}

function recentFirst({ used, slots }, length) {
  const rest = comparable(slots).filter((slot) => !used.includes(slot));
  const size = Math.min(length, comparable(slots).length);
  const two = [...used, ...rest].slice(0, 2).sort((a, b) => a - b);
  return [...two, ...[...used, ...rest].slice(2, size)];
}

function replaceOldest({ mode, shown, count }, slot, used) {
  const width = mode === "split" ? 2 : count;
  const visible = shown.slice(0, width);
  if (visible.includes(slot)) return shown;
  const age = (other) => (used.includes(other) ? used.indexOf(other) : Infinity);
  const oldest = visible.reduce((a, b) => (age(b) > age(a) ? b : a), visible[0]);
  return [
    ...visible.map((other) => (other === oldest ? slot : other)),
    ...shown.slice(width).filter((other) => other !== slot),
  ];
}
