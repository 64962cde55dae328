// The list of teams beside the pictures: which are shown, and in which order.

import { element } from "../page/dom.js";
import { Panel } from "../page/panel.js";
import { _, ordinal } from "../page/texts.js";

export class TeamList extends Panel {
  /** @param place the panel beside the pictures */
  constructor(cast, place, say) {
    super();
    Object.assign(this, { cast, place, say, shown: false });
  }

  begin() {
    this.listen(this.cast, "change", () => this.render());
    this.render();
  }

  show(shown) {
    this.shown = shown;
    this.render();
    this.tell("shown");
  }

  /** While numbers are shuffled there is no list: it has names and ranks. */
  render() {
    this.place.hidden = !this.shown || this.cast.sequence !== null;
    if (this.place.hidden) return this.place.replaceChildren();
    const focused = document.activeElement?.id;
    const scrolled = this.place.scrollTop;
    this.place.replaceChildren(this.#head(), this.#order(), this.#ways(), this.#list());
    this.place.scrollTop = scrolled;
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    return undefined;
  }

  #head() {
    const { ticked, all } = this.cast;
    const title = _("Teams: %(shown)s of %(all)s", { shown: ticked.size, all: all.length });
    const close = element(
      "button",
      {
        type: "button",
        class: "button",
        id: "teams-close",
        "aria-label": _("Close the list of teams"),
        onclick: () => this.show(false),
      },
      "×",
    );
    return element("div", { class: "side-head" }, [element("h2", {}, title), close]);
  }

  #order() {
    const { cast } = this;
    const option = (value, text) => element("option", { value, selected: cast.order === value }, text);
    return element("p", { class: "list-order" }, [
      element("label", { for: "order" }, _("Order")),
      " ",
      element("select", { id: "order", onchange: ({ target }) => cast.sort(target.value) }, [
        option("ranking", _("final ranking")),
        option("image", _("score of this image")),
        option("name", _("name")),
      ]),
    ]);
  }

  #ways() {
    const { cast } = this;
    const way = (id, text, candidates) =>
      element(
        "button",
        { type: "button", class: "button", id, onclick: () => cast.show(candidates()) },
        text,
      );
    return element("p", { class: "row" }, [
      way("teams-all", _("All"), () => cast.all),
      way("teams-best", _("First 3"), () => cast.sorted.slice(0, 3)),
    ]);
  }

  #list() {
    return element(
      "ul",
      { class: "team-list" },
      this.cast.sorted.map((one) => this.#row(one)),
    );
  }

  #row(one) {
    const { cast } = this;
    const id = `team-${one.number}`;
    const box = element("input", {
      type: "checkbox",
      id,
      checked: cast.ticked.has(one),
      onchange: () => this.#toggle(one, box),
    });
    const about = [rankOf(one), one.words].filter(Boolean);
    return element("li", {}, [
      box,
      element("label", { for: id }, [
        element("span", { class: "team-number" }, `${one.number}`),
        " ",
        element("bdi", { title: one.name }, one.name),
        " ",
        element(
          "small",
          {},
          about.map((text) => element("span", {}, text)),
        ),
      ]),
    ]);
  }

  #toggle(one, box) {
    const next = this.cast.all.filter((other) => (other === one ? box.checked : this.cast.ticked.has(other)));
    if (this.cast.show(next)) return;
    box.checked = true;
    this.say(_("One team at least is shown."));
  }
}

/** What the ranking and this image say of a candidate. */
function rankOf({ rank, place }) {
  const values = { rank: rank && ordinal(rank), place: place && ordinal(place) };
  if (!rank) return place ? _("not ranked, %(place)s here", values) : _("not ranked");
  return place ? _("%(rank)s overall, %(place)s here", values) : values.rank;
}
