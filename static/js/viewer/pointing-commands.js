// How a candidate is pointed at by keys: by a number of two digits, or one after the other.

import { _, range } from "../page/texts.js";

export const pointingCommands = ({ selection }) => [
  {
    id: "long-number",
    listed: (slots) => (slots > 9 ? range("1 0", [...`${slots}`].join(" ")) : null),
    does: _("Two-digit numbers; a first digit waits a second for the next (Enter: at once)"),
  },
  {
    id: "cycle",
    keys: ["C"],
    listed: () => _("Point, or C"),
    does: _("Underline a candidate: the one under the mouse, or the next (Shift C: the previous)"),
    run: ({ shift }) => selection.cycle(shift ? -1 : 1),
  },
];
