// Says, always truthfully, whether the answer on the screen is on the server, and what becomes of those that are not.

import { element, setText } from "../page/dom.js";
import { Panel } from "../page/panel.js";

const KEPT = {
  true: "Your answers are kept in this browser",
  false: "Your answers are kept only while this page is open",
};
const kept = (lane, then) => `${KEPT[!lane.unkept]}${then}`;
const AGAIN = " and will be sent automatically when it answers again.";

/** What is the matter, and what becomes of the answer, by the `why` of the reply (outbox.js). */
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
    `Something between this browser and the server (a proxy, a firewall or a log-in page of the network) keeps your answers from being saved${status(lane)}. ` +
    `${kept(lane, " and will be sent again automatically.")} Try another network, and tell the organisers.`,
};
const STOPPED = {
  logged_out: (lane) =>
    `You are logged out. Open your personal link in another tab, then press Retry now. ${kept(lane, ".")}`,
  link_revoked: (lane) =>
    `Your personal link does not work any more: the organisers replaced or withdrew it. Open the newest link they sent you in another tab, then press Retry now. ${kept(lane, ".")}`,
  "not-yours": (lane) =>
    `Somebody else has logged in in this browser, so your answers cannot be saved here. Open your own personal link in another tab, then press Retry now. ${kept(lane, ".")}`,
  invalid: (lane) =>
    `The server refused your answer${lane.message ? `: ${lane.message}` : ""}. ${kept(lane, ", but they do not count.")} Reload the page; if it comes again, tell the organisers.`,
  limit: (lane) =>
    `The server takes no more from you${lane.message ? `: ${lane.message}` : ""}. ${kept(lane, ", but they do not count.")} What was saved before stands.`,
  closed: () =>
    "The study is closed: your last answers were not saved and do not count. What was saved before stands.",
  not_begun: () =>
    "The study has not begun yet: answers cannot be saved. Come back when the organisers open it.",
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
      return { text: "Not saved", remedy: "You answered this in another window too." };
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
      remedy: "You gave another answer in another window too, so the one given here is not saved yet.",
      action: "Go there and decide",
    };
  const closed = others.find(({ state }) => state === "closed");
  if (closed)
    return {
      lane: closed,
      remedy: "The study was closed before another answer of yours was saved: the one saved before stands.",
    };
  const [first] = others;
  if (!first) return null;
  const { remedy, action } = saveState(first);
  return { lane: first, remedy: `Another answer of yours is not saved yet. ${remedy}`, action };
}

/** What to say of the study itself while nothing is wrong with saving, or null. */
export function studyState({ state, withdrawn }) {
  if (state === "closed") return "The study is closed. Your answers stand as they were saved last.";
  if (state === "draft")
    return "The study has not begun yet: you can look, and answer when the organisers open it.";
  if (withdrawn)
    return "The organisers have withdrawn you from this study: your answers are kept, but do not count.";
  if (state === "paused")
    return "The study is paused. Your answers are kept in this browser and sent when it resumes.";
  return null;
}

export class SaveState extends Panel {
  /** @param places {state, banner}; @param visit (trial id) goes to another trial */
  constructor(trial, answer, places, visit) {
    super();
    Object.assign(this, { trial, answer, places, visit });
  }

  begin() {
    this.listen(this.answer, "lane other-lane", () => this.#render());
    this.listen(this.trial, "open state", () => this.#render());
    this.#render();
  }

  end() {
    setText(this.places.state, "");
    this.#remedy({});
  }

  #render() {
    const { lane, outbox } = this.answer;
    if (!lane) return;
    const state = saveState(lane);
    // What is changed by and by waits a moment before it goes: "Saved" would be of what was before.
    const waits = this.answer.inBurst && lane.state === "saved";
    setText(this.places.state, waits ? "Saving" : state.text);
    this.places.state.dataset.state = lane.state;
    this.#remedy(state.remedy ? state : (othersState(outbox.unsaved, lane) ?? this.#notice ?? state));
  }

  get #notice() {
    const remedy = studyState(this.trial.data);
    return remedy && { remedy, calm: true };
  }

  #remedy({ remedy = "", action, lane, calm = false }) {
    const { banner } = this.places;
    if (banner.dataset.text === remedy) return;
    banner.dataset.text = remedy;
    banner.hidden = !remedy;
    banner.classList.toggle("error", !calm);
    const retry = () => (lane?.state === "stale" ? this.visit(lane.trial) : this.answer.outbox.retryNow());
    const button = action && element("button", { class: "button", type: "button", onclick: retry }, action);
    banner.replaceChildren(element("span", {}, remedy), button ?? "");
  }
}
