// What the page of a published image can do (page/commands.js says how a command is made).

import { controlCommands } from "../page/control-commands.js";
import { _, range } from "../page/texts.js";
import { viewingCommands } from "../viewer/viewing-commands.js";

export const publishedCommands = (page) => [
  ...choosing(page),
  ...viewingCommands(page),
  ...reading(page),
  ...trying(page),
  ...goingOn(page),
];

const group = (name, commands) => commands.map((command) => ({ group: name, ...command }));

const choosing = ({ selection }) =>
  group(_("Viewing"), [
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
  ]);

const reading = ({ teamList, marks, tryIt }) =>
  group(_("Published results"), [
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
  group(_("Published results"), [
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
  group(_("Moving on"), [
    { id: "next", keys: ["N", "PageDown"], does: _("Continue to the next one"), run: () => leave("next") },
    {
      id: "previous",
      keys: ["P", "PageUp"],
      does: _("Go back to the previous one"),
      run: () => leave("previous"),
    },
    ...controlCommands({ layout, help, say, close }),
  ]);
