// What can be known about the screen a judge looks at, advice about it, and a watch that notices when it changes.

import { Panel } from "../page/panel.js";
import { _, percent, sentences } from "../page/texts.js";
import { rememberedSize } from "./screen-size.js";

const SETTLE = 1000; // ms without a further change
const LOOKED_EVERY = 10_000; // ms: a window dragged to a screen of equal ratio raises no event

/**
 * What the browser knows, in numbers as it gives them; `px_per_mm` is what was measured on this screen before.
 * @param exact whether pictures are shown pixel by pixel, as tested: yes, no or unknown
 */
export function readConditions(window, exact = null) {
  const matches = (query) => window.matchMedia(query).matches;
  return {
    exact,
    dpr: window.devicePixelRatio,
    width: window.innerWidth,
    height: window.innerHeight,
    screen: [window.screen.width, window.screen.height],
    screen_at: [window.screen.availLeft ?? 0, window.screen.availTop ?? 0],
    px_per_mm: rememberedSize(window),
    depth: window.screen.colorDepth,
    gamut: ["rec2020", "p3", "srgb"].find((gamut) => matches(`(color-gamut: ${gamut})`)) ?? "less",
    hdr: matches("(dynamic-range: high)"),
    contrast: matches("(prefers-contrast: more)") || matches("(forced-colors: active)"),
    touch: matches("(pointer: coarse)"),
    zoom: zoomOf(window),
  };
}

/** The browser's zoom as the window's sizes tell it; null where they tell none (a window that is minimised or docked). */
function zoomOf({ outerWidth, innerWidth }) {
  const zoom = Math.round((outerWidth / innerWidth) * 100) / 100;
  return zoom >= 0.1 && zoom <= 10 ? zoom : null;
}

/** What the check page sends: what the judge saw of the patterns, said of the room, and saw in the tests of the eyes. */
export const checkReport = (conditions, { seen, told, eyes }, at) => ({
  kind: "check",
  at,
  ...conditions,
  seen,
  told,
  eyes,
});

/** What the trial page sends as it is opened: a session may be on another screen than the check was. */
export const openedReport = (trial, at, conditions) => ({ kind: "opened", at, trial, ...conditions });

/** What the trial page sends when something of the conditions changed. */
export const changeReport = (trial, at, changed) => ({ kind: "change", at, trial, changed });

/** What the trial page sends when pictures arrived other than the server sent them. */
export const alteredReport = (trial, at) => ({ kind: "altered", at, trial });

/** Below this no two pictures fit beside each other with their controls. */
const SMALL = { width: 760, height: 480 };

/** Why the screen or window is too small to judge on, or null. */
export const tooSmall = ({ width, height, screen: [across, down] }) => {
  if (width >= SMALL.width && height >= SMALL.height) return null;
  const remedy =
    Math.max(across, down) >= SMALL.width && Math.min(across, down) >= SMALL.height
      ? _("Make the window larger, ideally full screen (F11), or turn the screen.")
      : _("Open your personal link on a computer or a large tablet. Nothing you did is lost.");
  return sentences(
    _("This window (%(size)s) is too small to compare pictures fairly.", { size: `${width} × ${height}` }),
    remedy,
  );
};

const ADVICE = [
  [
    ({ zoom }) => zoom && Math.abs(zoom - 1) > 0.08,
    ({ zoom }) =>
      _(
        "The browser zoom seems to be %(zoom)s. The images stay exact, but the controls change size: %(usual)s (Ctrl 0) is best.",
        { zoom: percent(zoom), usual: percent(1) },
      ),
  ],
  [
    (now) => !tooSmall(now) && (now.width < 1200 || now.height < 650),
    ({ width, height }) =>
      _(
        "The window is %(size)s. Make it larger, ideally full screen (F11), to see more of each image at once.",
        { size: `${width} × ${height}` },
      ),
  ],
  [
    ({ gamut }) => gamut === "less",
    () => _("The screen shows fewer colours than sRGB. Use another screen if you can."),
  ],
  [
    ({ contrast }) => contrast,
    () =>
      _(
        "A high-contrast or forced-colours mode is on. Turn it off for the study, because it may change what you see.",
      ),
  ],
];

/** Sentences of advice; an empty list when there is nothing to say. */
export const advice = (conditions) =>
  ADVICE.filter(([applies]) => applies(conditions)).map(([, text]) => text(conditions));

/** What changed between two readings, as a compact record, or null. */
export function difference(before, after) {
  const changed = Object.keys(after).filter((key) => String(after[key]) !== String(before[key]));
  return changed.length ? Object.fromEntries(changed.map((key) => [key, after[key]])) : null;
}

/** Notices another monitor, browser zoom, a smaller window. */
export class ConditionsWatch extends Panel {
  /**
   * @param read () what the browser knows now
   * @param changed (what is different) after a change has settled
   */
  constructor(read, changed) {
    super();
    Object.assign(this, { read, changed });
  }

  begin() {
    this.known = this.read();
    this.listen(globalThis, "resize", () => this.#later());
    this.every(LOOKED_EVERY, () => this.#later());
  }

  end() {
    clearTimeout(this.settling);
  }

  /** What is known from now on. */
  readAgain() {
    this.known = this.read();
    return this.known;
  }

  #later() {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => {
      const before = this.known;
      const changed = difference(before, this.readAgain());
      if (changed) this.changed(changed);
    }, SETTLE);
  }
}
