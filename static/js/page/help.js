// The overlay with all keys, opened by "?" and closed by Escape.

import { rowsOf } from "./commands.js";
import { element } from "./dom.js";
import { Panel } from "./panel.js";
import { _ } from "./texts.js";

export class Help extends Panel {
  constructor(trial, commands, buttons, dialog) {
    super();
    Object.assign(this, { trial, commands, buttons, dialog });
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
    const { links, contact, csrf } = this.trial.data;
    const nameOfKey = (letter) => (layout?.get(`Key${letter}`) ?? letter).toUpperCase();
    const groups = rowsOf(this.commands.list, { slots: this.trial.slots.length, nameOfKey });
    this.dialog.replaceChildren(
      element("form", { method: "dialog", class: "row spread" }, [
        element("h2", {}, _("Keys")),
        element("span", { class: "row" }, [
          this.buttons.make("hide", { type: "submit" }),
          element("a", { class: "button", href: links.overview }, this.trial.says.all),
          element(
            "a",
            { class: "button", href: links.guidelines, target: "_blank", rel: "noopener" },
            _("Guidelines (new tab)"),
          ),
          element("button", { class: "button primary", autofocus: true }, _("Close")),
        ]),
      ]),
      element(
        "div",
        { class: "key-columns" },
        groups.map(([title, rows]) => section(title, rows)),
      ),
      contact ? element("p", {}, _("Questions? Ask the organisers: %(contact)s", { contact })) : "",
      element("form", { method: "post", action: links.logout }, [
        element("input", { type: "hidden", name: "csrf_token", value: csrf }),
        element("button", { class: "button" }, _("Log out on this device")),
      ]),
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
