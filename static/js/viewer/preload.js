// What to load once the visible tiles are there: the candidates that a key may show next, then the first view of the
// next trial.

import { Panel } from "../page/panel.js";
import { INPUT } from "./arrangement.js";
import { neededTiles } from "./paint.js";
import { fitScale } from "./scale.js";

const STILL_AFTER = 150; // ms: while the judge moves, only what is on the screen is loaded

export class Preload extends Panel {
  /** @param peek () => Promise of what the next page shows, or null; @param next () its address, or null */
  constructor(stage, views, { peek, next }) {
    super();
    Object.assign(this, { stage, views, peek, next, ahead: [] });
  }

  begin() {
    const { stage } = this;
    stage.background = (visible) => [
      ...this.#overview(),
      ...(this.still ? this.#others(visible.length) : []),
      ...(stage.complete ? this.ahead : []),
    ];
    this.listen(stage, "view", () => this.#moved());
    this.listen(stage, "painted", () => this.#lookAhead());
    // The next image may open in the view that is chosen now.
    this.listen(this.views, "change", () => {
      this.asked = null;
    });
    this.listen(stage, "open", () => {
      this.ahead = [];
      this.asked = null;
    });
  }

  end() {
    clearTimeout(this.timer);
    this.stage.background = () => [];
  }

  #moved() {
    this.still = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.still = true;
      this.stage.refill();
    }, STILL_AFTER);
  }

  /** The same view of the candidates that are not shown, where a digit or a held key would show them at once. */
  #others(visible) {
    const { stage } = this;
    const room = Math.max(0, Math.floor(stage.cache.budget / (4 * stage.image.tile ** 2)) - visible);
    const shown = new Set(stage.visible.map((pane) => pane.shown));
    return [INPUT, ...this.views.state.slots]
      .filter((slot) => stage.sources.has(slot) && !shown.has(slot))
      .flatMap((slot) => stage.visible[0].needed(slot))
      .slice(0, room);
  }

  #overview() {
    return this.stage.mapShown ? [this.stage.overview] : [];
  }

  async #lookAhead() {
    const page = this.next();
    if (this.asked === page || !this.stage.complete) return;
    this.asked = page;
    const data = await this.peek(page);
    if (!data || this.asked !== page) return;
    this.ahead = this.#firstView(data);
    this.stage.refill();
  }

  #firstView({ image, input, slots }) {
    const { area, step, dpr } = this.stage;
    const tiles = new Map([[INPUT, input.tiles], ...slots.map((item) => [item.slot, item.tiles])]);
    const { shown, place } = this.views.firstOf(slots.map(({ slot }) => slot));
    const [rect] = place(shown.length, image.width / image.height, area, step);
    const size = { width: Math.round(rect.width * dpr), height: Math.round(rect.height * dpr) };
    const view = { cx: image.width / 2, cy: image.height / 2, scale: fitScale(image, size) };
    return shown.flatMap((slot) => neededTiles(size, image, tiles.get(slot), view));
  }
}
