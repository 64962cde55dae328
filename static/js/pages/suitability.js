// The part of the check page that says whether this device can show the pictures as they are.

import { readConditions } from "../evidence/conditions.js";
import { element } from "../page/dom.js";
import { _, sentences } from "../page/texts.js";
import { testExactness } from "../viewer/exactness-test.js";

const place = document.getElementById("suitability");
const EXACT = _("Tested: this browser shows the pixels of a file as they are.");
const ELSEWHERE = _(
  "Or open your personal link in another browser or on another computer. Nothing you did is lost.",
);
const WIDE = _(
  "This screen shows more colours than sRGB. The pictures are sRGB, and the browser should convert them. If colours look too strong, choose sRGB in the menu of the screen.",
);
const HDR = _(
  "This screen can show a high dynamic range (HDR). The pictures have the standard range. If white looks grey or glaring, switch HDR off.",
);

const paragraph = (text, look = {}) => element("p", look, text);

function screenNotes({ gamut, hdr }) {
  return [...(gamut === "p3" || gamut === "rec2020" ? [WIDE] : []), ...(hdr ? [HDR] : [])];
}

function found({ wrong, unknown }) {
  if (wrong.length) return "no";
  return unknown.length ? "unknown" : "yes";
}

let asked = 0;
/** A promise of yes, no or unknown: whether this device shows pictures pixel by pixel. */
export let tested;

async function render() {
  asked += 1;
  const mine = asked;
  const { wrong, unknown } = await testExactness();
  if (mine !== asked) return tested;
  const unsuited = sentences(
    _("This device is not suited as it is: pictures would not be shown pixel by pixel."),
    ...wrong,
    ELSEWHERE,
  );
  place.dataset.exact = found({ wrong, unknown });
  place.replaceChildren(
    ...(wrong.length ? [paragraph(unsuited, { class: "error", role: "alert" })] : []),
    ...unknown.map((text) => paragraph(text)),
    ...(wrong.length || unknown.length ? [] : [paragraph(EXACT)]),
    ...screenNotes(readConditions(window)).map((text) => paragraph(text)),
  );
  return place.dataset.exact;
}

const renderNow = () => {
  tested = render();
};
renderNow();
addEventListener("resize", renderNow);
