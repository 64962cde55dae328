// Every text of the scripts goes through the catalogue, and is filled in as it should be.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";

import { ordinal } from "../../static/js/page/texts.js";
import { bypassing, computed } from "./bypassing.mjs";

const STATIC = resolve(import.meta.dirname, "../../static");
const read = (...path) => readFileSync(join(STATIC, ...path), "utf8");
const CLASSES = new Set(
  readdirSync(join(STATIC, "css")).flatMap((name) =>
    [...read("css", name).matchAll(/\.([a-z][\w-]*)/g)].map(([, found]) => found),
  ),
);
// Names of keys, as the browser has them and as they are printed.
const KEYS = new Set(
  ["Enter", "Backspace", "Escape", "Home", "End", "Page Up", "Page Down", "Space", "Ctrl Z"].concat([
    "Process",
    "Unidentified",
    "Dead",
    "Digit",
    "Numpad",
    "no digit",
  ]),
);
// What reads like prose and is not for people, by module.
const NOT_FOR_PEOPLE = {
  "evidence/conditions.js": [
    "(dynamic-range: high)",
    "(prefers-contrast: more)",
    "(forced-colors: active)",
    "(pointer: coarse)",
  ],
  "evidence/looking.js": ["pointermove keydown wheel"],
  "page/commands.js": ["two commands have the key {}"],
  "page/keyboard.js": [
    "input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]",
    "button, a, summary, [role=button], input",
  ],
  "page/layout.js": ["(resolution: {}dppx)"],
  "page/rest.js": ["pointerdown keydown wheel"],
  "page/skipped.js": ["open state"],
  "pages/regions.js": ["600 14px sans-serif"],
  "saving/save-state.js": ["lane other-lane", "open state"],
  "viewer/number-bar.js": ["change shown"],
  "viewer/overlays.js": ["view arranged"],
  "viewer/scale-label.js": ["painted lost"],
  "viewer/tile-loading.js": ["tile answered {}"],
};

const modules = readdirSync(join(STATIC, "js"), { recursive: true }).filter((name) => name.endsWith(".js"));

test("no text of a script bypasses the catalogue", () => {
  const found = modules.flatMap((name) =>
    bypassing(read("js", name), CLASSES)
      .filter(([, text]) => !KEYS.has(text) && !NOT_FOR_PEOPLE[name]?.includes(text))
      .map(([line, text]) => `${name}:${line}: ${text}`),
  );
  assert.deepEqual(found, []);
});

test("what is looked up is written out, where tools find it", () => {
  assert.deepEqual(
    modules.flatMap((name) => (name === "page/texts.js" ? [] : [...computed(read("js", name))])),
    [],
  );
});

test("ordinals are English", () => {
  assert.deepEqual([1, 2, 3, 4, 11, 12, 13, 21].map(ordinal), [
    ...["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st"],
  ]);
});

test("a planted text is found", () => {
  for (const planted of [
    'say("Nothing to undo.")',
    `say(\`There are \${n} reasons\`)`,
    'button.title = "All your images"',
    'const a = { label: "Undo" }',
    '_("%(a)s", { a: say("Not saved yet") })',
    "const a = [`Saved`, 'kept here']",
  ])
    assert.ok(bypassing(planted, CLASSES).length, planted);
  assert.equal([...computed(`_(\`Saved \${a}\`)`)].length, 1);
  const good = `
    import { element } from "../page/dom.js";
    element("button", "button small", _("All your images"));
    say(ngettext("%(count)s reason", "%(count)s reasons", n));
    place.querySelector(".pane-label"); this.listen(this.trial, "open", () => 1);`;
  assert.deepEqual(bypassing(good, CLASSES), []);
});

test("a page says its texts in the language that the server put beside it", async () => {
  const beside = {
    messages: {
      "Not saved": "未保存",
      "%(count)s image": ["bild", "bilder %(count)s"],
      "%(rank)sth": "第 %(rank)s 名",
      "100 %% of %(a)s": "%(a)s: 100 %%",
    },
    forms: Array.from({ length: 200 }, (_, count) => Number(count % 100 !== 1)),
  };
  globalThis.document = {
    documentElement: { lang: "zh-Hans" },
    getElementById: () => ({ textContent: JSON.stringify(beside) }),
  };
  const { _, listed, ngettext, ordinal: nth } = await import("../../static/js/page/texts.js?beside");
  delete globalThis.document;
  assert.equal(_("Not saved"), "未保存");
  assert.equal(_("100 %% of %(a)s", { a: "x" }), "x: 100 %");
  assert.equal(_("never seen"), "never seen");
  assert.deepEqual([1, 22].map(nth), ["第 1 名", "第 22 名"]);
  for (const [count, expected] of [
    [1, "bild"],
    [2, "bilder 2"],
    [101, "bild"],
    [1001, "bild"],
    [1102, "bilder 1102"],
  ])
    assert.equal(ngettext("%(count)s image", "%(count)s images", count), expected);
  assert.equal(ngettext("%(count)s day", "%(count)s days", 1), "1 day");
  assert.equal(listed(["a", "b", "c"]), "a, b and c");
});
