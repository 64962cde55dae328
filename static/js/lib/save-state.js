// Says, always truthfully, whether the picks on the screen are on the server.

import { element, setText } from "./dom.js";

/** What to show for a lane: {text, remedy, action} (action: the label of a button, or null). */
export function saveState(lane, now) {
  const kept = lane.unkept ? " They are kept only while this page is open." : " They are kept in this browser.";
  switch (lane.state) {
    case "saving": return { text: "Saving" };
    case "failed": {
      const seconds = Math.max(0, Math.ceil((lane.retryAt - now) / 1000)) || 0;
      return { text: "Not saved", remedy: `Saving failed, will retry in ${seconds} s.${kept}`, action: "Retry now" };
    }
    case "stale": return { text: "Not saved", remedy: "This image was answered elsewhere." };
    case "closed": return { text: "Closed", remedy: lane.message ?? "The study is closed: your last saved picks stand." };
    case "logged-out": return {
      text: "Not saved", action: "Retry now",
      remedy: `You are logged out. Open your personal link in another tab, then press Retry now.${kept}`,
    };
    case "refused": return { text: "Not saved", remedy: `${lane.message ?? "The server refused the picks."} Reload the page; if it comes again, tell the organiser.` };
    default: return { text: lane.revision > 0 ? "Saved" : "" };
  }
}

export class SaveState {
  constructor(session, place, banner) {
    Object.assign(this, { session, place, banner });
    session.addEventListener("lane", () => this.render());
    session.addEventListener("trial", () => this.render());
  }

  enable() { this.timer = setInterval(() => this.session.lane?.state === "failed" && this.render(), 1000); }
  disable() { clearInterval(this.timer); }

  render() {
    const state = saveState(this.session.lane, Date.now());
    setText(this.place, state.text);
    this.place.dataset.state = this.session.lane.state;
    this.#remedy(state);
  }

  #remedy({ remedy, action }) {
    const text = remedy ?? "";
    if (this.banner.dataset.text === text) return;
    this.banner.dataset.text = text;
    this.banner.hidden = !remedy;
    const retry = () => this.session.outbox.retryNow();
    this.banner.replaceChildren(...(remedy ? [
      element("span", {}, remedy), action ? element("button", { class: "button", type: "button", onclick: retry }, action) : "",
    ] : []));
  }
}
