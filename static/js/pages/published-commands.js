// What the page of a published image can do (page/commands.js says how a command is made).

import { grouped } from "../page/commands.js";
import { controlCommands } from "../page/control-commands.js";
import { _ } from "../page/texts.js";
import { pointingCommands } from "../viewer/pointing-commands.js";
import { viewingCommands } from "../viewer/viewing-commands.js";

export const publishedCommands = (page) => [
  ...choosing(page),
  ...viewingCommands(page),
  ...reading(page),
  ...trying(page),
  ...goingOn(page),
];

const choosing = (page) => grouped(_("Viewing"), pointingCommands(page));

const reading = ({ teamList, marks, tryIt }) =>
  grouped(_("Published results"), [
    {
      id: "teams",
      keys: ["T"],
      label: _("Teams"),
      does: _("Choose which teams are shown, and in which order"),
      hidden: () => Boolean(tryIt?.state),
      pressed: () => teamList.shown,
      run: () => teamList.show(!teamList.shown),
    },
    {
      id: "marks",
      keys: ["Y"],
      label: _("Reasons"),
      does: _("Show what judges marked and said"),
      hidden: () => marks?.marks.length === 0 || tryIt?.state === "picking",
      pressed: () => marks.listed,
      run: () => marks.list(!marks.listed),
    },
    {
      id: "all-regions",
      keys: ["A"],
      label: _("All regions"),
      does: _("Draw all regions that the organisers marked"),
      hidden: () => marks?.regions.length === 0,
      pressed: () => marks.regionsShown,
      run: () => marks.showRegions(!marks.regionsShown),
    },
  ]);

const trying = ({ tryIt, answer }) =>
  grouped(_("Published results"), [
    {
      id: "try-it",
      keys: ["I"],
      label: () => (tryIt.state ? _("Back to the teams") : _("Try it blind")),
      does: _("Hide the names and pick the best yourself, or go back"),
      hidden: () => tryIt?.cast.all.length < 2,
      run: () => (tryIt.state ? tryIt.stop() : tryIt.start()),
    },
    {
      id: "undo",
      keys: ["U", "Backspace", "Ctrl Z"],
      label: _("Undo"),
      does: _("Undo"),
      hidden: () => tryIt?.state !== "picking",
      again: true,
      takesBack: true,
      refusal: () => (answer.canUndo ? null : _("Nothing to undo.")),
      run: () => answer.undo(),
    },
    {
      id: "reveal",
      keys: ["R"],
      label: _("Reveal"),
      does: _("Show who made what, and your choice beside the judges'"),
      hidden: () => tryIt?.state !== "picking",
      refusal: () => tryIt.missing,
      run: () =>
        tryIt.missing
          ? tryIt.page.say(tryIt.missing, { urgent: true, holds: () => tryIt.missing })
          : tryIt.reveal(),
    },
  ]);

const goingOn = ({ leave, layout, help, say, close }) =>
  grouped(_("Moving on"), [
    { id: "next", keys: ["N", "PageDown"], does: _("Continue to the next one"), run: () => leave("next") },
    {
      id: "previous",
      keys: ["P", "PageUp"],
      does: _("Go back to the previous one"),
      run: () => leave("previous"),
    },
    ...controlCommands({ layout, help, say, close }),
  ]);
