// Writes the tables of keys in docs/viewer.md from the commands themselves: `node docs/tools/keys.js`.

import { readFileSync, writeFileSync } from "node:fs";

import { rowsOf } from "../../static/js/page/commands.js";
import { trialCommands } from "../../static/js/pages/trial-commands.js";
import * as pairwise from "../../static/js/protocols/pairwise.js";
import * as ranking from "../../static/js/protocols/ranking.js";
import * as rating from "../../static/js/protocols/rating.js";
import * as slider from "../../static/js/protocols/slider.js";
import * as topK from "../../static/js/protocols/top_k.js";

export const PAGE = new URL("../viewer.md", import.meta.url);

const OTHERS = { pairwise, ranking, "acr, acr_hr, dcr": rating, slider };

const rows = (list, name = (group) => group) =>
  rowsOf(list).flatMap(([group, keys]) =>
    keys.map(([key, does], index) => `| ${index ? "" : `${name(group)} `}| ${key} | ${does} |`),
  );

const inPlace = (text, mark, lines) =>
  text.replace(
    new RegExp(`<!-- ${mark} -->.*<!-- /${mark} -->`, "s"),
    [`<!-- ${mark} -->`, "| | key | does |", "|---|---|---|", ...lines, `<!-- /${mark} -->`].join("\n"),
  );

/** The page with its tables as they should be. */
export function withKeys(text) {
  const others = Object.entries(OTHERS).flatMap(([kind, { commands }]) => rows(commands(), () => kind));
  const whole = inPlace(text, "keys", rows([...topK.commands(), ...trialCommands({})]));
  return inPlace(whole, "other keys", others);
}

if (process.argv[1] === import.meta.filename) writeFileSync(PAGE, withKeys(readFileSync(PAGE, "utf8")));
