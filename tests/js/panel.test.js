import assert from "node:assert/strict";
import { test } from "node:test";

import { Panel } from "../../static/js/page/panel.js";

class Counter extends Panel {
  source = new EventTarget();
  heard = 0;
  ticks = 0;

  begin() {
    this.listen(this.source, "one two", () => {
      this.heard += 1;
    });
    this.every(1000, () => {
      this.ticks += 1;
    });
  }
}

test("a panel hears as long as it is on, and once however often it was switched on", (context) => {
  context.mock.timers.enable({ apis: ["setInterval"] });
  const panel = new Counter();
  const hear = () => {
    for (const name of ["one", "two"]) panel.source.dispatchEvent(new Event(name));
    context.mock.timers.tick(1000);
    return [panel.on, panel.heard, panel.ticks];
  };
  assert.deepEqual(hear(), [false, 0, 0]);
  panel.enable();
  panel.enable();
  assert.deepEqual(hear(), [true, 2, 1]);
  panel.disable();
  assert.deepEqual(hear(), [false, 2, 1]);
  panel.disable();
  panel.enable();
  assert.deepEqual(hear(), [true, 4, 2]);
});

test("whoever depends on a panel is told that it was switched", () => {
  const panel = new Counter();
  const told = [];
  panel.addEventListener("switched", () => told.push(panel.on));
  panel.enable();
  panel.enable();
  panel.disable();
  panel.disable();
  assert.deepEqual(told, [true, false]);
});
