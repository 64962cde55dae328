// The check of the viewing conditions: shows what the browser knows, lets the judge confirm what only eyes can.

import { advice, checkReport, readConditions, tooSmall } from "../evidence/conditions.js";
import { GAMUT_NAMES, outside, QUESTIONS, remedies } from "../evidence/limits.js";
import { pixelsPerDegree, rememberedSize, rememberSize } from "../evidence/screen-size.js";
import { makeSender } from "../page/api.js";
import { element } from "../page/dom.js";
import { _, language, listed, percent } from "../page/texts.js";
import { AcuityTest, drawRing } from "../passport/acuity.js";
import { Measure } from "../passport/card.js";
import { DotsTest, drawDots } from "../passport/dots.js";
import { RingTest } from "../passport/ring-test.js";
import { deviceStep } from "../viewer/geometry.js";
import { tested } from "./suitability.js";

const $ = (id) => document.getElementById(id);
const { links, csrf, viewing, last } = JSON.parse($("conditions-data").textContent);
const send = makeSender(
  () => csrf,
  async () => {},
);

const HALF_LIGHT = 188; // of white, in sRGB
const RING_ROOM = 160; // CSS px
const DOTS_ROOM = 260; // CSS px
const ratios = new Intl.NumberFormat(language, { maximumFractionDigits: 3 });
const rounded = new Intl.NumberFormat(language, { maximumSignificantDigits: 3 });
const answers = $("answers");
const asksEyes = Boolean($("acuity"));
const eyes = asksEyes ? { ...last?.eyes } : {};
let sizeBy = last?.told?.size_by ?? null;
let refused = null; // what the server found missing in the last check

function render() {
  const now = readConditions(window);
  const distance = distanceCm();
  const rows = [
    [_("Device pixels per CSS pixel"), ratios.format(now.dpr)],
    [_("Browser zoom (estimated)"), now.zoom ? percent(now.zoom) : _("unknown")],
    [
      _("Window"),
      _("%(css)s CSS pixels, %(device)s device pixels", {
        css: `${now.width} × ${now.height}`,
        device: `${Math.round(now.width * now.dpr)} × ${Math.round(now.height * now.dpr)}`,
      }),
    ],
    [
      _("Screen"),
      _("%(size)s CSS pixels, %(depth)s bits per pixel", { size: now.screen.join(" × "), depth: now.depth }),
    ],
    [_("Colour gamut"), GAMUT_NAMES[now.gamut]()],
  ];
  if (now.px_per_mm && distance)
    rows.push([
      _("Pixels per degree"),
      _("%(pixels)s; the window is %(degrees)s degrees wide", {
        pixels: rounded.format(pixelsPerDegree(now.px_per_mm, distance)),
        degrees: rounded.format(degrees((now.width * now.dpr) / now.px_per_mm / 10, distance)),
      }),
    ]);
  $("facts").replaceChildren(
    ...rows.map(([name, value]) =>
      element("tr", {}, [element("th", { scope: "row" }, name), element("td", {}, value)]),
    ),
  );
  const small = tooSmall(now);
  $("small").hidden = !small;
  $("small").textContent = small ?? "";
  const list = advice(now);
  $("advice").replaceChildren(
    ...(list.length ? list : [_("Nothing to improve, as far as the browser can tell.")]).map((text) =>
      element("li", {}, text),
    ),
  );
  renderLimits(now);
  renderSize(now);
  drawCheckerboard($("checkerboard"), now.dpr);
  drawPatches($("dark"), now.dpr, [0, 2, 4, 6, 8, 12]);
  drawPatches($("bright"), now.dpr, [255, 253, 251, 249, 247, 243]);
  for (const test of tests) test.render();
}

/** What the study needs and does not find: of screen and window at once, of the rest once the check was sent. */
function renderLimits(now) {
  const unmet = viewing ? outside(viewing, now) : [];
  const told = refused?.filter((name) => !["window", "pixel_ratio", "gamut"].includes(name)) ?? [];
  const lines = viewing ? remedies([...unmet, ...told], viewing, now) : [];
  $("limits").hidden = lines.length === 0;
  $("limits").replaceChildren(...lines.map((line) => element("p", {}, line)));
}

function renderSize(now) {
  $("size-result").textContent = now.px_per_mm
    ? _("This screen has %(pixels)s pixels per mm.", { pixels: rounded.format(now.px_per_mm) })
    : "";
  const ready = now.px_per_mm && distanceCm();
  if (!asksEyes) return;
  $("acuity-needs").hidden = Boolean(ready);
  $("acuity").querySelector(".start").disabled = !ready;
}

/** Degrees that so many cm take at the distance, seen straight on. */
const degrees = (cm, distance) => (2 * Math.atan(cm / 2 / distance) * 180) / Math.PI;

function distanceCm() {
  const field = $("told-distance");
  return field.value !== "" && field.validity.valid ? Number(field.value) : null;
}

const measure = new Measure(
  {
    shape: $("shape"),
    slider: $("slider"),
    fits: $("fits"),
    ways: [...answers.querySelectorAll("[name=way]")],
  },
  (pxPerMm, by) => {
    rememberSize(window, Math.round(1000 * pxPerMm) / 1000);
    sizeBy = by;
    render();
  },
);

const part = (id) => ({
  canvas: $(id).querySelector("canvas"),
  keys: $(id).querySelector(".arrows"),
  start: $(id).querySelector(".start"),
  result: $(id).querySelector(".result"),
});

const makeTests = () => [
  new RingTest(part("acuity"), {
    make: () => {
      const size = rememberedSize(window);
      return size && distanceCm() ? new AcuityTest(pixelsPerDegree(size, distanceCm())) : null;
    },
    draw: (test, canvas) => {
      const context = sized(canvas, devicePixelRatio, RING_ROOM, RING_ROOM);
      drawRing(context, test?.gap ?? null, test?.side);
    },
    done: (result) => seenOf("acuity", result),
  }),
  new RingTest(part("colours"), {
    make: () => new DotsTest(),
    draw: (test, canvas) => {
      const context = sized(canvas, devicePixelRatio, DOTS_ROOM, DOTS_ROOM);
      drawDots(context, test?.kind ?? null, test?.side, { flip: test?.flip });
    },
    done: (result) => seenOf("colour", result),
  }),
];
const tests = asksEyes ? makeTests() : [];

function seenOf(name, result) {
  eyes[name] = result;
  renderEyes();
}

function renderEyes() {
  for (const [id, name, inWords] of EYES) {
    const [result, place] = [eyes[name], $(id)];
    place.querySelector(".remove").hidden = !result;
    if (!result) continue;
    place.querySelector(".result").textContent = inWords(result);
    place.querySelector(".start").textContent = _("Repeat");
  }
}

function removeEyes(id, name) {
  delete eyes[name];
  renderEyes();
  $(id).querySelector(".result").textContent = _("It is removed as soon as you save this page.");
}

const EYES = [
  ["acuity", "acuity", acuityInWords],
  ["colours", "colour", colourInWords],
];

function acuityInWords({ decimal, limited }) {
  if (limited)
    return _("You see single pixels from where you sit (eyesight of %(decimal)s or more).", {
      decimal: ratios.format(decimal),
    });
  if (decimal === 0) return _("No ring was read. Check the distance and your glasses, then repeat.");
  return _("Eyesight of %(decimal)s in this screening.", { decimal: ratios.format(decimal) });
}

const READ = 3; // rings of a kind

function colourInWords({ control, protan, deutan, tritan }) {
  if (!control) return _("Not even the first ring was read. Please repeat.");
  const missed = [
    (protan < READ || deutan < READ) && _("red and green"),
    tritan < READ && _("blue and yellow"),
  ].filter(Boolean);
  return missed.length
    ? _("Some rings of %(colours)s were not read. That can be the screen, too.", { colours: listed(missed) })
    : _("All kinds of rings were read.");
}

/** What the form says, without what was skipped. */
function toldOf(form) {
  const names = ["light", "brightness", "blue_light", "auto_brightness", "panel"];
  const told = Object.fromEntries(
    names.map((name) => [name, form.get(`told-${name}`)]).filter(([, value]) => value),
  );
  if (distanceCm()) told.distance_cm = distanceCm();
  if (sizeBy && rememberedSize(window)) told.size_by = sizeBy;
  return told;
}

function fillIn({ told = {} }) {
  for (const [name, value] of Object.entries(told)) {
    const field = answers.elements.namedItem(`told-${name}`);
    if (field) field.value = value;
  }
}

/** The first thing that the study needs and the form does not check by itself, or null. */
function missing() {
  const needed = new Set(viewing?.asked);
  const lacks = { size: !rememberedSize(window), acuity: !eyes.acuity, colour_vision: !eyes.colour };
  return Object.keys(lacks).find((name) => needed.has(name) && lacks[name]) ?? null;
}

async function submit(event) {
  event.preventDefault();
  const lacking = missing();
  if (lacking) {
    problem(_("This study needs your answer here: %(question)s.", { question: QUESTIONS[lacking]() }));
    const where = { size: "fits", acuity: "acuity", colour_vision: "colours" }[lacking];
    ($(where).querySelector(".start:not(:disabled)") ?? $(where)).scrollIntoView({ block: "center" });
    return undefined;
  }
  const form = new FormData(answers);
  const seen = Object.fromEntries(["checkerboard", "dark", "bright"].map((name) => [name, form.get(name)]));
  $("send").disabled = true;
  const now = readConditions(window, await tested);
  const body = checkReport(now, { seen, told: toldOf(form), eyes }, new Date().toISOString());
  const answer = await send({ url: links.save, body }).catch(() => ({ status: 0, body: null }));
  refused = answer.body?.unmet ?? [];
  if (answer.status === 200 && refused.length === 0) return location.assign(links.next);
  $("send").disabled = false;
  if (answer.status === 200) {
    renderLimits(now);
    problem(
      _("Your answers are saved, but something is missing before you can begin:"),
      ...$("limits").cloneNode(true).childNodes,
    );
    return undefined;
  }
  const past = viewing?.demands
    ? []
    : [" ", element("a", { href: links.next }, _("Continue without this check"))];
  problem(problemOf(answer), ...past);
  return undefined;
}

function problem(...said) {
  $("problem").hidden = false;
  $("problem").replaceChildren(...said);
}

/** Why the answers could not be saved, and what to do. */
function problemOf({ status, body }) {
  if (status === 401) return _("You are logged out. Open your personal link again.");
  if (status === 0) return _("The server cannot be reached. Check the network, then press the button again.");
  return _("Your answers could not be saved (%(reason)s). Press the button again.", {
    reason: body?.error?.message ?? status,
  });
}

/** A canvas whose backing store is its size in device pixels; its edges are whole device pixels where possible. */
function sized(canvas, dpr, cssWidth, cssHeight) {
  const step = deviceStep(dpr) ?? 1;
  const round = (length) => Math.max(step, Math.round(length / step) * step);
  const [width, height] = [round(cssWidth), round(cssHeight)];
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  canvas.width = Math.round(width * dpr);
  canvas.height = Math.round(height * dpr);
  const { left, top } = canvas.parentElement.getBoundingClientRect();
  const shift = (offset) => Math.ceil((offset + 1) / step) * step - offset;
  canvas.style.marginLeft = `${shift(left + scrollX)}px`;
  canvas.style.marginTop = `${shift(top + scrollY)}px`;
  return canvas.getContext("2d", { alpha: false });
}

/** So wide, or less where the page is narrow. */
const fitting = (canvas, width) => Math.max(120, Math.min(width, canvas.parentElement.clientWidth - 4));

/** Left half: black and white pixels in turn; right half: the grey of equal light. */
function drawCheckerboard(canvas, dpr) {
  const context = sized(canvas, dpr, fitting(canvas, 320), 120);
  const { width, height } = canvas;
  const picture = context.createImageData(width, height);
  const pixels = new Uint32Array(picture.data.buffer);
  const half = Math.floor(width / 2);
  for (let index = 0; index < pixels.length; index += 1) {
    const x = index % width;
    const y = Math.floor(index / width);
    const value = x >= half ? HALF_LIGHT : 255 * ((x + y) % 2);
    pixels[index] = 0xff000000 | (value << 16) | (value << 8) | value;
  }
  context.putImageData(picture, 0, 0);
}

/** A row of squares on a ground of the first value. */
function drawPatches(canvas, dpr, [ground, ...values]) {
  const context = sized(canvas, dpr, fitting(canvas, 420), 90);
  const { width, height } = canvas;
  const grey = (value) => `rgb(${value} ${value} ${value})`;
  context.fillStyle = grey(ground);
  context.fillRect(0, 0, width, height);
  const side = Math.floor(height * 0.6);
  const pitch = width / values.length;
  values.forEach((value, index) => {
    context.fillStyle = grey(value);
    context.fillRect(
      Math.round(pitch * (index + 0.5) - side / 2),
      Math.round((height - side) / 2),
      side,
      side,
    );
  });
}

for (const way of answers.querySelectorAll("[name=way]"))
  way.addEventListener("change", () => {
    $("way-card").hidden = measure.by !== "card";
    $("way-ruler").hidden = measure.by !== "ruler";
  });
if (last) fillIn(last);
const known = rememberedSize(window);
if (known) measure.take(known);
if (asksEyes) {
  renderEyes();
  for (const [id, name] of EYES)
    $(id)
      .querySelector(".remove")
      .addEventListener("click", () => removeEyes(id, name));
}
render();
// What is closed has no size to draw in, and a field that is wrong has to be seen.
for (const closed of answers.querySelectorAll("details")) {
  closed.addEventListener("toggle", () => {
    measure.fit();
    render();
  });
  closed.addEventListener(
    "invalid",
    () => {
      closed.open = true;
    },
    true,
  );
}
addEventListener("resize", () => {
  measure.fit();
  render();
});
$("told-distance").addEventListener("input", render);
answers.addEventListener("submit", submit);
