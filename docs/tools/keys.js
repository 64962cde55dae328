// Writes docs/reference/keys.md from the commands themselves: `node docs/tools/keys.js`.

import { writeFileSync } from "node:fs";

import { rowsOf } from "../../static/js/page/commands.js";
import { publishedCommands } from "../../static/js/pages/published-commands.js";
import { trialCommands } from "../../static/js/pages/trial-commands.js";
import * as pairwise from "../../static/js/protocols/pairwise.js";
import * as ranking from "../../static/js/protocols/ranking.js";
import * as rating from "../../static/js/protocols/rating.js";
import * as slider from "../../static/js/protocols/slider.js";
import * as topK from "../../static/js/protocols/top_k.js";

export const PAGE = new URL("../reference/keys.md", import.meta.url);

const PUBLISHED = "Published results";
const OTHERS = { pairwise, ranking, "acr, acr_hr, dcr": rating, slider };

const rows = (list, name = (group) => group) =>
  rowsOf(list).flatMap(([group, keys]) =>
    keys.map(([key, does], index) => `| ${index ? "" : `${name(group)} `}| ${key} | ${does} |`),
  );

const table = (lines) => ["| for | key | does |", "|---|---|---|", ...lines].join("\n");

/** The page. */
export function page() {
  const others = Object.entries(OTHERS).flatMap(([kind, { commands }]) => rows(commands(), () => kind));
  const own = publishedCommands({}).filter(({ group }) => group === PUBLISHED);
  return `# Keys

You judge, or help judges, and want to know what the keyboard does. Made by \`node docs/tools/keys.js\` from the commands
of the page itself; on the page \`?\` shows those that work there. [The judging page](../viewer.md#keys) explains how keys are
read on other keyboards, and why no key votes by accident.

## Picking the best few
${table(rows([...topK.commands(), ...trialCommands({})]))}

## Other ways to answer
The other protocols replace the first rows with the following; in a pair, only the keys for the answers that the study
offers work.

${table(others)}

## Comparing published results
On the page of a published image, the keys for viewing and moving on are the same; these come in place of answering.

${table(rows(own))}
`;
}

if (process.argv[1] === import.meta.filename) writeFileSync(PAGE, page());
