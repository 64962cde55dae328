// What the trial page can do, whatever is asked (page/commands.js says how a command is made). The question's own commands
// stand in protocols/.

const PAN = { few: 0.2, far: 0.8 }; // of a pane

export function trialCommands(page) {
  return [...judging(page), ...choosingViews(page), ...looking(page), ...goingOn(page)];
}

const group = (name, commands) => commands.map((command) => ({ group: name, ...command }));

const judging = ({ answer, selection, reasons }) =>
  group("Judging", [
    {
      id: "long-number",
      listed: (slots) => (slots > 9 ? `1 0 to ${[...`${slots}`].join(" ")}` : null),
      does: "numbers of two digits; a digit that may begin one waits a second (Enter: at once)",
    },
    {
      id: "cycle",
      keys: ["C"],
      listed: () => "Pointing, or C",
      does: "underline a candidate: the one under the mouse, the next (Shift C: the one before)",
      run: ({ shift }) => selection.cycle(shift ? -1 : 1),
    },
    {
      id: "undo",
      keys: ["U", "Backspace", "Ctrl Z"],
      label: "Undo",
      does: "undo",
      answers: true,
      again: true,
      takesBack: true,
      refusal: () => (answer.canUndo ? null : "Nothing to undo."),
      run: () => answer.undo(),
    },
    {
      id: "reasons",
      keys: ["Y"],
      label: "Why",
      listed: () => "Y and letters",
      does: "say why: a region, an attribute, + better or - worse (Shift Y: a sentence)",
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
  const pair = () => (views.mode === "versus" && views.state.count === 3 ? "Three" : "Pair");
  return group("Looking", [
    view("grid", ["G"], "Grid", "all candidates and the input"),
    view("shortlist", ["S"], "Kept", "only the candidates that you keep"),
    view("versus", ["V"], pair, "two side by side; with more candidates again: three"),
    view("blink", ["B"], "Blink", "one fills the window, digits switch in place", blink),
    view("split", ["D"], "Split", "two at the same spot with a divider to drag", divider),
    {
      id: "show-number",
      listed: (slots) => `1 to ${Math.min(9, slots)}`,
      does: "in the other views: show that candidate",
    },
    {
      id: "keep",
      keys: ["K"],
      does: "keep the underlined candidate on the shortlist, or no longer",
      hidden: () => views?.offers("shortlist") === false,
      run: () => views.toggleMark(),
    },
    {
      id: "peek",
      keys: [" "],
      listed: () => "Space, held",
      label: () => stage.inputName,
      does: "show the input instead, while held",
      panel: blink,
      hold: (down) => blink.peek(down),
    },
    {
      id: "alternate",
      keys: ["X"],
      listed: () => "X, held",
      label: "Alternate",
      does: "where one picture fills the window: alternate the last two, while held",
      panel: blink,
      hold: (down) => blink.alternate(down),
    },
    {
      id: "rate",
      label: () => `${blink.rate}/s`,
      does: "changes a second while alternating",
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
    does: "move all images together (Shift: further)",
    repeats: true,
    run: ({ shift }) => {
      const part = shift ? PAN.far : PAN.few;
      stage.panBy(-x * stage.size.width * part, -y * stage.size.height * part);
    },
  });
  return group("Looking", [
    { id: "drag", listed: () => "Drag,", does: "move all images together (Shift: further)" },
    pan("ArrowLeft", -1, 0),
    pan("ArrowRight", 1, 0),
    pan("ArrowUp", 0, -1),
    pan("ArrowDown", 0, 1),
    {
      id: "zoom-in",
      keys: ["+"],
      listed: () => "Wheel, +",
      label: "+",
      sign: true,
      does: "larger",
      again: true,
      run: () => stage.zoomStep(1),
    },
    {
      id: "zoom-out",
      keys: ["-"],
      listed: () => "Wheel, -",
      label: "−",
      sign: true,
      does: "smaller",
      again: true,
      run: () => stage.zoomStep(-1),
    },
    {
      id: "fit",
      keys: ["F", "Home"],
      label: "Fit",
      does: "the whole image",
      run: () => stage.fit(),
    },
    {
      id: "one-to-one",
      keys: ["O", "End"],
      label: "1:1",
      does: "one image pixel to one screen pixel",
      run: () => stage.zoomTo(1),
    },
    { id: "double", listed: () => "Double click", does: "1:1 at that point, and back to the whole image" },
    {
      id: "loupe",
      keys: ["L"],
      listed: () => "L, again",
      label: () => loupe.label,
      does: "loupe at the pointer: 1, 2, 4, 8 times, off",
      panel: loupe,
      again: true,
      pressed: () => loupe.factor > 0,
      run: () => loupe.cycle(),
    },
    {
      id: "map",
      keys: ["M"],
      label: "Map",
      does: "map of the whole image",
      panel: map,
      pressed: () => map.shown,
      run: () => map.show(!map.shown),
    },
    {
      id: "region",
      keys: ["J"],
      label: "Region",
      does: "the next region that the organisers marked (Shift J: the one before)",
      again: true,
      hidden: () => !regions.list.length,
      run: (how) => regions.step(how),
    },
  ]);
}

const goingOn = ({ navigation, goOn, trial, layout, help, say, missing, close }) =>
  group("Going on", [
    {
      id: "next",
      keys: ["N", "PageDown"],
      label: "Next",
      does: "go on to the next",
      refusal: () => missing(),
      run: () => goOn(),
    },
    {
      id: "previous",
      keys: ["P", "PageUp"],
      label: "‹",
      sign: true,
      does: "go back to the one before",
      refusal: () => (trial.data.links.previous ? null : "This is the first one."),
      run: () => navigation.previous(),
    },
    {
      id: "hide",
      keys: ["H"],
      label: () => (layout.bare ? "Show controls" : "Hide the controls"),
      does: "hide the controls, or show them",
      run: ({ mouse }) => layout.setBare(!layout.bare, mouse),
    },
    {
      id: "help",
      keys: ["?", "F1"],
      label: "?",
      sign: true,
      does: "all keys",
      panel: help,
      run: () => help.toggle(),
    },
    {
      id: "escape",
      keys: ["Escape"],
      does: "close what is open",
      takesBack: true,
      run: () => close(),
    },
    {
      id: "no-digits",
      keys: ["no digit"],
      run: () => say("NumLock is off: the number pad types no digits."),
    },
  ]);
