// Writes the table of keys in docs/viewer.md from the commands themselves: `node docs/tools/keys.js`.

import { readFileSync, writeFileSync } from "node:fs";

import { rowsOf } from "../../static/js/page/commands.js";
import { trialCommands } from "../../static/js/pages/trial-commands.js";
import { commands } from "../../static/js/protocols/top_k.js";

export const PAGE = new URL("../viewer.md", import.meta.url);

/** The page with its table as it should be. */
export function withKeys(text) {
  const rows = rowsOf([...commands(), ...trialCommands({})]).flatMap(([group, keys]) =>
    keys.map(([key, does], index) => `| ${index ? "" : `${group} `}| ${key} | ${does} |`),
  );
  const table = ["| | key | does |", "|---|---|---|", ...rows].join("\n");
  return text.replace(/<!-- keys -->.*<!-- \/keys -->/s, `<!-- keys -->\n${table}\n<!-- /keys -->`);
}

if (process.argv[1] === import.meta.filename) writeFileSync(PAGE, withKeys(readFileSync(PAGE, "utf8")));
