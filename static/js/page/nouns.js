// What the page says of a trial, by what the question calls one: whole sentences, since other languages build them otherwise.

import { _ } from "./texts.js";

export const SAYS = {
  image: {
    all: _("All your images"),
    opening: _("Opening the image"),
    practice: _("Try the practice image"),
    at: (values) => _("Image %(position)s of %(total)s", values),
  },
  pair: {
    all: _("All your pairs"),
    opening: _("Opening the pair"),
    practice: _("Try the practice pair"),
    at: (values) => _("Pair %(position)s of %(total)s", values),
  },
  result: {
    all: _("All your results"),
    opening: _("Opening the result"),
    practice: _("Try the practice result"),
    at: (values) => _("Result %(position)s of %(total)s", values),
  },
};
