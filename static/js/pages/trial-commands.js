// What the trial page can do, whatever is asked (page/commands.js says how a command is made). The question's own commands
// stand in protocols/.

import { _, range } from "../page/texts.js";

const PAN = { few: 0.2, far: 0.8 }; // of a pane

export function trialCommands(page) {
  return [...judging(page), ...choosingViews(page), ...looking(page), ...goingOn(page)];
}

const group = (name, commands) => commands.map((command) => ({ group: name, ...command }));

const judging = ({ answer, selection, reasons }) =>
  group(_("Answering"), [
    {
      id: "long-number",
      listed: (slots) => (slots > 9 ? range("1 0", [...`${slots}`].join(" ")) : null),
      does: _("Two-digit numbers; a first digit waits a second for the next (Enter: at once)"),
    },
    {
      id: "cycle",
      keys: ["C"],
      listed: () => _("Point, or C"),
      does: _("Underline a candidate: the one under the mouse, or the next (Shift C: the previous)"),
      run: ({ shift }) => selection.cycle(shift ? -1 : 1),
    },
    {
      id: "undo",
      keys: ["U", "Backspace", "Ctrl Z"],
      label: _("Undo"),
      does: _("Undo"),
      answers: true,
      again: true,
      takesBack: true,
      refusal: () => (answer.canUndo ? null : _("Nothing to undo.")),
      run: () => answer.undo(),
    },
    {
      id: "reasons",
      keys: ["Y"],
      label: _("Why"),
      listed: () => _("Y and letters"),
      does: _("Say why: a region, an attribute, then + for better or - for worse (Shift Y: a comment)"),
      panel: reasons,
      hidden: () => !reasons.asked,
      pressed: () => reasons.shown,
      run: ({ shift, mouse }) => {
        if (mouse) reasons.show(!reasons.shown);
        else if (shift) reasons.write();
        else reasons.ask();
      },
    },
  ]);

function choosingViews({ views, blink, divider, stage }) {
  const view = (mode, keys, label, does, panel) => ({
    id: mode,
    keys,
    label,
    does,
    panel,
    hidden: () => views?.offers(mode) === false,
    pressed: () => views.mode === mode,
    run: (how) => views.enter(mode, how),
  });
  return group(_("Viewing"), [
    view("grid", ["G"], _("Grid"), _("Show all candidates and the input")),
    view("shortlist", ["S"], _("Shortlist"), _("Show only the candidates on your shortlist")),
    view("versus", ["V"], _("Side by side"), _("Show two side by side; again: three, if there are more")),
    view("blink", ["B"], _("Blink"), _("Show one in the whole window; digits switch in place"), blink),
    view("split", ["D"], _("Split"), _("Show two at the same spot with a divider to drag"), divider),
    {
      id: "show-number",
      listed: (slots) => range(1, Math.min(9, slots)),
      does: _("In the other views: show that candidate"),
    },
    {
      id: "keep",
      keys: ["K"],
      does: _("Add the underlined candidate to the shortlist, or remove it"),
      hidden: () => views?.offers("shortlist") === false,
      run: () => views.toggleMark(),
    },
    {
      id: "peek",
      keys: [" "],
      listed: () => _("Space, held"),
      label: () => stage.inputName,
      does: _("Show the input instead, while held"),
      panel: blink,
      hold: (down) => blink.peek(down),
    },
    {
      id: "alternate",
      keys: ["X"],
      listed: () => _("X, held"),
      label: _("Alternate"),
      does: _("Where one picture fills the window: alternate the last two, while held"),
      panel: blink,
      hold: (down) => blink.alternate(down),
    },
    {
      id: "rate",
      label: () => _("%(rate)s/s", { rate: blink.rate }),
      does: _("Change how often pictures alternate per second"),
      panel: blink,
      again: true,
      run: () => blink.nextRate(),
    },
  ]);
}

function looking({ stage, loupe, map, regions }) {
  const pan = (key, x, y) => ({
    id: `pan-${key}`,
    keys: [key],
    does: _("Move all images together (Shift: further)"),
    repeats: true,
    run: ({ shift }) => {
      const part = shift ? PAN.far : PAN.few;
      stage.panBy(-x * stage.size.width * part, -y * stage.size.height * part);
    },
  });
  return group(_("Viewing"), [
    { id: "drag", listed: () => _("Drag,"), does: _("Move all images together (Shift: further)") },
    pan("ArrowLeft", -1, 0),
    pan("ArrowRight", 1, 0),
    pan("ArrowUp", 0, -1),
    pan("ArrowDown", 0, 1),
    {
      id: "zoom-in",
      keys: ["+"],
      listed: () => _("Wheel, +"),
      label: "+",
      sign: true,
      does: _("Zoom in"),
      again: true,
      run: () => stage.zoomStep(1),
    },
    {
      id: "zoom-out",
      keys: ["-"],
      listed: () => _("Wheel, -"),
      label: "−",
      sign: true,
      does: _("Zoom out"),
      again: true,
      run: () => stage.zoomStep(-1),
    },
    {
      id: "fit",
      keys: ["F", "Home"],
      label: _("Fit"),
      does: _("Show the whole image"),
      run: () => stage.fit(),
    },
    {
      id: "one-to-one",
      keys: ["O", "End"],
      label: "1:1",
      does: _("Show one image pixel on one screen pixel"),
      run: () => stage.zoomTo(1),
    },
    {
      id: "double",
      listed: () => _("Double click"),
      does: _("Zoom to 1:1 at that point, or back to the whole image"),
    },
    {
      id: "loupe",
      keys: ["L"],
      listed: () => _("L, again"),
      label: () => loupe.label,
      does: _("Loupe at the pointer: 1, 2, 4, 8 times, off"),
      panel: loupe,
      again: true,
      pressed: () => loupe.factor > 0,
      run: () => loupe.cycle(),
    },
    {
      id: "map",
      keys: ["M"],
      label: _("Map"),
      does: _("Show a map of the whole image"),
      panel: map,
      pressed: () => map.shown,
      run: () => map.show(!map.shown),
    },
    {
      id: "region",
      keys: ["J"],
      label: _("Region"),
      does: _("Go to the next region that the organisers marked (Shift J: the previous)"),
      again: true,
      hidden: () => !regions.list.length,
      run: (how) => regions.step(how),
    },
  ]);
}

const goingOn = ({ navigation, goOn, trial, layout, help, say, missing, close }) =>
  group(_("Moving on"), [
    {
      id: "next",
      keys: ["N", "PageDown"],
      label: _("Next"),
      does: _("Continue to the next one"),
      refusal: () => missing(),
      run: () => goOn(),
    },
    {
      id: "previous",
      keys: ["P", "PageUp"],
      label: "‹",
      sign: true,
      does: _("Go back to the previous one"),
      refusal: () => (trial.data.links.previous ? null : _("This is the first one.")),
      run: () => navigation.previous(),
    },
    {
      id: "hide",
      keys: ["H"],
      label: () => (layout.bare ? _("Show controls") : _("Hide controls")),
      does: _("Hide or show the controls"),
      run: ({ mouse }) => layout.setBare(!layout.bare, mouse),
    },
    {
      id: "help",
      keys: ["?", "F1"],
      label: "?",
      sign: true,
      does: _("Show all keys"),
      panel: help,
      run: () => help.toggle(),
    },
    {
      id: "escape",
      keys: ["Escape"],
      does: _("Close what is open"),
      takesBack: true,
      run: () => close(),
    },
    {
      id: "no-digits",
      keys: ["no digit"],
      run: () => say(_("NumLock is off, so the number pad types no digits.")),
    },
  ]);
