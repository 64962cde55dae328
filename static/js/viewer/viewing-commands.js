// What a page that shows pictures can do with them, whatever it asks (page/commands.js says how a command is made).

import { grouped } from "../page/commands.js";
import { _, range } from "../page/texts.js";
import { INPUT } from "./arrangement.js";

const PAN = { few: 0.2, far: 0.8 }; // of a pane

export const viewingCommands = (page) => grouped(_("Viewing"), [...choosingViews(page), ...looking(page)]);

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
  return [
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
      hidden: () => stage.sources?.has(INPUT) === false,
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
  ];
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
  return [
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
  ];
}
