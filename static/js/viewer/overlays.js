// Rectangles in image coordinates, shown over the panes as they move.

import { element } from "../page/dom.js";
import { Panel } from "../page/panel.js";
import { originOf } from "./geometry.js";

export class Overlays extends Panel {
  constructor(stage) {
    super();
    Object.assign(this, { stage, rects: new Map(), nodes: [] });
  }

  begin() {
    this.listen(this.stage, "open", () => this.rects.clear());
    this.listen(this.stage, "view arranged", () => this.render());
    this.render();
  }

  end() {
    for (const node of this.nodes) node.remove();
  }

  /** Show `rect` [x, y, w, h] under a name, on one slot or on all (null); no rect takes it away. */
  set(name, rect, slot = null, label = "") {
    if (rect) this.rects.set(name, { rect, slot, label });
    else this.rects.delete(name);
    this.render();
  }

  render() {
    if (!this.on) return;
    for (const node of this.nodes) node.remove();
    this.nodes = this.stage.visible.flatMap((pane) =>
      [...this.rects.values()]
        .filter(({ slot }) => slot === null || slot === pane.slot)
        .map((item) => this.#draw(pane, item)),
    );
  }

  #draw(pane, { rect: [x, y, width, height], label }) {
    const { view, dpr } = this.stage;
    const origin = originOf(view, pane.size);
    const node = element("div", { class: "rect", "aria-hidden": "true" }, label);
    const box = {
      left: origin.x + x * view.scale,
      top: origin.y + y * view.scale,
      width: width * view.scale,
      height: height * view.scale,
    };
    for (const [side, value] of Object.entries(box)) node.style[side] = `${value / dpr}px`;
    pane.root.insertBefore(node, pane.label);
    return node;
  }
}
