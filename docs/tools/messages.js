// Prints the messages of the scripts as JSON, for docs/tools/texts.py: [[module, line, message or [one, many]], ...].

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { parse } from "acorn";

const ROOT = new URL("../../static/js", import.meta.url).pathname;
const MESSAGES = { _: 1, ngettext: 2 }; // arguments

function* calls(node) {
  if (node.type === "CallExpression" && node.callee.name in MESSAGES) yield node;
  for (const child of Object.values(node).flat()) if (typeof child?.type === "string") yield* calls(child);
}

const found = readdirSync(ROOT, { recursive: true })
  .filter((name) => name.endsWith(".js"))
  .sort()
  .flatMap((name) => {
    const source = readFileSync(join(ROOT, name), "utf8");
    const tree = parse(source, { ecmaVersion: "latest", sourceType: "module" });
    return [...calls(tree)].flatMap(({ callee, arguments: given, start }) => {
      const messages = given.slice(0, MESSAGES[callee.name]).map(({ value }) => value);
      if (messages.some((message) => typeof message !== "string")) return [];
      const line = source.slice(0, start).split("\n").length;
      return [[name, line, messages.length === 1 ? messages[0] : messages]];
    });
  });

process.stdout.write(JSON.stringify(found));
