// Rectangles in image coordinates, shown over the panes as they move.

import { element, setText } from "../page/dom.js";
import { Panel } from "../page/panel.js";
import { originOf } from "./geometry.js";

export class Overlays extends Panel {
  #nodes = new Map(); // "pane/name/index" -> what is shown there

  constructor(stage) {
    super();
    Object.assign(this, { stage, groups: new Map() });
  }

  begin() {
    this.listen(this.stage, "open", () => this.groups.clear());
    this.listen(this.stage, "view arranged", () => this.render());
    this.render();
  }

  end() {
    this.#keep(new Set());
  }

  /** Show `rect` [x, y, w, h] under a name, on one slot or on all (null); no rect takes it away. */
  set(name, rect, slot = null, label = "") {
    this.setAll(name, rect ? [{ rect, slot, label }] : []);
  }

  /** Show many under one name: [{rect, slot, label, kind}]; the `kind` of each is for the style sheet. */
  setAll(name, items) {
    if (items.length) this.groups.set(name, items);
    else this.groups.delete(name);
    this.render();
  }

  render() {
    if (!this.on) return;
    const shown = new Set();
    this.stage.visible.forEach((pane, place) => {
      for (const [name, items] of this.groups) {
        items.forEach((item, index) => {
          if (item.slot === null || item.slot === pane.slot)
            shown.add(this.#draw(pane, `${place}/${name}/${index}`, item));
        });
      }
    });
    this.#keep(shown);
  }

  #keep(shown) {
    for (const [key, node] of this.#nodes) {
      if (shown.has(key)) continue;
      node.remove();
      this.#nodes.delete(key);
    }
  }

  /** Place one of them; while the view moves, the nodes stay the same. */
  #draw(pane, key, { rect: [x, y, width, height], label = "", kind = null }) {
    const { view, dpr } = this.stage;
    const origin = originOf(view, pane.size);
    const node = this.#nodes.get(key) ?? element("div", { class: "rect", "aria-hidden": "true" });
    const box = {
      left: origin.x + x * view.scale,
      top: origin.y + y * view.scale,
      width: width * view.scale,
      height: height * view.scale,
    };
    for (const [side, value] of Object.entries(box)) node.style[side] = `${value / dpr}px`;
    setText(node, label);
    if (kind) node.dataset.kind = kind;
    else delete node.dataset.kind;
    if (node.parentElement !== pane.root) pane.root.insertBefore(node, pane.label);
    this.#nodes.set(key, node);
    return key;
  }
}
