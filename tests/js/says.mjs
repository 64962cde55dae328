// What the page does and says when a ballot is answered like this: a list of {name, status, body, retryAfter} on stdin
// becomes a list of {name, state, text, remedy, action, kept, again, } on stdout. For tests/web/test_answers_to_ballots.py.

import { readFileSync } from "node:fs";

import { DurableStorage } from "../../static/js/saving/durable-storage.js";
import { Outbox } from "../../static/js/saving/outbox.js";
import { saveState } from "../../static/js/saving/save-state.js";
import { MemoryStorage } from "../../static/js/saving/storage.js";

const settle = async () => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

async function says({ name, ...answer }) {
  const disk = new MemoryStorage();
  let again = null; // seconds until it is sent again by itself
  const outbox = new Outbox({
    storage: new DurableStorage([], disk, null),
    tab: "one",
    makeKey: () => "k".repeat(16),
    delay: (_, ms) => {
      again = ms / 1000;
    },
    cancel: () => {},
    send: async () => {
      if (answer.status === 0) throw new TypeError("network");
      return answer;
    },
  });
  const lane = outbox.lane("t1", "/b", { revision: 0, answer: [] });
  outbox.put(lane, { answer: [1] });
  await settle();
  const { text, remedy = "", action = null } = saveState(lane);
  return { name, state: lane.state, why: lane.why, text, remedy, action, kept: disk.length === 1, again };
}

const answers = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(await Promise.all(answers.map(says))));
process.exit(0);
