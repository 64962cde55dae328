// Says, always truthfully, whether the picks on the screen are on the server, and what becomes of those that are not.

import { element, setText } from "../page/dom.js";

const KEPT = {
  true: "Your picks are kept in this browser",
  false: "Your picks are kept only while this page is open",
};
const kept = (lane, then) => `${KEPT[!lane.unkept]}${then}`;
const AGAIN = " and will be sent automatically when it answers again.";

/** What is the matter, and what becomes of the picks, by the `why` of an answer (saving/replies.js). */
const TROUBLE = {
  network: (lane) => `The server cannot be reached: no network, or it is restarting. ${kept(lane, AGAIN)}`,
  restarting: (lane) =>
    `The server does not answer at the moment; it may be restarting. ${kept(lane, AGAIN)}`,
  unavailable: (lane) =>
    `The server cannot store anything at the moment. ${kept(lane, " and will be sent automatically when it can.")}`,
  paused: (lane) => `The study is paused. ${kept(lane, " and will be sent automatically when it resumes.")}`,
  "too-fast": (lane) =>
    `You are faster than the server takes answers. ${kept(lane, " and will be sent in a moment.")}`,
  token: (lane) =>
    `This page and your log-in do not fit together any more. ${kept(lane, ".")} Reload the page.`,
  fault: (lane) =>
    `Something is wrong on the server. ${kept(lane, " and will be sent again automatically.")} If this stays, tell the organisers.`,
  between: (lane) =>
    `Something between this browser and the server (a proxy, a firewall or a log-in page of the network) keeps your picks from being saved${status(lane)}. ` +
    `${kept(lane, " and will be sent again automatically.")} Try another network, and tell the organisers.`,
};
const STOPPED = {
  logged_out: (lane) =>
    `You are logged out. Open your personal link in another tab, then press Retry now. ${kept(lane, ".")}`,
  link_revoked: (lane) =>
    `Your personal link does not work any more: the organisers replaced or withdrew it. Open the newest link they sent you in another tab, then press Retry now. ${kept(lane, ".")}`,
  "not-yours": (lane) =>
    `Somebody else has logged in in this browser, so your picks cannot be saved here. Open your own personal link in another tab, then press Retry now. ${kept(lane, ".")}`,
  invalid: (lane) =>
    `The server refused your picks${lane.message ? `: ${lane.message}` : ""}. ${kept(lane, ", but they do not count.")} Reload the page; if it comes again, tell the organisers.`,
  limit: (lane) =>
    `The server takes no more from you${lane.message ? `: ${lane.message}` : ""}. ${kept(lane, ", but they do not count.")} What was saved before stands.`,
  closed: () =>
    "The study is closed: these last picks were not saved and do not count. What was saved before stands.",
  not_begun: () =>
    "The study has not begun yet: picks cannot be saved. Come back when the organisers open it.",
};

const status = (lane) => (lane.status ? ` (answer ${lane.status})` : "");

/** What to show for a lane: {text, remedy, action} (action: the label of a button, or null). */
export function saveState(lane) {
  switch (lane.state) {
    case "saving":
      // While it is tried again nothing has changed yet: the words stay until there is an answer.
      return lane.tries ? { ...trouble(lane), text: "Saving" } : { text: "Saving" };
    case "failed":
      return trouble(lane);
    case "stale":
      return { text: "Not saved", remedy: "This image was answered in another window too." };
    case "closed":
      return { text: "Not saved", remedy: STOPPED[lane.why]?.(lane) ?? STOPPED.closed(lane) };
    case "logged-out":
    case "refused": {
      const action = ["invalid", "limit"].includes(lane.why) ? null : "Retry now";
      return { text: "Not saved", remedy: (STOPPED[lane.why] ?? STOPPED.invalid)(lane), action };
    }
    default:
      return { text: lane.revision > 0 ? "Saved" : "" };
  }
}

function trouble(lane) {
  return { text: "Not saved", remedy: (TROUBLE[lane.why] ?? TROUBLE.network)(lane), action: "Retry now" };
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
      remedy:
        "The study was closed before your picks on another image were saved: the ones saved before stand.",
    };
  const [first] = others;
  if (!first) return null;
  const { remedy, action } = saveState(first);
  return { lane: first, remedy: `Your picks on another image are not saved yet. ${remedy}`, action };
}

/** What to say of the study itself while nothing is wrong with saving, or null. */
export function studyState({ state, withdrawn }) {
  if (state === "closed") return "The study is closed. Your answers stand as they were saved last.";
  if (state === "draft")
    return "The study has not begun yet: you can look, and answer when the organisers open it.";
  if (withdrawn)
    return "The organisers have withdrawn you from this study: your answers are kept, but do not count.";
  if (state === "paused")
    return "The study is paused. What you pick is kept in this browser and sent when it resumes.";
  return null;
}

export class SaveState {
  /** @param visit (trial id) goes to another trial */
  constructor(session, place, banner, visit) {
    Object.assign(this, { session, place, banner, visit });
    for (const name of ["lane", "other-lane", "trial", "state"])
      session.addEventListener(name, () => this.render());
  }

  render() {
    const { lane, outbox, data } = this.session;
    if (!lane) return;
    const state = saveState(lane);
    setText(this.place, state.text);
    this.place.dataset.state = lane.state;
    const notice = studyState(data);
    this.#remedy(
      state.remedy
        ? state
        : (othersState(outbox.unsaved, lane) ?? (notice ? { remedy: notice, calm: true } : state)),
    );
  }

  #remedy({ remedy, action, lane, calm = false }) {
    const text = remedy ?? "";
    if (this.banner.dataset.text === text) return;
    this.banner.dataset.text = text;
    this.banner.hidden = !remedy;
    this.banner.classList.toggle("error", !calm);
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
