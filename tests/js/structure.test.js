// Which folder of static/js may import which.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { test } from "node:test";

const ROOT = resolve(import.meta.dirname, "../../static/js");
const BELOW = {
  page: [],
  viewer: ["page"],
  saving: ["page"],
  evidence: ["page", "viewer", "saving"],
  protocols: ["page", "viewer", "saving", "evidence"],
  passport: ["page", "evidence"],
  challenge: ["page"],
  console: ["page"],
  published: ["page", "viewer", "protocols"],
  pages: ["page", "viewer", "saving", "evidence", "protocols", "passport", "challenge", "published"],
};

const modules = new Map(
  readdirSync(ROOT, { recursive: true })
    .filter((name) => name.endsWith(".js"))
    .map((name) => [name, readFileSync(join(ROOT, name), "utf8")]),
);

const importsOf = (name) =>
  [...modules.get(name).matchAll(/^(?:import|export)\b[^"]*?from "([^"]+)"/gm)].map(([, path]) =>
    relative(ROOT, resolve(ROOT, name, "..", path)),
  );

const folderOf = (name) => name.split("/")[0];

test("imports point one way", () => {
  assert.ok(modules.size > 40);
  for (const name of modules.keys()) {
    const folder = folderOf(name);
    for (const imported of importsOf(name)) {
      assert.ok(modules.has(imported), `${name} imports ${imported}, which is not there`);
      const allowed = [folder, ...BELOW[folder]];
      assert.ok(allowed.includes(folderOf(imported)), `${name} must not import ${imported}`);
    }
  }
});

test("no module imports itself by way of others", () => {
  const done = new Set();
  const follow = (name, way) => {
    assert.ok(!way.includes(name), [...way, name].join(" -> "));
    if (done.has(name)) return;
    for (const imported of importsOf(name)) follow(imported, [...way, name]);
    done.add(name);
  };
  for (const name of modules.keys()) follow(name, []);
});

test("what shows pictures and what saves answers knows no picks", () => {
  for (const [name, text] of modules)
    if (["page", "viewer", "saving"].includes(folderOf(name)))
      assert.doesNotMatch(text, /\bpick|podium|top_k/i, `${name} speaks of what one question asks`);
});

test("one module touches OpenSeadragon", () => {
  const touching = [...modules].filter(([, text]) => /\bOpenSeadragon\b(?!'s)[.;(]/.test(text));
  assert.deepEqual(
    touching.map(([name]) => name),
    ["viewer/drawer.js"],
  );
});
