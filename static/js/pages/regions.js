// Drawing regions of interest on an input.

import { makeSender } from "../page/api.js";
import { element, setText } from "../page/dom.js";
import { _ } from "../page/texts.js";
import { rectBetween } from "../viewer/geometry.js";
import { levelFor, tileRect, tilesInView, tileUrl } from "../viewer/tiles.js";

const $ = (id) => document.getElementById(id);
const data = JSON.parse($("regions-data").textContent);
const { image } = data;
const canvas = $("input");
const context = canvas.getContext("2d");
const send = makeSender(
  () => data.csrf,
  async () => {},
);
const EDGES = [
  (number) => _("Region %(number)s, x", { number }),
  (number) => _("Region %(number)s, y", { number }),
  (number) => _("Region %(number)s, width", { number }),
  (number) => _("Region %(number)s, height", { number }),
];

const regions = data.regions.map((rect) => [...rect]);
let drawing = null;

const scale = Math.min(1, canvas.parentElement.clientWidth / image.width, (innerHeight * 0.7) / image.height);
canvas.width = Math.round(image.width * scale);
canvas.height = Math.round(image.height * scale);
const picture = document.createElement("canvas");
Object.assign(picture, { width: canvas.width, height: canvas.height });

async function load() {
  const view = { cx: image.width / 2, cy: image.height / 2, scale };
  const tiles = tilesInView(image, view, picture, levelFor(image, scale));
  await Promise.all(
    tiles.map(async (tile) => {
      const answer = await fetch(tileUrl(image, data.tiles, tile));
      const bitmap = await createImageBitmap(await answer.blob());
      const { left, top, width, height } = tileRect(image, view, picture, tile);
      picture.getContext("2d").drawImage(bitmap, left, top, width, height);
      render();
    }),
  );
}

function render() {
  context.drawImage(picture, 0, 0);
  for (const [index, rect] of regions.entries()) outline(rect, `${index + 1}`);
  if (drawing?.rect) outline(drawing.rect, "");
}

function outline([x, y, width, height], label) {
  for (const [colour, line] of [
    ["#000", 3],
    ["#fff", 1],
  ]) {
    Object.assign(context, { strokeStyle: colour, lineWidth: line });
    context.strokeRect(x * scale, y * scale, width * scale, height * scale);
  }
  if (!label) return;
  Object.assign(context, { font: "600 14px sans-serif", fillStyle: "#000" });
  context.fillRect(x * scale, y * scale, 18, 18);
  context.fillStyle = "#fff";
  context.fillText(label, x * scale + 5, y * scale + 14);
}

function list() {
  $("rows").replaceChildren(
    ...regions.map((rect, index) =>
      element("tr", {}, [
        element("td", {}, `${index + 1}`),
        ...EDGES.map((nameOf, at) =>
          element("td", {}, [
            element("input", {
              type: "number",
              min: at < 2 ? 0 : 1,
              step: 1,
              required: true,
              value: rect[at],
              disabled: !data.editable,
              "aria-label": nameOf(index + 1),
              onchange: (event) => {
                rect[at] = Number(event.target.value);
                changed();
              },
            }),
          ]),
        ),
        element(
          "td",
          {},
          data.editable
            ? [
                element(
                  "button",
                  {
                    type: "button",
                    class: "button small",
                    "aria-label": _("Remove region %(number)s", { number: index + 1 }),
                    onclick: () => remove(index),
                  },
                  _("Remove"),
                ),
              ]
            : [],
        ),
      ]),
    ),
  );
  render();
}

function changed() {
  setText($("saved"), _("Not saved yet"));
  list();
}

function remove(index) {
  regions.splice(index, 1);
  changed();
}

function place(event) {
  const { left, top } = canvas.getBoundingClientRect();
  return { x: (event.clientX - left) / scale, y: (event.clientY - top) / scale };
}

function draw(event) {
  if (!drawing) return;
  drawing.rect = rectBetween(drawing.from, place(event), image);
  render();
}

if (data.editable) {
  canvas.addEventListener("pointerdown", (event) => {
    drawing = { from: place(event), rect: null };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", draw);
  canvas.addEventListener("pointerup", (event) => {
    draw(event);
    if (drawing?.rect) regions.push(drawing.rect);
    drawing = null;
    changed();
  });
  $("add").addEventListener("click", () => {
    regions.push([0, 0, Math.min(256, image.width), Math.min(256, image.height)]);
    changed();
  });
  $("regions").addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = await send({ url: data.save, body: { regions } }).catch(() => ({ status: 0 }));
    setText(
      $("saved"),
      answer.status === 200
        ? _("Saved")
        : (answer.body?.error?.message ?? _("Not saved: the server cannot be reached. Try again.")),
    );
  });
}

list();
load();
