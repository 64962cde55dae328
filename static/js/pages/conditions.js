// The check of the viewing conditions: shows what the browser knows, lets the judge confirm what only eyes can.

import { advice, checkReport, readConditions, tooSmall } from "../evidence/conditions.js";
import { makeSender } from "../page/api.js";
import { element } from "../page/dom.js";
import { _, language, percent } from "../page/texts.js";
import { deviceStep } from "../viewer/geometry.js";

const $ = (id) => document.getElementById(id);
const { links, csrf } = JSON.parse($("conditions-data").textContent);
const send = makeSender(
  () => csrf,
  async () => {},
);

const HALF_LIGHT = 188; // of white, in sRGB
const ratios = new Intl.NumberFormat(language, { maximumFractionDigits: 3 });
const GAMUTS = { rec2020: _("wider than P3 (Rec. 2020)"), p3: "P3", srgb: "sRGB", less: _("less than sRGB") };

function render() {
  const now = readConditions(window);
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
    [_("Colour gamut"), GAMUTS[now.gamut]],
  ];
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
  drawCheckerboard($("checkerboard"), now.dpr);
  drawPatches($("dark"), now.dpr, [0, 2, 4, 6, 8, 12]);
  drawPatches($("bright"), now.dpr, [255, 253, 251, 249, 247, 243]);
}

async function submit(event) {
  event.preventDefault();
  const form = new FormData($("answers"));
  const seen = Object.fromEntries(["checkerboard", "dark", "bright"].map((name) => [name, form.get(name)]));
  $("send").disabled = true;
  const body = checkReport(readConditions(window), seen, new Date().toISOString());
  const answer = await send({ url: links.save, body }).catch(() => ({ status: 0, body: null }));
  if (answer.status === 200) return location.assign(links.next);
  $("send").disabled = false;
  $("problem").hidden = false;
  $("problem").replaceChildren(
    problemOf(answer),
    " ",
    element("a", { href: links.next }, _("Continue without this check")),
  );
  return undefined;
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

/** Left half: black and white pixels in turn; right half: the grey of equal light. */
function drawCheckerboard(canvas, dpr) {
  const context = sized(canvas, dpr, 320, 120);
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
  const context = sized(canvas, dpr, 420, 90);
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

render();
addEventListener("resize", render);
$("answers").addEventListener("submit", submit);
