import assert from "node:assert/strict";
import { test } from "node:test";

import { TileCache } from "../../static/js/viewer/tile-cache.js";
import { isLosslessFile, tileCheck } from "../../static/js/viewer/tile-loading.js";

/** A cache over loads that the test answers itself. */
function shelf(options = {}) {
  const asked = [];
  const timers = [];
  const closed = [];
  const load = (url, signal) =>
    new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(new Error("aborted")));
      asked.push({
        url,
        signal,
        give: (intact = true) =>
          resolve({ bitmap: { width: 256, height: 256, close: () => closed.push(url) }, intact }),
        fail: () => reject(new Error("503")),
      });
    });
  const cache = new TileCache({ load, delay: (act) => timers.push(act), ...options });
  const settle = async () => {
    for (let turn = 0; turn < 6; turn += 1) await Promise.resolve();
  };
  return { cache, asked, timers, closed, settle, of: (url) => asked.findLast((entry) => entry.url === url) };
}

test("loads in the order of want, a few at a time, each once", async () => {
  const { cache, asked, settle, of } = shelf({ parallel: 2 });
  cache.want(["a", "b", "c"]);
  assert.deepEqual(
    asked.map(({ url }) => url),
    ["a", "b"],
  );
  of("a").give();
  await settle();
  assert.deepEqual(
    asked.map(({ url }) => url),
    ["a", "b", "c"],
  );
  cache.want(["a", "b", "c"]);
  assert.equal(asked.length, 3);
});

test("gives up what is no longer wanted", async () => {
  const { cache, settle, of } = shelf({ parallel: 1 });
  cache.want(["a"]);
  cache.want(["b"]);
  await settle();
  assert.ok(of("a").signal.aborted);
  of("b").give();
  await settle();
  assert.ok(cache.has("b") && !cache.has("a"));
});

test("forgets the least recently used beyond the budget, never what is wanted", async () => {
  const { cache, settle, of, closed } = shelf({ budget: 2 * 256 * 256 * 4 });
  for (const url of ["a", "b"]) {
    cache.want([url]);
    of(url).give();
    await settle();
  }
  cache.get("a");
  cache.want(["c"]);
  of("c").give();
  await settle();
  assert.deepEqual(closed, ["b"]);
  cache.want(["a", "c", "d"]);
  of("d").give();
  await settle();
  assert.ok(cache.has("a") && cache.has("c") && cache.has("d"));
});

test("retries a failure by itself, then says so, then tries again when asked", async () => {
  const told = [];
  const { cache, asked, timers, settle, of } = shelf({ onChange: (url) => told.push(url) });
  cache.want(["a"]);
  for (let turn = 0; turn < 4; turn += 1) {
    of("a").fail();
    await settle();
    timers.shift()?.();
  }
  assert.equal(asked.length, 4);
  assert.ok(cache.failed("a"));
  assert.deepEqual(told, ["a"]);
  cache.retry();
  of("a").give();
  await settle();
  assert.ok(cache.has("a") && !cache.failed("a"));
});

test("what did not come as it was sent is known until it comes again", async () => {
  const { cache, of, settle } = shelf();
  cache.want(["a", "b"]);
  of("a").give(false);
  of("b").give();
  await settle();
  assert.deepEqual([...cache.altered], ["a"]);
  cache.clear();
  assert.equal(cache.altered.size, 0);
});

test("the sum of a tile is the server's", () => {
  const bytes = new TextEncoder().encode("pixels");
  assert.equal(tileCheck("/t/abc/0/0_0", bytes), "7b822eb2", "as in studyapp/core/tile_check.py");
  assert.equal(tileCheck("/below/a/path/t/abd/0/0_0", bytes), "06f128ea");
});

test("a tile that is a file is the one lossless chunk that was written", () => {
  const file = new Uint8Array(40);
  file.set(new TextEncoder().encode("RIFF....WEBPVP8L"));
  new DataView(file.buffer).setUint32(4, file.length - 8, true);
  const changed = (at, byte) => isLosslessFile(file.with(at, byte));
  assert.ok(isLosslessFile(file));
  assert.ok(!changed(15, " ".charCodeAt(0)), "a lossy chunk");
  assert.ok(!changed(15, "X".charCodeAt(0)), "a container with more in it");
  assert.ok(!changed(4, 99), "cut off");
  assert.ok(!isLosslessFile(new TextEncoder().encode("<!doctype html>")));
  assert.ok(!isLosslessFile(new Uint8Array()));
});
