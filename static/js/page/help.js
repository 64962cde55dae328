// The overlay with all keys, opened by "?" and closed by Escape.

import { rowsOf } from "./commands.js";
import { element } from "./dom.js";
import { Panel } from "./panel.js";
import { _ } from "./texts.js";

export class Help extends Panel {
  /** @param about {slots() how many candidates there are, ways() nodes for its head, rest() nodes below the keys} */
  constructor(commands, buttons, dialog, { slots, ways = () => [], rest = () => [] }) {
    super();
    Object.assign(this, { commands, buttons, dialog, slots, ways, rest });
  }

  end() {
    this.dialog.close();
  }

  async toggle() {
    if (this.dialog.open) return this.dialog.close();
    const layout = await navigator.keyboard?.getLayoutMap?.().catch(() => null);
    this.#fill(layout);
    return this.dialog.showModal();
  }

  #fill(layout) {
    const nameOfKey = (letter) => (layout?.get(`Key${letter}`) ?? letter).toUpperCase();
    const groups = rowsOf(this.commands.list, { slots: this.slots(), nameOfKey });
    this.dialog.replaceChildren(
      element("form", { method: "dialog", class: "row spread" }, [
        element("h2", {}, _("Keys")),
        element("span", { class: "row" }, [
          this.buttons.make("hide", { type: "submit" }),
          ...this.ways(),
          element("button", { class: "button primary", autofocus: true }, _("Close")),
        ]),
      ]),
      element(
        "div",
        { class: "key-columns" },
        groups.map(([title, rows]) => section(title, rows)),
      ),
      ...this.rest(),
    );
  }
}

const section = (title, rows) =>
  element("section", {}, [
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
