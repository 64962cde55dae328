// Buttons that run commands: each element with `data-command` says what its command says of itself.

import { labelOf, titleOf } from "./commands.js";
import { element, setText } from "./dom.js";
import { Panel } from "./panel.js";

const RELEASES = ["pointerup", "pointercancel", "lostpointercapture"];

export class Buttons extends Panel {
  constructor(commands, root) {
    super();
    Object.assign(this, { commands, root });
  }

  begin() {
    this.#readLayout();
    this.listen(this.root, "click", ignoreSecondClick(this.commands), { capture: true });
    this.listen(this.root, "click", (event) => this.#run(event));
    this.listen(this.root, "pointerdown", (event) => this.#hold(event));
    this.render();
  }

  /** Say what is so now: after whatever a command does or depends on. */
  render() {
    if (!this.on) return;
    for (const button of this.root.querySelectorAll("[data-command]")) {
      const command = this.commands.get(button.dataset.command);
      button.hidden = !command || command.hidden?.() === true;
      if (command) dress(button, command);
      if (command && "key" in button.dataset) button.dataset.key = this.#printed(command.keys?.[0] ?? "");
    }
  }

  /** What is printed on a key; those named by their position, where the browser knows the layout. */
  #printed(key) {
    return key.startsWith("@") ? (this.layout?.get(`Key${key.slice(1)}`) ?? key.slice(1)).toUpperCase() : key;
  }

  async #readLayout() {
    this.layout = await navigator.keyboard?.getLayoutMap?.().catch(() => null);
    this.render();
  }

  /** A button for a panel that is made by script; it is as it is now. */
  make(id, attributes = {}) {
    const command = this.commands.get(id);
    if (!command) return "";
    const button = element("button", { type: "button", class: "button", "data-command": id, ...attributes });
    dress(button, command);
    return button;
  }

  #run({ target, detail }) {
    // A button that was clicked gives the keyboard back, so that Enter goes on meaning what it means to the page.
    if (detail > 0) target.closest?.("button")?.blur();
    const id = target.closest?.("[data-command]")?.dataset.command;
    const command = id && this.commands.get(id);
    if (!command?.run) return;
    command.run({ mouse: true });
    this.render();
  }

  #hold({ target, pointerId }) {
    const button = target.closest?.("[data-command]");
    const command = button && this.commands.get(button.dataset.command);
    if (!command?.hold) return;
    button.setPointerCapture(pointerId);
    const released = new AbortController();
    const release = () => {
      released.abort();
      command.hold(false);
    };
    for (const name of RELEASES) button.addEventListener(name, release, { signal: released.signal });
    command.hold(true);
  }
}

function dress(button, command) {
  const label = labelOf(command);
  const refusal = command.refusal?.() ?? null;
  setText(button, label);
  set(button, "title", refusal ?? titleOf(command));
  if (command.sign) set(button, "aria-label", `${label} ${command.does}`);
  if (command.pressed) set(button, "aria-pressed", String(command.pressed()));
  if (command.refusal) set(button, "aria-disabled", String(refusal !== null));
}

function set(button, name, value) {
  if (button.getAttribute(name) !== value) button.setAttribute(name, value);
}

/** The second click of a double click is none on most buttons: it would take back what the first one did. */
const ignoreSecondClick = (commands) => (event) => {
  const button = event.target.closest?.("button");
  if (event.detail < 2 || !button || commands.get(button.dataset.command)?.again) return;
  event.stopPropagation();
  event.preventDefault();
};
