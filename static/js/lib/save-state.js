// Says, always truthfully, whether the picks on the screen are on the server.

import { element, setText } from "./dom.js";

/** What to show for a lane: {text, remedy, action} (action: the label of a button, or null). */
export function saveState(lane, now) {
  const kept = lane.unkept ? " They are kept only while this page is open." : " They are kept in this browser.";
  switch (lane.state) {
    case "saving":
      return { text: "Saving" };
    case "failed": {
      const seconds = Math.max(0, Math.ceil((lane.retryAt - now) / 1000)) || 0;
      return { text: "Not saved", remedy: `Saving failed, will retry in ${seconds} s.${kept}`, action: "Retry now" };
    }
    case "stale":
      return { text: "Not saved", remedy: "This image was answered elsewhere." };
    case "closed":
      return { text: "Closed", remedy: lane.message ?? "The study is closed: your last saved picks stand." };
    case "logged-out":
      return {
        text: "Not saved",
        action: "Retry now",
        remedy: `You are logged out. Open your personal link in another tab, then press Retry now.${kept}`,
      };
    case "refused":
      return {
        text: "Not saved",
        remedy: `${lane.message ?? "The server refused the picks."} Reload the page; if it comes again, tell the organiser.`,
      };
    default:
      return { text: lane.revision > 0 ? "Saved" : "" };
  }
}

/** What to say of answers to other images that are not saved: {remedy, lane, action}, or null. */
export function othersState(lanes, current) {
  // An answer of an earlier visit that is refused belongs to another judge of this browser.
  const others = lanes.filter(
    (lane) => lane !== current && lane.state !== "saving" && !(lane.recovered && lane.state === "refused"),
  );
  const stale = others.find(({ state }) => state === "stale");
  if (stale)
    return {
      lane: stale,
      remedy: "Another image was answered in another window too, so your picks on it are not saved yet.",
      action: "Go there and decide",
    };
  const closed = others.find(({ state }) => state === "closed");
  if (closed)
    return {
      lane: closed,
      remedy: "The study was closed before your picks on another image were saved: the ones saved before stand.",
    };
  const [first] = others;
  return first
    ? {
        lane: first,
        remedy: "Your picks on another image are not saved yet; it is tried again and again.",
        action: "Retry now",
      }
    : null;
}

export class SaveState {
  /** @param visit (trial id) goes to another trial */
  constructor(session, place, banner, visit) {
    Object.assign(this, { session, place, banner, visit });
    for (const name of ["lane", "other-lane", "trial"]) session.addEventListener(name, () => this.render());
  }

  enable() {
    this.timer = setInterval(() => this.session.lane?.state === "failed" && this.render(), 1000);
  }
  disable() {
    clearInterval(this.timer);
  }

  render() {
    if (!this.session.lane) return;
    const state = saveState(this.session.lane, Date.now());
    setText(this.place, state.text);
    this.place.dataset.state = this.session.lane.state;
    this.#remedy(state.remedy ? state : (othersState(this.session.outbox.unsaved, this.session.lane) ?? state));
  }

  #remedy({ remedy, action, lane }) {
    const text = remedy ?? "";
    if (this.banner.dataset.text === text) return;
    this.banner.dataset.text = text;
    this.banner.hidden = !remedy;
    const retry = () => (lane?.state === "stale" ? this.visit(lane.trial) : this.session.outbox.retryNow());
    this.banner.replaceChildren(
      ...(remedy
        ? [
            element("span", {}, remedy),
            action ? element("button", { class: "button", type: "button", onclick: retry }, action) : "",
          ]
        : []),
    );
  }
}
