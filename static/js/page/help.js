// The overlay with all keys, opened by "?" and closed by Escape.

import { ORDINALS } from "../protocols/picks.js";
import { element } from "./dom.js";
import { PLACE_CODES } from "./keys.js";

const VIEWING = [
  ["Drag, arrow keys", "move all images together (Shift: further)"],
  ["Wheel, + and -", "zoom all images together"],
  ["Double click", "1:1 at that point, and back to the whole image"],
  ["O or End", "1:1, one image pixel to one screen pixel"],
  ["F or Home", "the whole image"],
  ["G", "grid of all"],
  ["K, then S", "keep the underlined candidate; show only the kept ones"],
  ["V, V again", "two side by side, three side by side"],
  ["B", "blink: one fills the window, digits switch in place"],
  ["D", "split: two at one spot with a divider to drag"],
  ["Space, held", "show the input instead"],
  ["X, held", "in blink: alternate the last two"],
  ["L, again", "loupe at the pointer: 1, 2, 4, 8 times, off"],
  ["M", "map of the whole image"],
  ["J", "the next region that the organisers marked (Shift J: the one before)"],
  ["H", "hide the controls"],
];
const GOING = [
  ["N or Page Down", "next image"],
  ["P or Page Up", "previous image"],
  ["? or F1", "these keys"],
  ["Escape", "close what is open"],
];

export class Help {
  /** @param hideControls what the button of that name does */
  constructor(session, dialog, hideControls) {
    Object.assign(this, { session, dialog, hideControls });
  }

  async toggle() {
    if (this.dialog.open) return this.dialog.close();
    const layout = await navigator.keyboard?.getLayoutMap?.().catch(() => null);
    this.#fill(layout);
    return this.dialog.showModal();
  }

  #fill(layout) {
    this.dialog.replaceChildren(
      element("form", { method: "dialog", class: "row spread" }, [
        element("h2", {}, "Keys"),
        element("span", { class: "row" }, [
          element("button", { class: "button", onclick: this.hideControls }, "Hide the controls"),
          element("a", { class: "button", href: this.session.data.links.overview }, "All my images"),
          element(
            "a",
            { class: "button", href: this.session.data.links.guidelines, target: "_blank", rel: "noopener" },
            "Guidelines, in a new tab",
          ),
          element("button", { class: "button primary", autofocus: true }, "Close"),
        ]),
      ]),
      element("div", { class: "key-columns" }, [
        section("Judging", this.#judging(layout)),
        section("Looking", VIEWING),
        section("Going on", GOING),
      ]),
      this.session.data.contact
        ? element("p", {}, `Questions? Ask the organisers: ${this.session.data.contact}`)
        : "",
      element("form", { method: "post", action: this.session.data.links.logout }, [
        element("input", { type: "hidden", name: "csrf_token", value: this.session.data.csrf }),
        element("button", { class: "button" }, "Log out on this device"),
      ]),
    );
  }

  #judging(layout) {
    const { slots, places } = this.session;
    const label = (code) => (layout?.get(code) ?? code.replace("Key", "")).toUpperCase();
    const last = slots.length;
    return [
      [
        `1 to ${Math.min(9, last)}`,
        "the candidate of that number: next free place in the grid and among the kept; show it in the other views",
      ],
      ...(last > 9
        ? [
            [
              `1 0 to ${[...`${last}`].join(" ")}`,
              "the same, digit by digit; a digit that may begin a longer number waits a second (Enter: at once)",
            ],
          ]
        : []),
      [
        "Pointing, or C",
        "underlines a candidate: the one under the mouse, or the next (Shift C: the one before; in blink: show it)",
      ],
      ["Enter", "give the underlined candidate the next free place"],
      [
        PLACE_CODES.slice(0, places).map(label).join(", "),
        `give the underlined candidate the ${ORDINALS.slice(0, places).join(", ")} place`,
      ],
      ["Drag a number", "onto a place of the podium; click it there to take it off"],
      ["Y", "say why, where the study asks for it"],
      ["Backspace, U or Ctrl Z", "undo"],
    ];
  }
}

function section(title, rows) {
  return element("section", {}, [
    element("h3", {}, title),
    element(
      "dl",
      { class: "keys" },
      rows.flatMap(([keys, meaning]) => [
        element("dt", { translate: "no", class: "notranslate" }, keys),
        element("dd", {}, meaning),
      ]),
    ),
  ]);
}
