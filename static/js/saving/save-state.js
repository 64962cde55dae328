// Says, always truthfully, whether the answer on the screen is on the server, and what becomes of those that are not.

import { element, setText } from "../page/dom.js";
import { Panel } from "../page/panel.js";
import { _, sentences } from "../page/texts.js";

const kept = ({ unkept }) =>
  unkept
    ? _("Your answers are kept only while this page is open.")
    : _("Your answers are kept in this browser.");

/** What is the matter, and what becomes of the answer, by the `why` of the reply (outbox.js). */
const TROUBLE = {
  network: (lane) => [
    _("The server cannot be reached: there is no network, or the server is restarting."),
    kept(lane),
    _("They will be sent automatically when the server answers again."),
  ],
  restarting: (lane) => [
    _("The server is not answering; it may be restarting."),
    kept(lane),
    _("They will be sent automatically when the server answers again."),
  ],
  unavailable: (lane) => [
    _("The server cannot store anything at the moment."),
    kept(lane),
    _("They will be sent automatically when the server can store them."),
  ],
  paused: (lane) => [
    _("The study is paused."),
    kept(lane),
    _("They will be sent automatically when the study resumes."),
  ],
  "too-fast": (lane) => [
    _("You are answering faster than the server accepts."),
    kept(lane),
    _("They will be sent in a moment."),
  ],
  token: (lane) => [
    _("This page no longer belongs to your current login."),
    kept(lane),
    _("Reload the page."),
  ],
  fault: (lane) => [
    _("Something went wrong on the server."),
    kept(lane),
    _("They will be sent again automatically."),
    _("If this does not go away, tell the organisers."),
  ],
  between: (lane) => [
    _(
      "Something between this browser and the server (a proxy, a firewall or the network's login page) is stopping your answers from being saved (answer %(status)s).",
      { status: lane.status },
    ),
    kept(lane),
    _("They will be sent again automatically."),
    _("Try another network, and tell the organisers."),
  ],
};
const STOPPED = {
  logged_out: (lane) => [
    _("You are logged out. Open your personal link in another tab, then press Retry now."),
    kept(lane),
  ],
  link_revoked: (lane) => [
    _(
      "Your personal link no longer works: the organisers replaced or withdrew it. Open the latest link they sent you in another tab, then press Retry now.",
    ),
    kept(lane),
  ],
  "not-yours": (lane) => [
    _(
      "Someone else has logged in with this browser, so your answers cannot be saved here. Open your own personal link in another tab, then press Retry now.",
    ),
    kept(lane),
  ],
  screen: (lane) => [
    _("Your answers are saved only after your screen has passed the screen check of this study."),
    kept(lane),
    _("Open the screen check from the list of images, then press Retry now or open this image again."),
  ],
  invalid: (lane) => [
    lane.message
      ? _("The server refused your answer: %(reason)s.", { reason: lane.message })
      : _("The server refused your answer."),
    kept(lane),
    _("They do not count."),
    _("Reload the page. If this happens again, tell the organisers."),
  ],
  limit: (lane) => [
    lane.message
      ? _("The server accepts nothing more from you: %(reason)s.", { reason: lane.message })
      : _("The server accepts nothing more from you."),
    kept(lane),
    _("They do not count."),
    _("What was saved before still counts."),
  ],
  closed: () => [
    _("The study is closed. Your last answers were not saved and do not count."),
    _("What was saved before still counts."),
  ],
  not_begun: () => [
    _("The study has not started yet, so answers cannot be saved. Come back when the organisers open it."),
  ],
};

/** What to show for a lane: {text, remedy, action} (action: the label of a button, or null). */
export function saveState(lane) {
  switch (lane.state) {
    case "saving":
      // While it is tried again nothing has changed yet: the words stay until there is an answer.
      return lane.tries ? { ...trouble(lane), text: _("Saving") } : { text: _("Saving") };
    case "failed":
      return trouble(lane);
    case "stale":
      return { text: _("Not saved"), remedy: _("You also answered this in another window.") };
    case "closed":
      return { text: _("Not saved"), remedy: sentences(...(STOPPED[lane.why] ?? STOPPED.closed)(lane)) };
    case "logged-out":
    case "refused": {
      const action = ["invalid", "limit"].includes(lane.why) ? null : _("Retry now");
      const remedy = sentences(...(STOPPED[lane.why] ?? STOPPED.invalid)(lane));
      return { text: _("Not saved"), remedy, action };
    }
    default:
      return { text: lane.revision > 0 ? _("Saved") : "" };
  }
}

function trouble(lane) {
  const remedy = sentences(...(TROUBLE[lane.why] ?? TROUBLE.network)(lane));
  return { text: _("Not saved"), remedy, action: _("Retry now") };
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
      remedy: _("One of your answers is not saved yet because you gave a different one in another window."),
      action: _("Go there and decide"),
    };
  const closed = others.find(({ state }) => state === "closed");
  if (closed)
    return {
      lane: closed,
      remedy: _(
        "The study was closed before one of your answers was saved. What was saved before still counts.",
      ),
    };
  const [first] = others;
  if (!first) return null;
  const { remedy, action } = saveState(first);
  return { lane: first, remedy: sentences(_("Another of your answers is not saved yet."), remedy), action };
}

/** What to say of the study itself while nothing is wrong with saving, or null. */
export function studyState({ state, withdrawn }) {
  if (state === "closed") return _("The study is closed. Your answers count as last saved.");
  if (state === "draft")
    return _("The study has not started yet. You can look around, and answer once the organisers open it.");
  if (withdrawn)
    return _("The organisers have withdrawn you from this study. Your answers are kept but do not count.");
  if (state === "paused")
    return _("The study is paused. Your answers are kept in this browser and sent when it resumes.");
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
    setText(this.places.state, waits ? _("Saving") : state.text);
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
