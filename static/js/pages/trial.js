// The trial page: makes the parts and joins them.

import { alteredReport, changeReport } from "../evidence/conditions.js";
import { ConditionsWatch } from "../evidence/conditions-watch.js";
import { Looking } from "../evidence/looking.js";
import { ReasonsPanel } from "../evidence/reasons-panel.js";
import { Evidence } from "../evidence/reports.js";
import { getJson, makeSender } from "../page/api.js";
import { setText } from "../page/dom.js";
import { Help } from "../page/help.js";
import { Keyboard } from "../page/keyboard.js";
import { Messages } from "../page/messages.js";
import { dataUrl, pageOf, Travel } from "../page/navigation.js";
import { Opening } from "../page/opening.js";
import { timeLeft } from "../page/pace.js";
import { randomId } from "../page/random-id.js";
import { Rest } from "../page/rest.js";
import { ignoreSecondClicks } from "../page/second-click.js";
import { Skipped } from "../page/skipped.js";
import { StudyWatch } from "../page/study-watch.js";
import { NumberDrag } from "../protocols/number-drag.js";
import { Podium } from "../protocols/podium.js";
import { Conflict } from "../saving/conflict.js";
import { Outbox } from "../saving/outbox.js";
import { SaveState } from "../saving/save-state.js";
import { Session } from "../saving/session.js";
import { MemoryStorage, plainStorage, safeStorage, tabName } from "../saving/storage.js";
import { Blink } from "../viewer/blink.js";
import { Divider } from "../viewer/divider.js";
import { Drawn } from "../viewer/drawn.js";
import { Trouble } from "../viewer/load-errors.js";
import { Loupe } from "../viewer/loupe.js";
import { Rail } from "../viewer/number-bar.js";
import { Overlays } from "../viewer/overlays.js";
import { OverviewMap } from "../viewer/overview-map.js";
import { Chips } from "../viewer/pane-label.js";
import { PictureAlarm } from "../viewer/picture-alarm.js";
import { Fault } from "../viewer/pixel-exactness.js";
import { Pointing } from "../viewer/pointing.js";
import { Preload } from "../viewer/preload.js";
import { Regions } from "../viewer/regions.js";
import { Readout } from "../viewer/scale-label.js";
import { Stage } from "../viewer/stage.js";
import { loadTile, TileCache } from "../viewer/tile-cache.js";
import { ViewButtons } from "../viewer/view-buttons.js";
import { Views } from "../viewer/views.js";

const $ = (id) => document.getElementById(id);
const INPUT = 0;
const BREAK = "You have been judging for a while. A short break rests the eyes; everything saved stays.";

const first = JSON.parse($("trial-data").textContent);
let { csrf } = first;
const send = makeSender(
  () => csrf,
  async () => {
    const fresh = await getJson((session.data ?? first).links.data);
    if (fresh.status === 200) csrf = fresh.body.csrf;
    return fresh;
  },
);
const outbox = new Outbox({
  send,
  storage: safeStorage(),
  tab: tabName(),
  makeKey: randomId,
  delay: (act, ms) => setTimeout(act, ms),
  cancel: (timer) => clearTimeout(timer),
  spread: () => 0.75 + Math.random() / 2,
});
const evidence = new Evidence({ send, storage: plainStorage() ?? new MemoryStorage() });
const session = new Session(outbox);
const stage = new Stage($("stage"), new TileCache({ load: loadTile }));
const travel = new Travel(session, { show, blocked });
const help = new Help(session, $("help"), () => setBare(true, true));
const saveState = new SaveState(session, $("save"), $("banner"), (trial) => travel.go(pageOf(trial)));

const views = new Views(session, stage);
const blink = new Blink(session, stage, views, {
  rate: $("rate"),
  peek: $("peek"),
  alternate: $("alternate"),
});
const divider = new Divider(stage, views, $("divider"));
const loupe = new Loupe(stage, $("loupe"));
const map = new OverviewMap(stage, $("map"), $("map-button"));

const overlays = new Overlays(stage);
const reasons = new ReasonsPanel(session, stage, overlays, $("reasons"), $("reasons-button"));
const regions = new Regions(session, stage, overlays);
const looking = new Looking(session, stage, views);
const trouble = new Trouble(session, stage);
const drag = new NumberDrag(session);
const opening = new Opening(session, $("progress"));
const drawn = new Drawn(session, stage, trouble);
const pointing = new Pointing(session, stage.element);
session.hindrance = () => opening.reason;
session.unseen = (slot) => drawn.reason(slot);
new PictureAlarm(session, stage, () => noteConditions(alteredReport));
const study = new StudyWatch(session, { ask: getJson, changed: () => outbox.retryNow() });
const watch = new ConditionsWatch((changed) =>
  noteConditions((trial, at) => changeReport(trial, at, changed)),
);

function noteConditions(report) {
  const { trial, links } = session.data;
  if (links.conditions) evidence.note(randomId(), links.conditions, report(trial, new Date().toISOString()));
}

// The server says by `tags` and `rule` that it keeps reasons and evidence of looking.
session.collect = () => ({
  ...(reasons.enabled ? { reasons: reasons.list } : {}),
  ...(session.data.rule ? { looking: carried(lookedAt()) } : {}),
});
const lookedAt = () => ({ ...looking.report(), reported: [...trouble.reported] });

function carried(report) {
  evidence.carry(report);
  return report;
}

/** What was looked at after the last pick has no ballot to go with. */
function leaveTrial(options) {
  const url = session.data?.links.looking;
  if (url && !session.readOnly) evidence.leave(url, lookedAt(), options);
}

new Fault(stage);
new Chips(session, stage, views);
new Rail(session, views, $("rail"));
new ViewButtons(views, $("views"));
new Preload(session, stage, views, travel);
new Podium(session, $("podium"));
new Messages(session, $("message"));
new Readout(stage, $("scale"));
new Conflict(session, $("conflict"));
new Skipped(session, $("skipped"));

const pan =
  (x, y) =>
  ({ shift }) =>
    stage.panBy(-x * stage.size.width * (shift ? 0.8 : 0.2), -y * stage.size.height * (shift ? 0.8 : 0.2));
const actions = {
  choose: (slot) => views.act(slot),
  place: ({ value }) => session.placeAt(value),
  "place-next": () => session.placeNext(),
  undo: () => session.undo(),
  next: goOn,
  previous: () => travel.previous(),
  fit: () => stage.fit(),
  "one-to-one": () => stage.zoomTo(1),
  "zoom-in": () => stage.zoomStep(1),
  "zoom-out": () => stage.zoomStep(-1),
  "pan-left": pan(-1, 0),
  "pan-right": pan(1, 0),
  "pan-up": pan(0, -1),
  "pan-down": pan(0, 1),
  grid: () => views.enter("grid"),
  shortlist: () => views.enter("shortlist"),
  versus: (event) => views.enter("versus", event),
  blink: () => views.enter("blink"),
  divider: () => views.enter("split"),
  keep: () => views.toggleMark(),
  cycle: ({ shift }) => session.cycle(shift ? -1 : 1),
  loupe: () => loupe.cycle(),
  map: () => map.toggle(),
  region: regions.step,
  reasons: () => reasons.toggle(),
  escape: () => {
    if (!$("reasons").hidden) reasons.close();
    else if (loupe.factor) loupe.set(0);
    else views.enter("grid");
  },
  help: () => help.toggle(),
  "no-digits": () => session.say("NumLock is off: the number pad types no digits."),
  hide: () => setBare(!document.body.classList.contains("bare")),
};
const keyboard = new Keyboard(session, actions, { peek: blink.peek, alternate: blink.alternate });

function show(data) {
  if (session.data) reasons.flush();
  leaveTrial();
  csrf = data.csrf;
  session.load(data);
  const sources = new Map([[INPUT, data.input.tiles], ...data.slots.map(({ slot, tiles }) => [slot, tiles])]);
  stage.open(data.image, sources);
  views.reset(session.slots);
  map.reset();
  regions.begin();
  $("region-button").hidden = !regions.list.length;
  document.title = data.kind === "practice" ? "Practice" : opening.name;
  $("previous").disabled = !data.links.previous;
  countAnswered();
  render();
  stage.drawNow();
}

function render() {
  const reason = session.incomplete;
  $("next").setAttribute("aria-disabled", String(Boolean(reason)));
  $("next").title = reason ?? "Next image";
  $("undo").setAttribute("aria-disabled", String(!session.history.canUndo(session.picks)));
}

function countAnswered() {
  const practice = session.data.kind === "practice";
  $("answered-dot").hidden = practice;
  setText($("answered"), practice ? "" : `${session.answered} done`);
  const left = practice ? "" : timeLeft(session.data.pace, session.data.total - session.answered);
  setText($("left"), left && ` · ${left}`);
  $("progress").title = left ? `All your images (${left})` : "All your images";
}

function blocked() {
  if (session.readOnly) return null;
  return session.incomplete ?? trouble.reason ?? notSeen();
}

/** The study's rule that every candidate be seen at 1:1, where it has one. */
function notSeen() {
  if (!session.data.rule?.see_all_at_1_1 || session.accepted) return null;
  const unseen = looking.unseen.filter((slot) => !trouble.reported.has(slot));
  return unseen.length
    ? `Look at every candidate at 1:1 first: ${unseen.join(", ")} ${unseen.length > 1 ? "are" : "is"} missing.`
    : null;
}

function goOn() {
  // What was looked at after the last pick may be what makes the ballot complete: it has to be sent too.
  if (!blocked() && session.data.rule?.see_all_at_1_1 && !session.accepted) session.saveExtras();
  travel.next();
}

function sayReady() {
  document.documentElement.dataset.ready ??= dataUrl(location.pathname) ?? "";
}

/** Hide or show the controls. Who hid them with the mouse gets a button to bring them back. */
function setBare(bare, withButton = false) {
  document.body.classList.toggle("bare", bare);
  $("show").hidden = !(bare && withButton);
  layOut();
}

/** A window dragged to a screen of another pixel ratio keeps its size in CSS pixels: no resize event tells. */
function watchRatio() {
  layOut();
  matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener("change", watchRatio, { once: true });
}

function layOut() {
  const top = document.body.classList.contains("bare") ? 0 : $("bar").offsetHeight;
  const aside = $("reasons").hidden ? 0 : $("reasons").offsetWidth;
  $("reasons").style.top = `${top}px`;
  stage.resize({ left: 0, top, width: innerWidth - aside, height: innerHeight - top });
}

session.addEventListener("picks", render);
session.addEventListener("count", countAnswered);
stage.addEventListener("fault", () => stage.fault && session.say(stage.fault, { urgent: true }));
stage.addEventListener("choose", ({ detail }) => detail.slot !== INPUT && session.choose(detail.slot));
$("next").onclick = goOn;
$("previous").onclick = () => travel.previous();
$("undo").onclick = () => session.undo();
$("help-button").onclick = () => help.toggle();
$("fit").onclick = () => stage.fit();
$("one-to-one").onclick = () => stage.zoomTo(1);
$("reasons-button").onclick = () => reasons.toggle();
$("region-button").onclick = () => regions.step();
$("zoom-in").onclick = () => stage.zoomStep(1);
$("zoom-out").onclick = () => stage.zoomStep(-1);
$("show").onclick = () => setBare(false);
$("loupe").onclick = () => loupe.cycle();
$("map-button").onclick = () => map.toggle();
addEventListener("resize", layOut);
for (const part of ["bar", "reasons"]) new ResizeObserver(layOut).observe($(part));
views.addEventListener("change", () => {
  $("alternating").hidden = !views.blinking;
});
addEventListener("online", () => {
  outbox.retryNow();
  evidence.catchUp();
  stage.cache.retry();
});
// What a browser does to a page that sleeps or is kept for the way back is its own affair: draw it again.
addEventListener("pageshow", () => stage.refresh());
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  stage.refresh();
  study.look();
});
addEventListener("pagehide", () => {
  reasons.flush();
  leaveTrial({ outlive: true });
});
document.addEventListener("visibilitychange", () => document.hidden && leaveTrial({ outlive: true }));
// A button that was clicked gives the keyboard back, so that Enter goes on meaning "place".
document.addEventListener("click", (event) => event.detail > 0 && event.target.closest("button")?.blur());

const rest = new Rest(first.break_after ?? 0, performance.now() / 1000);
for (const name of ["pointerdown", "keydown", "wheel"])
  addEventListener(name, () => rest.wake(performance.now() / 1000) && session.say(BREAK), { passive: true });

watchRatio();
outbox.recover();
show(first);
evidence.catchUp();
keyboard.enable();
pointing.enable();
ignoreSecondClicks(document);
blink.enable();
divider.enable();
drag.enable();
watch.enable();
study.enable(
  (act, seconds) => setInterval(act, seconds * 1000),
  () => !document.hidden,
);
travel.enable();
// Ready: the first view is drawn, or takes so long that whoever waits should rather be told.
stage.addEventListener("painted", () => stage.complete && sayReady());
setTimeout(sayReady, 2000);

// For the benchmark and the curious.
export { session, stage, views };
