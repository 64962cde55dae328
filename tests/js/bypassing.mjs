// Finds strings in scripts that people read and that are not handed to the catalogue. A heuristic, on the side of
// finding too much: words that are all classes of the style sheets are taken for class names, the rest is listed by the test.

import { childrenOf, lineOf, lookedUp, looksUp, treeOf } from "../../docs/tools/messages.js";

const PROSE = /[A-Za-z][a-z']+[,;:.]? +(?:\W*[A-Za-z]|[a-z])/;
const WORD = /^[A-Z][a-z]{2,}[.:?!…]?$/;

function* stringsOf(node) {
  if (node.type.startsWith("Import") || node.type === "ExportAllDeclaration") return;
  if (looksUp(node)) {
    for (const argument of node.arguments.slice(looksUp(node))) yield* stringsOf(argument);
    return;
  }
  if (node.type === "Literal" && typeof node.value === "string") yield [node.start, node.value];
  if (node.type === "TemplateLiteral")
    yield [node.start, node.quasis.map((part) => part.value.cooked).join("{}")];
  for (const child of childrenOf(node)) yield* stringsOf(child);
}

/** The strings of a script that bypass the catalogue, as [line, text]. */
export function bypassing(source, classes) {
  return [...stringsOf(treeOf(source))]
    .filter(([, text]) => PROSE.test(text) || WORD.test(text))
    .filter(([, text]) => !text.split(/\s+/).every((word) => classes.has(word)))
    .map(([start, text]) => [lineOf(source, start), text]);
}

/** The first arguments of calls that look messages up and are no plain strings: no tool would find them. */
export function* computed(source) {
  for (const { node, messages } of lookedUp(treeOf(source)))
    for (const message of messages) if (message.type !== "Literal") yield source.slice(node.start, node.end);
}
