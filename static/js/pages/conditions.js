// The check of the viewing conditions: shows what the browser knows, lets the judge confirm what only eyes can.

import { advice, checkReport, readConditions, tooSmall } from "../evidence/conditions.js";
import { drawCheckerboard, drawPatches } from "../evidence/test-patterns.js";
import { makeSender } from "../page/api.js";
import { element } from "../page/dom.js";

const $ = (id) => document.getElementById(id);
const { links, csrf } = JSON.parse($("conditions-data").textContent);
const send = makeSender(
  () => csrf,
  async () => {},
);

const GAMUTS = { rec2020: "wider than P3 (Rec. 2020)", p3: "P3", srgb: "sRGB", less: "less than sRGB" };

function render() {
  const now = readConditions(window);
  const rows = [
    ["Device pixels to a CSS pixel", `${Math.round(now.dpr * 1000) / 1000}`],
    ["Browser zoom (estimated)", now.zoom ? `${Math.round(now.zoom * 100)} %` : "not known"],
    [
      "Window",
      `${now.width} x ${now.height} CSS pixels, ${Math.round(now.width * now.dpr)} x ${Math.round(now.height * now.dpr)} device pixels`,
    ],
    ["Screen", `${now.screen.join(" x ")} CSS pixels, ${now.depth} bits a pixel`],
    ["Colour gamut", GAMUTS[now.gamut]],
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
    ...(list.length ? list : ["Nothing to improve that the browser knows of."]).map((text) =>
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
    element("a", { href: links.next }, "Go on without this check"),
  );
  return undefined;
}

/** Why the answers could not be saved, and what to do. */
function problemOf({ status, body }) {
  if (status === 401) return "You are logged out. Open your personal link again.";
  if (status === 0) return "The server cannot be reached. Check the network, then press the button again.";
  return `The answers could not be saved: ${body?.error?.message ?? `the server answered ${status}`} Press the button again.`;
}

render();
addEventListener("resize", render);
$("answers").addEventListener("submit", submit);
