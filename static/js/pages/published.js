// The page of a published image: the judging page's viewer over files, with the names of the teams. It only reads.

import { Buttons } from "../page/buttons.js";
import { Commands } from "../page/commands.js";
import { Help } from "../page/help.js";
import { Keyboard } from "../page/keyboard.js";
import { Layout } from "../page/layout.js";
import { Messages } from "../page/messages.js";
import { _, ordinal } from "../page/texts.js";
import { readAddress, writeAddress } from "../published/address.js";
import { Cast } from "../published/cast.js";
import { Marks } from "../published/marks.js";
import { TeamList } from "../published/team-list.js";
import { Choice, TryIt } from "../published/try-it.js";
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
import { snapScale } from "../viewer/scale.js";
import { ScaleLabel } from "../viewer/scale-label.js";
import { Pointing, Selection } from "../viewer/selection.js";
import { Stage } from "../viewer/stage.js";
import { TileCache } from "../viewer/tile-cache.js";
import { loadTileFile } from "../viewer/tile-loading.js";
import { Views } from "../viewer/views.js";
import { publishedCommands } from "./published-commands.js";

const $ = (id) => document.getElementById(id);
const WRITTEN_AFTER = 250; // ms: browsers take only so many addresses a second
const WIDE = 1200; // CSS px: from there on the list of teams is open at first
const NARROW = 700;
const IN_A_NARROW_ONE = 3;

const data = JSON.parse($("published").textContent);
const image = {
  width: data.width,
  height: data.height,
  tile: data.tile,
  levels: data.levels,
  suffix: data.suffix,
};
const first = data.reference ?? data.input;

/** The image on the stage, as the parts of the page ask for it. */
class Picture extends EventTarget {
  data = data;
  shut = false;

  get slots() {
    return cast.slots;
  }

  opened() {
    this.dispatchEvent(new Event("open"));
  }
}

const cast = new Cast(data.candidates, innerWidth < NARROW ? { room: IN_A_NARROW_ONE } : {});
const picture = new Picture();
const commands = new Commands();
const messages = new Messages(picture, $("message"));
const { say } = messages;

const stage = new Stage($("stage"), new TileCache({ load: loadTileFile, budget: cacheBudget(navigator) }));
const selection = new Selection(say);
const views = new Views(stage, selection, say);
const overlays = new Overlays(stage);
const regions = new Regions(stage, overlays, say);
const paneLabels = new PaneLabels(stage, views, selection);
const numberBar = new NumberBar(views, selection, $("numbers"));
const loadErrors = new LoadErrors(stage, { say });
const loupe = new Loupe(stage);
const map = new OverviewMap(stage, $("map"));
const blink = new Blink(stage, views, $("alternating"), say);
const divider = new Divider(stage, views, $("divider"));
const layout = new Layout(
  { bar: $("bar"), foot: $("foot"), side: $("side"), aside: $("aside"), show: $("show") },
  (area) => stage.resize(area),
);
const buttons = new Buttons(commands, document);
const help = new Help(commands, buttons, $("help"), { slots: () => cast.all.length });
const teamList = new TeamList(cast, $("side"), say);
const answer = new Choice(say);
const marks = new Marks({
  cast,
  stage,
  views,
  selection,
  overlays,
  place: $("marks-panel"),
  marks: data.marks ?? [],
  regions: data.regions ?? [],
});
const page = {
  trial: picture,
  commands,
  answer,
  stage,
  selection,
  views,
  paneLabels,
  numberBar,
  loadErrors,
  regions,
  loupe,
  map,
  blink,
  divider,
  layout,
  help,
  teamList,
  marks,
  podium: $("podium"),
  say,
  leave,
  close,
};
const tryIt = new TryIt({
  page,
  cast,
  place: $("result"),
  shelf: shelf(),
  name: `studyapp ${location.pathname}`,
});
page.tryIt = tryIt;

/** All that can be switched on and off, in the order in which it is told of things. */
const panels = {
  messages,
  pixelExactness: new PixelExactness(stage, { say }),
  layout,
  overlays,
  loadErrors,
  loupe,
  map,
  blink,
  divider,
  paneLabels,
  numberBar,
  scaleLabel: new ScaleLabel(stage, $("scale")),
  preload: new Preload(stage, views, { peek: async () => null, next: () => null }),
  pointing: new Pointing(selection, stage.element),
  teamList,
  marks,
  tryIt,
  keyboard: new Keyboard(picture, commands, { numbers, say }),
  help,
  buttons,
};

/** Numbers mean candidates; one that is not shown says so. */
function numbers() {
  return {
    most: cast.numbered.size,
    take: (slot) => (cast.slots.includes(slot) ? views.press(slot) : say(notShown(slot))),
    none: (slot) => _("There is no candidate %(slot)s.", { slot }),
  };
}

const notShown = (slot) =>
  _("%(team)s is not shown. Tick it in the list of teams (T).", { team: cast.numbered.get(slot).name });

let numbering = null;
let members = "";

/** Take up who is shown now, and under which numbers. */
function show() {
  const now = [...cast.numbered.values()].map(({ key }) => key);
  const renumbered = String(now) !== numbering;
  stage.names = cast.names;
  if (renumbered) open(now);
  else if (String(cast.inOrder) !== members) arrange(shown());
  members = String(cast.inOrder);
  noteNames();
  tellAll();
}

/** Other numbers: everything begins anew, at the same spot. Who stood where would tell who is who. */
function open(now) {
  const before = stage.image && !stage.fitted ? stage.view : null;
  numbering = String(now);
  const candidates = [...cast.numbered].map(([slot, { base }]) => [slot, base]);
  stage.open(image, new Map(first ? [[INPUT, first.base], ...candidates] : candidates));
  arrange({ mode: "grid", slots: [] });
  if (before) stage.goTo(before.cx, before.cy, before.scale);
  regions.open(
    (data.regions ?? []).map(({ x, y, width, height }) => [x, y, width, height]),
    { stay: true },
  );
  picture.opened();
}

/** What the view shows: its name and, where it does not show all, its candidates. */
const shown = () => ({ mode: views.mode, slots: views.mode === "grid" ? [] : views.shown });

function arrange({ mode, slots }) {
  selection.open(cast.slots);
  views.reset(cast.slots);
  const wanted = slots.filter((slot) => cast.slots.includes(slot));
  for (const slot of wanted.toReversed()) selection.choose(slot);
  if (mode !== "grid" && views.offers(mode)) views.enter(mode, { shift: wanted.length > 2 });
}

/** Names and places beside the numbers, unless they are hidden: then the question says what stands there. */
function noteNames() {
  if (cast.hidden) return;
  stage.hasReference = Boolean(data.reference);
  numberBar.noteOf = (slot) => {
    const { name, place } = cast.numbered.get(slot);
    return { short: name, long: place && _("%(place)s place in this image", { place: ordinal(place) }) };
  };
  paneLabels.setBeside((slot) => {
    const { place, words } = cast.numbered.get(slot);
    const label = document.createElement("span");
    label.className = "score";
    label.title = words;
    label.textContent = place ? ordinal(place) : "–";
    return { nodes: [label], mark() {} };
  });
  numberBar.render();
}

/** The address says what is compared and where, and the ways to the other images carry it on. */
function written() {
  const { cx: x, cy: y, scale } = stage.view;
  const over = [marks.regionsShown && "regions", marks.listed && "marks"].filter(Boolean);
  return writeAddress({
    teams: cast.chosen,
    view: views.mode,
    // Which number stands where would tell whose it is.
    shown:
      cast.sequence || views.mode === "grid"
        ? []
        : views.shown.filter((slot) => slot !== INPUT).map((slot) => cast.numbered.get(slot).key),
    order: cast.order,
    over,
    at: stage.fitted ? null : { x, y, scale },
    blind: cast.sequence !== null,
  });
}

let writing = null;

function follow() {
  clearTimeout(writing);
  writing = setTimeout(write, WRITTEN_AFTER);
}

function write() {
  clearTimeout(writing);
  const hash = written();
  if (hash !== location.hash) history.replaceState(null, "", hash || location.pathname + location.search);
  for (const way of ["previous", "next"]) if (data[way]) $(way).href = data[way] + hash;
}

function read() {
  const { teams, view, shown: keys, order, over, at, blind } = readAddress(location.hash);
  tryIt.stop();
  Object.assign(marks, {
    regionsShown: over.includes("regions") && marks.regions.length > 0,
    listed: over.includes("marks") && marks.marks.length > 0,
  });
  numbering = null;
  cast.take(teams, order);
  if (blind) tryIt.start();
  arrange({ mode: view, slots: cast.sequence ? [] : keys.map((key) => cast.slotOf(key)) });
  if (at) stage.goTo(at.x, at.y, snapScale(at.scale, stage.fitScale));
  tellAll();
}

function leave(way) {
  if (!data[way]) return say(way === "next" ? _("This is the last one.") : _("This is the first one."));
  write();
  return $(way).click();
}

/** Close what is open; at last the view. */
function close() {
  if (loupe.factor) loupe.set(0);
  else if (marks.listed) marks.list(false);
  else views.enter("grid");
}

function tellAll() {
  const beside = !$("marks-panel").hidden || !$("result").hidden;
  $("aside").hidden = !beside;
  $("trying").hidden = tryIt.state !== "picking";
  $("kept").hidden = tryIt.state !== "picking";
  buttons.render();
  follow();
}

function shelf() {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

function start() {
  views.setLayout({
    grid: () => (first ? [INPUT, ...cast.inOrder] : cast.inOrder),
    shortlist: false,
  });
  cast.addEventListener("change", show);
  if (innerWidth >= WIDE) teamList.show(true);
  for (const panel of Object.values(panels)) if (panel !== buttons) panel.enable();
  read();
  commands.add(publishedCommands(page));
  buttons.enable();
  addEventListener("hashchange", read);
  addEventListener("online", () => stage.cache.retry());
  addEventListener("pageshow", () => stage.refresh());
  document.addEventListener("visibilitychange", () => document.hidden || stage.refresh());
  for (const name of ["change", "shown"]) views.addEventListener(name, tellAll);
  stage.addEventListener("view", tellAll);
  answer.addEventListener("change", tellAll);
  tryIt.addEventListener("changed", tellAll);
  for (const panel of [teamList, marks]) panel.addEventListener("shown", tellAll);
  for (const panel of Object.values(panels)) panel.addEventListener("switched", () => buttons.render());
  stage.drawNow();
  $("unstarted").remove();
}

// Elsewhere the page goes on saying what it needs.
if ("createImageBitmap" in globalThis) start();

// For the tests and the curious.
export { cast, page, stage };
