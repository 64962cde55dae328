// What the trial page can do, whatever is asked (page/commands.js says how a command is made). The question's own commands
// stand in protocols/.

import { grouped } from "../page/commands.js";
import { controlCommands } from "../page/control-commands.js";
import { _ } from "../page/texts.js";
import { pointingCommands } from "../viewer/pointing-commands.js";
import { viewingCommands } from "../viewer/viewing-commands.js";

export function trialCommands(page) {
  return [...judging(page), ...viewingCommands(page), ...goingOn(page)];
}

const judging = ({ answer, selection, reasons }) =>
  grouped(_("Answering"), [
    ...pointingCommands({ selection }),
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
  grouped(_("Moving on"), [
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
