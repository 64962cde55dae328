// Every text of the scripts goes through the catalogue, and is filled in as it should be.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";

import { bypassing, computed } from "./bypassing.mjs";

const STATIC = resolve(import.meta.dirname, "../../static");
const read = (...path) => readFileSync(join(STATIC, ...path), "utf8");
const CLASSES = new Set(
  readdirSync(join(STATIC, "css")).flatMap((name) =>
    [...read("css", name).matchAll(/\.([a-z][\w-]*)/g)].map(([, found]) => found),
  ),
);
const CONVERTED = ["page/texts.js", "viewer/"];
// What reads like prose and is not for people, by module.
const NOT_FOR_PEOPLE = {
  "viewer/number-bar.js": ["change shown"],
  "viewer/overlays.js": ["view arranged"],
  "viewer/scale-label.js": ["painted lost"],
  "viewer/tile-loading.js": ["tile answered {}"],
};

const modules = readdirSync(join(STATIC, "js"), { recursive: true })
  .filter((name) => name.endsWith(".js"))
  .filter((name) => CONVERTED.some((start) => name.startsWith(start)));

test("no text of a script bypasses the catalogue", () => {
  const found = modules.flatMap((name) =>
    bypassing(read("js", name), CLASSES)
      .filter(([, text]) => !NOT_FOR_PEOPLE[name]?.includes(text))
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
      "100 %% of %(a)s": "%(a)s: 100 %%",
    },
    forms: Array.from({ length: 200 }, (_, count) => Number(count % 100 !== 1)),
  };
  globalThis.document = { getElementById: () => ({ textContent: JSON.stringify(beside) }) };
  const { _, listed, ngettext } = await import("../../static/js/page/texts.js?beside");
  delete globalThis.document;
  assert.equal(_("Not saved"), "未保存");
  assert.equal(_("100 %% of %(a)s", { a: "x" }), "x: 100 %");
  assert.equal(_("never seen"), "never seen");
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
