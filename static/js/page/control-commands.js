// What every page with these controls can do: hide them, show the keys, close what is open.

import { _ } from "./texts.js";

export const controlCommands = ({ layout, help, say, close }) => [
  {
    id: "hide",
    keys: ["H"],
    label: () => (layout.bare ? _("Show controls") : _("Hide controls")),
    does: _("Hide or show the controls"),
    run: ({ mouse }) => layout.setBare(!layout.bare, mouse),
  },
  {
    id: "help",
    keys: ["?", "F1"],
    label: "?",
    sign: true,
    does: _("Show all keys"),
    panel: help,
    run: () => help.toggle(),
  },
  {
    id: "escape",
    keys: ["Escape"],
    does: _("Close what is open"),
    takesBack: true,
    run: () => close(),
  },
  {
    id: "no-digits",
    keys: ["no digit"],
    run: () => say(_("NumLock is off, so the number pad types no digits.")),
  },
];
