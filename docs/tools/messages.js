// Prints the messages of the scripts as JSON, for docs/tools/texts.py: [[module, line, message or [one, many]], ...].

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { parse } from "acorn";

const ROOT = new URL("../../static/js", import.meta.url).pathname;
/** The calls that look messages up, and how many of their arguments are messages. */
const MESSAGES = { _: 1, ngettext: 2 };

export const treeOf = (source) => parse(source, { ecmaVersion: "latest", sourceType: "module" });

export const childrenOf = (node) =>
  Object.values(node)
    .flat()
    .filter((value) => typeof value?.type === "string");

/** How many messages a call looks up first among its arguments; 0 for any other node. */
export const looksUp = (node) =>
  node.type === "CallExpression" && Object.hasOwn(MESSAGES, node.callee.name ?? "")
    ? MESSAGES[node.callee.name]
    : 0;

export const lineOf = (source, start) => source.slice(0, start).split("\n").length;

/** Every call in a tree that looks messages up, with those arguments. */
export function* lookedUp(node) {
  if (looksUp(node)) yield { node, messages: node.arguments.slice(0, looksUp(node)) };
  for (const child of childrenOf(node)) yield* lookedUp(child);
}

const messagesOf = (name) => {
  const source = readFileSync(join(ROOT, name), "utf8");
  return [...lookedUp(treeOf(source))].flatMap(({ node, messages }) => {
    const values = messages.map(({ value }) => value);
    if (values.some((value) => typeof value !== "string")) return [];
    return [[name, lineOf(source, node.start), values.length === 1 ? values[0] : values]];
  });
};

if (process.argv[1] === import.meta.filename) {
  const names = readdirSync(ROOT, { recursive: true }).filter((name) => name.endsWith(".js"));
  process.stdout.write(JSON.stringify(names.sort().flatMap(messagesOf)));
}
