import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { PAGE, page } from "../../docs/tools/keys.js";
import { Commands, rowsOf, titleOf } from "../../static/js/page/commands.js";
import { trialCommands } from "../../static/js/pages/trial-commands.js";
import * as pairwise from "../../static/js/protocols/pairwise.js";
import * as ranking from "../../static/js/protocols/ranking.js";
import * as rating from "../../static/js/protocols/rating.js";
import * as slider from "../../static/js/protocols/slider.js";
import { commands } from "../../static/js/protocols/top_k.js";

const TEMPLATE = ["judge/trial.html", "viewer_parts.html"]
  .map((name) => readFileSync(new URL(`../../templates/${name}`, import.meta.url), "utf8"))
  .join("");

test("the table of keys in the documentation is the one that the page works by", () => {
  const text = readFileSync(PAGE, "utf8");
  assert.ok(text.includes("| Escape | Close what is open |"));
  assert.equal(text, page(), "run: node docs/tools/keys.js");
});

test("no two commands share a key, however many places there are", () => {
  for (let places = 1; places <= 9; places += 1)
    new Commands([...commands(undefined, places), ...trialCommands({})]);
  for (const question of [pairwise, ranking, rating, slider])
    new Commands([...question.commands(), ...trialCommands({})]);
  assert.throws(() => new Commands([...commands(), { id: "other", keys: ["Enter"] }]), /have the key Enter/);
});

test("each button of the page has a command that says what it says", () => {
  const all = new Commands(trialCommands({}));
  const named = [...TEMPLATE.matchAll(/(?<!macro )command\("([a-z-]+)"/g)].map(([, id]) => id);
  assert.ok(named.length > 12);
  for (const id of [...named, "grid", "shortlist", "versus", "blink", "split"]) {
    const { label, does, run, hold } = all.get(id);
    assert.ok(label && does && (run || hold), id);
  }
});

test("a command is gone with its panel, and comes back with it", () => {
  const panel = { on: true };
  const all = new Commands([{ id: "map", keys: ["M"], does: "map", panel, run: () => "shown" }]);
  assert.equal(all.run("map"), "shown");
  panel.on = false;
  assert.deepEqual(
    [all.get("map"), all.ofKey("M"), all.list, all.run("map")],
    [undefined, undefined, [], undefined],
  );
  panel.on = true;
  assert.equal(all.ofKey("M").id, "map");
});

test("what this image has no use for is not listed, but its key says why", () => {
  const all = new Commands([{ id: "region", keys: ["J"], does: "next region", hidden: () => true }]);
  assert.deepEqual(all.list, []);
  assert.equal(all.ofKey("J").id, "region");
});

test("commands that do the same share a row, keys by position have the name of the layout", () => {
  const list = commands(undefined, 2);
  const [[group, rows]] = rowsOf(list, { slots: 5, nameOfKey: (letter) => ({ Q: "A", W: "Z" })[letter] });
  assert.equal(group, "Answering");
  assert.deepEqual(rows.slice(0, 3), [
    ["1 to 5", "In the grid and the shortlist: give that candidate the next free place"],
    ["Enter", "Give the underlined candidate the next free place"],
    ["A Z", "Give the underlined candidate 1st or 2nd place"],
  ]);
});

test("a tooltip names the first key", () => {
  assert.equal(titleOf({ does: "Show the whole image", keys: ["F", "Home"] }), "Show the whole image (F)");
  assert.equal(titleOf({ does: "Show the input", keys: [" "] }), "Show the input (Space)");
  assert.equal(titleOf({ does: "First place", keys: ["@Q"] }), "First place");
});
