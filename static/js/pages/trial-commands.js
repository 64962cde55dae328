// What the trial page can do, whatever is asked (page/commands.js says how a command is made). The question's own commands
// stand in protocols/.

import { controlCommands } from "../page/control-commands.js";
import { _, range } from "../page/texts.js";
import { viewingCommands } from "../viewer/viewing-commands.js";

export function trialCommands(page) {
  return [...judging(page), ...viewingCommands(page), ...goingOn(page)];
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
    ...controlCommands({ layout, help, say, close }),
  ]);
