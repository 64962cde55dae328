// The trial page: makes the parts and joins them.

import { getJson, makeSender } from "../lib/api.js";
import { Chips } from "../lib/chips.js";
import { Conflict } from "../lib/conflict.js";
import { setText } from "../lib/dom.js";
import { Help } from "../lib/help.js";
import { Keyboard } from "../lib/keyboard.js";
import { Messages } from "../lib/messages.js";
import { Outbox } from "../lib/outbox.js";
import { Podium } from "../lib/podium.js";
import { Readout } from "../lib/readout.js";
import { SaveState } from "../lib/save-state.js";
import { Session } from "../lib/session.js";
import { Stage } from "../lib/stage.js";
import { safeStorage, tabName } from "../lib/storage.js";
import { TileCache, loadTile } from "../lib/tile-cache.js";
import { Travel, dataUrl } from "../lib/travel.js";

const $ = (id) => document.getElementById(id);
const INPUT = 0;

const send = makeSender(() => session.data.csrf, async () => {
  const fresh = await getJson(session.data.links.data);
  if (fresh.status === 200) session.data.csrf = fresh.body.csrf;
});
const outbox = new Outbox({
  send, storage: safeStorage(), tab: tabName(), makeKey: () => crypto.randomUUID(), now: Date.now,
  delay: (act, ms) => setTimeout(act, ms), cancel: (timer) => clearTimeout(timer),
});
const session = new Session(outbox);
const stage = new Stage($("stage"), new TileCache({ load: loadTile }));
const travel = new Travel(session, { show, blocked });
const help = new Help(session, $("help"));
const saveState = new SaveState(session, $("save"), $("banner"));

new Chips(session, stage);
new Podium(session, $("podium"));
new Messages(session, $("message"));
new Readout(stage, $("scale"));
new Conflict(session, $("conflict"));

const pan = (x, y) => ({ shift }) => stage.panBy(-x * stage.size.width * (shift ? 0.8 : 0.2), -y * stage.size.height * (shift ? 0.8 : 0.2));
const actions = {
  choose: (slot) => session.pick(slot),
  place: ({ value }) => session.placeAt(value),
  "place-next": () => session.placeNext(),
  undo: () => session.undo(),
  next: () => travel.next(),
  previous: () => travel.previous(),
  fit: () => stage.fit(),
  "one-to-one": () => stage.zoomTo(1),
  "zoom-in": () => stage.zoomStep(1),
  "zoom-out": () => stage.zoomStep(-1),
  "pan-left": pan(-1, 0), "pan-right": pan(1, 0), "pan-up": pan(0, -1), "pan-down": pan(0, 1),
  help: () => help.toggle(),
  hide: () => { document.body.classList.toggle("bare"); layOut(); },
};
const keyboard = new Keyboard(session, actions);

function show(data) {
  session.load(data);
  const sources = new Map([[INPUT, data.input.tiles], ...data.slots.map(({ slot, tiles }) => [slot, tiles])]);
  stage.show([INPUT, ...session.slots]);
  stage.open(data.image, sources);
  setText($("progress"), data.kind === "practice" ? "Practice, not counted" : `Image ${data.position} of ${data.total}`);
  document.title = data.kind === "practice" ? "Practice" : `Image ${data.position} of ${data.total}`;
  $("previous").disabled = !data.links.previous;
  countAnswered();
  render();
}

function render() {
  const reason = session.incomplete;
  $("next").setAttribute("aria-disabled", String(Boolean(reason)));
  $("next").title = reason ?? "Next image";
  $("undo").setAttribute("aria-disabled", String(!session.history.canUndo(session.picks)));
}

/** The server's count when this trial was fetched, and this trial when it has been finished since. */
function countAnswered() {
  const { data } = session;
  if (data.kind === "practice") return setText($("answered"), "");
  const before = data.ballot.picks.length === data.places;
  const now = session.picks.length === data.places;
  return setText($("answered"), `${data.answered + Number(now) - Number(before)} of ${data.total} done`);
}

function blocked() {
  return session.readOnly ? null : session.incomplete;
}

function layOut() {
  const top = document.body.classList.contains("bare") ? 0 : $("bar").offsetHeight;
  stage.resize({ left: 0, top, width: innerWidth, height: innerHeight - top });
}

session.addEventListener("picks", () => { render(); countAnswered(); });
stage.addEventListener("choose", ({ detail }) => detail.slot !== INPUT && session.choose(detail.slot));
$("next").onclick = () => travel.next();
$("previous").onclick = () => travel.previous();
$("undo").onclick = () => session.undo();
$("help-button").onclick = () => help.toggle();
$("fit").onclick = () => stage.fit();
$("one-to-one").onclick = () => stage.zoomTo(1);
addEventListener("resize", layOut);
addEventListener("online", () => outbox.retryNow());
// A button that was clicked gives the keyboard back, so that Enter goes on meaning "place".
document.addEventListener("click", (event) => event.detail > 0 && event.target.closest("button")?.blur());

layOut();
show(JSON.parse($("trial-data").textContent));
outbox.recover().filter((lane) => lane.trial === session.data.trial).forEach(() => show(session.data));
keyboard.enable();
travel.enable();
saveState.enable();
document.documentElement.dataset.ready = dataUrl(location.pathname) ?? "";
