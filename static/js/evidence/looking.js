// Evidence of looking: what was on the screen at 1:1 or more, for how long, and by which way. Kept with the answer.

import { Panel } from "../page/panel.js";
import { randomId } from "../page/random-id.js";
import { INPUT } from "../viewer/arrangement.js";
import { visibleRect } from "../viewer/geometry.js";
import { Coverage, DwellMap } from "./coverage.js";

const SAMPLE_EVERY = 500; // ms between two samples of the path
const LONGEST_PATH = 400; // samples; then every other one is dropped
const IDLE_AFTER = 60; // seconds without any sign of the judge that still count as looking
const SEEN_AFTER = 0.4; // seconds a view must stand before it counts as seen
const CODES = { grid: "g", shortlist: "s", versus: "v", blink: "b", split: "d" };

const tenth = (value) => Math.round(value * 10) / 10;

/** The record of one visit to a trial; time is handed in, in seconds. */
export class LookingRecord {
  constructor(image, slots, now, visit) {
    Object.assign(this, { image, visit, start: now, last: now, active: now, blinks: 0, path: [] });
    this.gap = SAMPLE_EVERY / 1000;
    this.map = new DwellMap(image);
    this.coverage = new Map([INPUT, ...slots].map((slot) => [slot, new Coverage(image)]));
    this.dwell = new Map([INPUT, ...slots].map((slot) => [slot, 0]));
    this.views = {};
    this.seconds = 0;
  }

  /** Time has passed with `scene` on the screen: {mode, view, panes: [{slot, rect, complete}]}; rect in image pixels. */
  pass(scene, now) {
    const from = this.last;
    this.last = now;
    if (!scene || now - this.active > IDLE_AFTER) return;
    const elapsed = Math.min(now - from, IDLE_AFTER);
    const stood = now - (scene.since ?? from);
    this.seconds += elapsed;
    this.views[scene.mode] = (this.views[scene.mode] ?? 0) + elapsed;
    for (const { slot, rect, complete } of scene.panes) {
      this.dwell.set(slot, this.dwell.get(slot) + elapsed / scene.panes.length);
      this.map.add(rect, elapsed / scene.panes.length);
      if (scene.view.scale >= 1 && complete && stood >= SEEN_AFTER) this.coverage.get(slot).mark(rect);
    }
  }

  /** The judge did something. */
  wake(now) {
    this.active = now;
  }

  /** A new view begins. */
  sample({ mode, view, panes }, now) {
    const at = tenth(now - this.start);
    const entry = [
      at,
      Math.round(view.cx),
      Math.round(view.cy),
      Math.round(view.scale * 1000) / 1000,
      CODES[mode],
      panes.map(({ slot }) => slot),
    ];
    if (panes.length === this.dwell.size) entry.pop(); // all of them
    const before = this.path.at(-1);
    if (before && at - before[0] < this.gap) this.path.pop();
    this.path.push(entry);
    if (this.path.length <= LONGEST_PATH) return;
    this.path = this.path.filter((_, index) => index % 2 === 0);
    this.gap *= 2;
  }

  share(slot) {
    return this.coverage.get(slot).share;
  }

  toJSON() {
    const slots = [...this.coverage].map(([slot, { share }]) => [
      slot,
      { seen: Math.round(share * 1000) / 1000, dwell: tenth(this.dwell.get(slot)) },
    ]);
    const views = Object.fromEntries(
      Object.entries(this.views).map(([mode, seconds]) => [mode, tenth(seconds)]),
    );
    return {
      version: 1,
      visit: this.visit,
      seconds: tenth(this.seconds),
      slots: Object.fromEntries(slots),
      views,
      blinks: this.blinks,
      path: this.path,
      map: this.map.toJSON(),
    };
  }
}

/** Feeds a record from the stage. */
export class Looking extends Panel {
  constructor(trial, stage, views) {
    super();
    Object.assign(this, { trial, stage, views });
  }

  begin() {
    this.listen(this.trial, "open", () => this.#open());
    if (this.trial.data) this.#open(); // a visit of its own
    this.listen(this.stage, "painted", () => this.#changed());
    this.listen(this.views, "shown", () => {
      if (this.views.blinking && this.record) this.record.blinks += 1;
    });
    const wake = () => this.record?.wake(this.#now());
    this.listen(globalThis, "pointermove keydown wheel", wake, { passive: true });
    this.listen(document, "visibilitychange", () => this.#changed());
  }

  end() {
    this.scene = null;
  }

  /** Up to date evidence for the answer. */
  report() {
    this.#changed();
    return this.record.toJSON();
  }

  /** Candidates of which nothing was on the screen at 1:1 yet. */
  get unseen() {
    this.#changed();
    return this.trial.slots.filter((slot) => this.record.share(slot) === 0);
  }

  #now() {
    return performance.now() / 1000;
  }

  #open() {
    const { data, slots } = this.trial;
    this.scene = null;
    this.record = new LookingRecord(data.image, slots, this.#now(), randomId());
  }

  /** Book the scene that was on the screen until now, then note the one that is. */
  #changed() {
    if (!this.record || !this.stage.slots.length) return;
    const now = this.#now();
    this.record.pass(this.scene, now);
    const scene = document.hidden ? null : this.#look();
    const same = JSON.stringify({ ...this.scene, since: 0 }) === JSON.stringify({ ...scene, since: 0 });
    if (same) return;
    this.scene = scene && { ...scene, since: now };
    if (scene) this.record.sample(scene, now);
  }

  #look() {
    const { stage, views } = this;
    const cut = stage.visible.find((pane) => pane.from)?.from * stage.dpr;
    const panes = stage.visible.map((pane) => {
      const rect = visibleRect(stage.view, pane.size, stage.image);
      if (cut) this.#clip(rect, pane, cut);
      return { slot: pane.shown, rect, complete: pane.missing === 0 };
    });
    return { mode: views.mode, view: stage.view, panes };
  }

  #clip(rect, pane, cut) {
    const { x } = this.stage.pointAt(pane, { x: cut, y: 0 });
    if (pane.from) rect.x0 = Math.max(rect.x0, x);
    else rect.x1 = Math.min(rect.x1, x);
  }
}
