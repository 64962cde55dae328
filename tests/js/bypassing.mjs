// Finds strings in scripts that people read and that are not handed to the catalogue. A heuristic, on the side of
// finding too much: words that are all classes of the style sheets are taken for class names, the rest is listed by the test.

import { parse } from "acorn";

const PROSE = /[A-Za-z][a-z']+[,;:.]? +(?:\W*[A-Za-z]|[a-z])/;
const WORD = /^[A-Z][a-z]{2,}[.:?!…]?$/;
const CATALOGUE = ["_", "ngettext"];

const childrenOf = (node) =>
  Object.values(node)
    .flat()
    .filter((value) => typeof value?.type === "string");

function* stringsOf(node) {
  if (node.type.startsWith("Import") || node.type === "ExportAllDeclaration") return;
  if (node.type === "CallExpression" && CATALOGUE.includes(node.callee.name)) {
    const messages = node.callee.name === "_" ? 1 : 2;
    for (const argument of node.arguments.slice(messages)) yield* stringsOf(argument);
    return;
  }
  if (node.type === "Literal" && typeof node.value === "string") yield [node.start, node.value];
  if (node.type === "TemplateLiteral")
    yield [node.start, node.quasis.map((part) => part.value.cooked).join("{}")];
  for (const child of childrenOf(node)) yield* stringsOf(child);
}

/** The strings of a script that bypass the catalogue, as [line, text]. */
export function bypassing(source, classes) {
  const tree = parse(source, { ecmaVersion: "latest", sourceType: "module" });
  return [...stringsOf(tree)]
    .filter(([, text]) => PROSE.test(text) || WORD.test(text))
    .filter(([, text]) => !text.split(/\s+/).every((word) => classes.has(word)))
    .map(([start, text]) => [source.slice(0, start).split("\n").length, text]);
}

/** The first arguments of calls that look messages up and are no plain strings: no tool would find them. */
export function* computed(source) {
  const walk = function* (node) {
    if (node.type === "CallExpression" && CATALOGUE.includes(node.callee.name)) {
      const messages = node.arguments.slice(0, node.callee.name === "_" ? 1 : 2);
      for (const message of messages)
        if (message.type !== "Literal") yield source.slice(node.start, node.end);
    }
    for (const child of childrenOf(node)) yield* walk(child);
  };
  yield* walk(parse(source, { ecmaVersion: "latest", sourceType: "module" }));
}
