// What organisers and judges marked on this image: regions and reasons, drawn over the pictures and listed beside them.

import { element } from "../page/dom.js";
import { Panel } from "../page/panel.js";
import { _, ngettext } from "../page/texts.js";
import { regionView } from "../viewer/regions.js";

const ALL = "all";
const SHOWN = "shown";

export class Marks extends Panel {
  constructor({ cast, stage, views, selection, overlays, place, marks, regions }) {
    super();
    Object.assign(this, { cast, stage, views, selection, overlays, place, regions });
    const given = marks.map((mark) => ({
      ...mark,
      candidate: cast.all.find(({ key }) => key === mark.team),
    }));
    const number = ({ candidate }) => candidate?.number ?? 0;
    this.marks = given
      .toSorted((one, other) => number(one) - number(other))
      .map((mark, index) => ({ ...mark, index }));
    Object.assign(this, { listed: false, regionsShown: false, of: SHOWN, at: null });
  }

  begin() {
    this.listen(this.cast, "change", () => this.render());
    this.render();
  }

  /** Whether they may be shown: they name teams. */
  get allowed() {
    return !this.cast.hidden;
  }

  list(listed) {
    this.listed = listed && this.marks.length > 0;
    this.at = null;
    this.render();
    this.tell("shown");
  }

  showRegions(shown) {
    this.regionsShown = shown && this.regions.length > 0;
    this.draw();
    this.tell("shown");
  }

  render() {
    const open = this.listed && this.allowed;
    this.place.hidden = !open;
    if (!open) this.place.replaceChildren();
    if (open) {
      const list = this.#list();
      const scrolled = this.place.querySelector(".mark-list")?.scrollTop ?? 0;
      const focused = document.activeElement?.id;
      this.place.replaceChildren(this.#head(), this.#filter(), list);
      list.scrollTop = scrolled;
      if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    }
    this.draw();
  }

  /** Draw over the pictures what is to be seen there. */
  draw() {
    const { overlays, cast } = this;
    const regions = this.regionsShown ? this.regions : [];
    overlays.setAll(
      "regions",
      regions.map((region) => ({ rect: rectOf(region), slot: null, label: region.name, kind: "region" })),
    );
    const open = this.listed && this.allowed;
    const hasPlace = ({ x, team }) => Number.isFinite(x) && cast.slotOf(team) !== null;
    const drawn = open ? this.#filtered.filter(hasPlace) : [];
    overlays.setAll(
      "marks",
      drawn.map((mark) => ({
        rect: rectOf(mark),
        slot: cast.slotOf(mark.team),
        label: mark.better ? "+" : "−",
        kind: kindOf(mark, mark.index === this.at),
      })),
    );
  }

  get #filtered() {
    if (this.of === ALL) return this.marks;
    if (this.of === SHOWN) {
      const shown = new Set(this.cast.slots.map((slot) => this.cast.numbered.get(slot).key));
      return this.marks.filter(({ team }) => shown.has(team));
    }
    return this.marks.filter(({ team }) => team === this.of.slice(1));
  }

  #head() {
    const close = element(
      "button",
      {
        type: "button",
        class: "button",
        id: "marks-close",
        "aria-label": _("Close the judges' reasons"),
        onclick: () => this.list(false),
      },
      "×",
    );
    return element("div", { class: "side-head" }, [element("h2", {}, _("Reasons of the judges")), close]);
  }

  #filter() {
    const option = (value, nodes) => element("option", { value, selected: this.of === value }, nodes);
    const teams = this.cast.all.filter(({ key }) => this.marks.some(({ team }) => team === key));
    const select = element(
      "select",
      {
        id: "marks-of",
        onchange: ({ target }) => {
          Object.assign(this, { of: target.value, at: null });
          this.render();
        },
      },
      [
        option(SHOWN, _("teams that are shown")),
        option(ALL, _("all teams")),
        ...teams.map(({ key, name }) => option(`=${key}`, name)),
      ],
    );
    const { length } = this.#filtered;
    return element("p", { class: "list-order" }, [
      element("label", { for: "marks-of" }, _("Of")),
      " ",
      select,
      " ",
      element("span", { class: "soft" }, ngettext("%(count)s reason", "%(count)s reasons", length)),
    ]);
  }

  #list() {
    const found = this.#filtered;
    if (!found.length) return element("p", { class: "mark-list" }, _("No judge gave a reason here."));
    return element(
      "ol",
      { class: "mark-list" },
      found.map((mark) => element("li", {}, this.#item(mark))),
    );
  }

  #item(mark) {
    const { candidate, attribute, better, comment, judge, region } = mark;
    const what = better
      ? _("%(about)s: better", { about: attribute })
      : _("%(about)s: worse", { about: attribute });
    return element(
      "button",
      {
        type: "button",
        class: "mark",
        id: `mark-${mark.index}`,
        "aria-pressed": String(mark.index === this.at),
        "data-kind": kindOf(mark, false),
        onclick: () => this.#go(mark),
      },
      [
        element("span", {}, [element("b", {}, element("bdi", {}, candidate?.name ?? mark.team)), " ", what]),
        region ? element("span", {}, region) : null,
        comment ? element("q", { dir: "auto" }, comment) : null,
        element("small", {}, judge),
      ],
    );
  }

  /** Show a mark on its team, which is shown for it where it was not. */
  #go(mark) {
    const { cast, stage, selection } = this;
    this.at = mark.index;
    if (mark.candidate && !cast.slots.includes(cast.slotOf(mark.team)) && !cast.sequence)
      cast.show([...cast.ticked, mark.candidate]);
    const slot = cast.slotOf(mark.team);
    if (slot !== null && cast.slots.includes(slot)) selection.choose(slot);
    if (Number.isFinite(mark.x)) {
      const { cx, cy, scale } = regionView(rectOf(mark), stage.size);
      stage.goTo(cx, cy, scale);
    }
    this.render();
  }
}

const rectOf = ({ x, y, width, height }) => [x, y, width, height];

const kindOf = ({ better }, chosen) => `${better ? "better" : "worse"}${chosen ? " chosen" : ""}`;
