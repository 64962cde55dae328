// What a study demands of screen and window, what of it is not kept, and what to do. Pure functions; the server
// decides by the same limits (studyapp/core/viewing.py) whether a judge may go on.

import { _, language, listed } from "../page/texts.js";

const GAMUTS = ["less", "srgb", "p3", "rec2020"]; // from narrow to wide
const CLOSE = 0.005; // browsers give ratios such as 1.100000023841858
const ratios = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });

export const GAMUT_NAMES = {
  rec2020: () => _("wider than P3 (Rec. 2020)"),
  p3: () => "P3",
  srgb: () => "sRGB",
  less: () => _("less than sRGB"),
};

export const QUESTIONS = {
  size: () => _("size of the screen"),
  distance: () => _("viewing distance"),
  light: () => _("light in the room"),
  brightness: () => _("brightness of the screen"),
  blue_light: () => _("night light"),
  auto_brightness: () => _("automatic brightness"),
  panel: () => _("kind of screen"),
  acuity: () => _("eyesight"),
  colour_vision: () => _("colours"),
};

/** The names of the limits of screen and window that are not kept. */
export function outside(viewing, { dpr, width, height, gamut }) {
  const found = [];
  const [across, down] = viewing.window ?? [0, 0];
  if (Math.round(width * dpr) < across || Math.round(height * dpr) < down) found.push("window");
  const [least, most] = viewing.pixel_ratio ?? [0, Number.POSITIVE_INFINITY];
  if (dpr < least - CLOSE || dpr > most + CLOSE) found.push("pixel_ratio");
  if (viewing.gamut && GAMUTS.indexOf(gamut) < GAMUTS.indexOf(viewing.gamut)) found.push("gamut");
  return found;
}

const REMEDIES = {
  window: ({ window }, { width, height, dpr }) =>
    _(
      "This study needs a window of at least %(needed)s pixels of the screen; yours has %(size)s. Make it larger, ideally full screen (F11), or move it to a larger screen.",
      {
        needed: window.join(" × "),
        size: `${Math.round(width * dpr)} × ${Math.round(height * dpr)}`,
      },
    ),
  pixel_ratio: ({ pixel_ratio: [least, most] }, { dpr }) =>
    _(
      "This study needs %(least)s to %(most)s pixels of the screen per CSS pixel; your browser has %(ratio)s. Reset the browser zoom (Ctrl 0), or change the display scaling in the system's settings.",
      { least: ratios.format(least), most: ratios.format(most), ratio: ratios.format(dpr) },
    ),
  gamut: ({ gamut }, now) =>
    _(
      "This study needs a screen that shows the colours of %(needed)s; your browser reports %(reported)s. Use another screen, or set this one to its widest colours in the system's settings.",
      { needed: GAMUT_NAMES[gamut](), reported: GAMUT_NAMES[now.gamut]() },
    ),
  acuity: ({ acuity }) =>
    _(
      "This study needs an eyesight of at least %(acuity)s in the test below. Check the distance, put on your glasses if you have some, and repeat the test.",
      { acuity: ratios.format(acuity) },
    ),
  colour_vision: () =>
    _(
      "This study needs judges who can read all kinds of dots in the test below. Switch off night light and repeat the test. The test is no diagnosis.",
    ),
};

/**
 * What to do about limits that are not kept, a sentence each.
 * @param unmet names, as `outside` and the server give them; questions that are open begin with "ask:"
 */
export function remedies(unmet, viewing, now) {
  const asked = unmet.filter((name) => name.startsWith("ask:")).map((name) => QUESTIONS[name.slice(4)]());
  const found = unmet.filter((name) => name in REMEDIES).map((name) => REMEDIES[name](viewing, now));
  if (asked.length) found.push(_("This study also asks about: %(questions)s.", { questions: listed(asked) }));
  return found;
}
