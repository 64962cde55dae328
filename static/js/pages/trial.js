// The trial page: makes the parts and joins them.

import { Evidence } from "../evidence/evidence.js";
import { LimitsNote } from "../evidence/limits-note.js";
import { Reasons } from "../evidence/reasons.js";
import { getJson, makeSender } from "../page/api.js";
import { Buttons } from "../page/buttons.js";
import { Commands } from "../page/commands.js";
import { Foot } from "../page/foot.js";
import { Help } from "../page/help.js";
import { Keyboard } from "../page/keyboard.js";
import { Layout } from "../page/layout.js";
import { Messages } from "../page/messages.js";
import { dataUrl, Navigation, pageOf } from "../page/navigation.js";
import { Progress } from "../page/progress.js";
import { randomId } from "../page/random-id.js";
import { BreakReminder } from "../page/rest.js";
import { Skipped } from "../page/skipped.js";
import { StudyWatch } from "../page/study-watch.js";
import { _ } from "../page/texts.js";
import { Trial } from "../page/trial.js";
import * as pairwise from "../protocols/pairwise.js";
import * as ranking from "../protocols/ranking.js";
import * as rating from "../protocols/rating.js";
import * as slider from "../protocols/slider.js";
import * as topK from "../protocols/top_k.js";
import { Answer } from "../saving/answer.js";
import { Conflict } from "../saving/conflict.js";
import { Outbox } from "../saving/outbox.js";
import { SaveState } from "../saving/save-state.js";
import { MemoryStorage, plainStorage, safeStorage, tabName } from "../saving/storage.js";
import { INPUT } from "../viewer/arrangement.js";
import { Blink } from "../viewer/blink.js";
import { cacheBudget } from "../viewer/device-limits.js";
import { Divider } from "../viewer/divider.js";
import { LoadErrors } from "../viewer/load-errors.js";
import { Loupe } from "../viewer/loupe.js";
import { NumberBar } from "../viewer/number-bar.js";
import { Overlays } from "../viewer/overlays.js";
import { OverviewMap } from "../viewer/overview-map.js";
import { PaneLabels } from "../viewer/pane-label.js";
import { PixelExactness } from "../viewer/pixel-exactness.js";
import { Preload } from "../viewer/preload.js";
import { Regions } from "../viewer/regions.js";
import { ScaleLabel } from "../viewer/scale-label.js";
import { Pointing, Selection } from "../viewer/selection.js";
import { Stage } from "../viewer/stage.js";
import { TileCache } from "../viewer/tile-cache.js";
import { loadTile } from "../viewer/tile-loading.js";
import { Views } from "../viewer/views.js";
import { trialCommands } from "./trial-commands.js";
import { helpOf } from "./trial-help.js";

const $ = (id) => document.getElementById(id);
const QUESTIONS = {
  top_k: topK,
  ranking,
  pairwise,
  acr: rating,
  acr_hr: rating,
  dcr: rating,
  slider,
};
const READY_AFTER = 2000; // ms: whoever waits for the first view is told by then

const first = JSON.parse($("trial-data").textContent);
let { csrf } = first;
let question = null;

const trial = new Trial();
const commands = new Commands();
const messages = new Messages(trial, $("message"));
const { say } = messages;
const send = makeSender(() => csrf, renewToken);
const outbox = new Outbox({
  send,
  storage: safeStorage(),
  tab: tabName(),
  makeKey: randomId,
  delay: (act, ms) => setTimeout(act, ms),
  cancel: (timer) => clearTimeout(timer),
  spread: () => 0.75 + Math.random() / 2,
});
const answer = new Answer(outbox, {
  beside: () => ({ ...reasons.beside, ...evidence.beside }),
  hindrance: () => progress.hindrance,
  given: { agrees: (ballot) => reasons.agrees(ballot), describe: (ballot) => reasons.describe(ballot) },
  say,
});

const stage = new Stage($("stage"), new TileCache({ load: loadTile, budget: cacheBudget(navigator) }));
const selection = new Selection(say);
const views = new Views(stage, selection, say);
const overlays = new Overlays(stage);
const regions = new Regions(stage, overlays, say);
const paneLabels = new PaneLabels(stage, views, selection);
const numberBar = new NumberBar(views, selection, $("numbers"));
const loadErrors = new LoadErrors(stage, { say, reported: () => answer.saveAgain() });
const loupe = new Loupe(stage);
const map = new OverviewMap(stage, $("map"));
const blink = new Blink(stage, views, $("alternating"), say);
const divider = new Divider(stage, views, $("divider"));

const reasons = new Reasons({
  trial,
  answer,
  stage,
  selection,
  overlays,
  say,
  place: $("reasons"),
  question: () => question,
});
const evidence = new Evidence({
  trial,
  answer,
  stage,
  views,
  loadErrors,
  send,
  storage: plainStorage() ?? new MemoryStorage(),
});
const navigation = new Navigation(trial, {
  show,
  blocked,
  say,
  unsent: () => {
    answer.flush();
    return outbox.hopeful.length > 0;
  },
  answered: () => answer.answered,
});
const progress = new Progress(
  trial,
  { image: $("progress"), dot: $("answered-dot"), answered: $("answered"), left: $("left") },
  () => answer.answered,
);
const layout = new Layout(
  { bar: $("bar"), foot: $("foot"), side: $("side"), aside: $("reasons"), show: $("show") },
  (area) => stage.resize(area),
);
const buttons = new Buttons(commands, document);
const help = new Help(commands, buttons, $("help"), helpOf(trial));

/** All that can be switched on and off, in the order in which it is told of things. */
const panels = {
  messages,
  pixelExactness: new PixelExactness(stage, { say, tellAltered: () => evidence.noteAltered() }),
  layout,
  progress,
  overlays,
  loadErrors,
  loupe,
  map,
  blink,
  divider,
  paneLabels,
  numberBar,
  scaleLabel: new ScaleLabel(stage, $("scale")),
  preload: new Preload(stage, views, {
    peek: (page) => navigation.peek(page),
    next: () => trial.data.links.next,
  }),
  pointing: new Pointing(selection, stage.element),
  reasons,
  evidence,
  navigation,
  saveState: new SaveState(trial, answer, { state: $("save"), banner: $("banner") }, (other) =>
    navigation.go(pageOf(other)),
  ),
  conflict: new Conflict(answer, $("conflict")),
  skipped: new Skipped(trial, $("skipped")),
  limitsNote: new LimitsNote(trial, $("limits")),
  studyWatch: new StudyWatch(trial, { ask: getJson, changed: () => outbox.retryNow() }),
  breakReminder: new BreakReminder(trial, first.break_after ?? 0, {
    note: $("rest-note"),
    dialog: $("rest"),
  }),
  keyboard: new Keyboard(trial, commands, {
    numbers: () => (reasons.asking ? reasons.numbers : numbers()),
    asked: () => (reasons.asking ? reasons : null),
    say,
  }),
  help,
  buttons,
};
const page = {
  trial,
  commands,
  answer,
  stage,
  selection,
  views,
  paneLabels,
  numberBar,
  loadErrors,
  reasons,
  regions,
  loupe,
  map,
  blink,
  divider,
  navigation,
  layout,
  help,
  say,
  goOn,
  close,
  buttons,
  podium: $("podium"),
  foot: new Foot($("foot"), { row: $("number-row"), end: $("answering") }),
  side: $("side"),
  question: () => question,
  missing,
};

/** A fresh CSRF token; the answer to the request for it tells a judge who is logged out. */
async function renewToken() {
  const fresh = await getJson((trial.data ?? first).links.data);
  if (fresh.status === 200) csrf = fresh.body.csrf;
  return fresh;
}

function show(data) {
  if (trial.data) {
    answer.flush();
    evidence.leave();
  }
  csrf = data.csrf;
  trial.take(data);
  ask(data.question);
  answer.open(data, question.rules);
  selection.open(trial.slots);
  const sources = new Map([[INPUT, data.input.tiles], ...data.slots.map(({ slot, tiles }) => [slot, tiles])]);
  stage.open(data.image, sources);
  views.reset(trial.slots);
  trial.opened();
  regions.open(data.regions ?? []);
  buttons.render();
  stage.drawNow();
}

function ask(asked) {
  if (question?.asked === JSON.stringify(asked)) return;
  question?.disable();
  question = QUESTIONS[asked.kind].enable(page);
  question.asked = JSON.stringify(asked);
  trial.noun = question.noun ?? "image";
}

/** What digits mean: the number of a candidate, unless the question has a use of its own for them. */
function numbers() {
  return (
    question.numbers ?? {
      most: trial.slots.length,
      take: (slot) => views.press(slot),
      none: (slot) => _("There is no candidate %(slot)s.", { slot }),
    }
  );
}

/** Why the judge cannot go on, or null. */
function blocked() {
  return trial.shut ? null : (missing() ?? loadErrors.reason ?? evidence.missing);
}

/** Why the answer is not complete, or null. */
function missing() {
  return question.missing ?? reasons.missing;
}

function goOn() {
  answer.flush();
  // What was looked at after the last answer may be what makes it complete: it has to be sent too.
  if (!blocked() && evidence.wantsAllSeen) answer.saveAgain();
  navigation.next();
}

/** Close what is open; at last the view. */
function close() {
  if (reasons.cancel()) return;
  if (reasons.shown) reasons.show(false);
  else if (loupe.factor) loupe.set(0);
  else views.enter("grid");
}

answer.addEventListener("count", () => progress.render());
answer.addEventListener("closed", () => trial.follow({ ...trial.data, open: false }));
// What the buttons say depends on all of these.
answer.addEventListener("change", () => buttons.render());
trial.addEventListener("state", () => buttons.render());
views.addEventListener("change", () => buttons.render());
stage.addEventListener("view", () => buttons.render());
for (const name of ["shown", "given"]) reasons.addEventListener(name, () => buttons.render());
for (const panel of Object.values(panels)) panel.addEventListener("switched", () => buttons.render());
addEventListener("online", () => {
  outbox.retryNow();
  stage.cache.retry();
});
// What a browser does to a page that sleeps or is kept for the way back is its own affair: draw it again.
addEventListener("pageshow", () => stage.refresh());
document.addEventListener("visibilitychange", () => (document.hidden ? answer.flush() : stage.refresh()));
addEventListener("pagehide", () => answer.flush());

outbox.recover();
for (const panel of Object.values(panels)) if (panel !== buttons) panel.enable();
show(first);
commands.add(trialCommands(page));
buttons.enable();

// Ready: the first view is drawn, or takes so long that whoever waits should rather be told.
function sayReady() {
  document.documentElement.dataset.ready ??= dataUrl(location.pathname) ?? "";
}
stage.addEventListener("painted", () => stage.complete && sayReady());
setTimeout(sayReady, READY_AFTER);

// For the benchmark, the tests and the curious.
export { page, panels, stage };
