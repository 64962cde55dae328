import assert from "node:assert/strict";
import { test } from "node:test";

import { randomId } from "../../static/js/page/random-id.js";

test("ids have the form that the server takes, and never come twice", () => {
  const ids = Array.from({ length: 1000 }, randomId);
  assert.ok(ids.every((id) => /^[0-9a-f]{32}$/.test(id)));
  assert.equal(new Set(ids).size, ids.length);
});
