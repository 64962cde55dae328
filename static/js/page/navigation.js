// Going from trial to trial without loading a new page.

import { getJson } from "./api.js";
import { Panel } from "./panel.js";
import { _ } from "./texts.js";

const TRIAL = "/judge/trial/";
const FAILURE_SHOWN = 15_000; // ms
const REFUSALS = {
  0: _("The page cannot be opened because the server cannot be reached. Your answers are kept; try again."),
  401: _("You are logged out. Open your personal link again; your answers are kept."),
  404: _(
    "Someone else has logged in with this browser. Open your own personal link again; your answers are kept.",
  ),
};

/** The path below which the study lies: "" on a host of its own. */
function root() {
  const here = globalThis.location?.pathname ?? "";
  return here.slice(0, Math.max(here.indexOf(TRIAL), 0));
}

export const pageOf = (trial) => root() + TRIAL + trial;

/** Address of a trial's data, from the address of its page; null for other pages. */
export const dataUrl = (page) => (page?.includes(TRIAL) ? page.replace(TRIAL, "/api/trials/") : null);

export class Navigation extends Panel {
  /**
   * @param show (data) puts a trial on the stage
   * @param blocked () a reason not to go on, or null
   * @param unsent () whether answers are still on their way
   * @param answered () how many images are answered
   */
  constructor(trial, { show, blocked, unsent, answered, say }) {
    super();
    Object.assign(this, { trial, show, blocked, unsent, answered, say, ahead: new Map() });
  }

  begin() {
    history.replaceState({ page: location.pathname }, "");
    this.listen(globalThis, "popstate", ({ state }) => state?.page && this.go(state.page, { push: false }));
    this.listen(globalThis, "beforeunload", (event) => this.#leaving(event));
  }

  next() {
    const reason = this.blocked();
    if (reason) return this.say(reason, { urgent: true, holds: () => this.blocked() === reason });
    return this.go(this.trial.data.links.next);
  }

  previous() {
    const { previous } = this.trial.data.links;
    return previous ? this.go(previous) : this.say(_("This is the first one."));
  }

  /** Data of a trial page fetched before it is needed. */
  async peek(page) {
    const url = dataUrl(page);
    if (url && !this.ahead.has(url))
      this.ahead.set(
        url,
        getJson(url).catch(() => null),
      );
    const answer = await this.ahead.get(url);
    return answer?.status === 200 ? answer.body : null;
  }

  /**
   * Go to a page. While one is on its way only the browser's own Back and Forward (push false) are taken up, after it:
   * they have changed the address already, and address, picture and ballot are one thing.
   */
  async go(page, { push = true } = {}) {
    if (this.going) {
      if (!push) this.wanted = page;
      return;
    }
    this.going = true;
    try {
      if (!dataUrl(page)) await this.#leave(page);
      else await this.#enter(page, push);
      while (this.wanted) {
        const next = this.wanted;
        this.wanted = null;
        await this.#enter(next, false);
      }
    } finally {
      this.going = false;
    }
  }

  async #enter(page, push) {
    const { status, body } = await this.#data(dataUrl(page));
    if (this.wanted) return; // Back was pressed again meanwhile: that page is the one to show
    if (status === 200) {
      if (push) history.pushState({ page }, "", page);
      this.show(body);
      return;
    }
    const here = pageOf(this.trial.data.trial);
    if (!push) history.replaceState({ page: here }, "", here);
    const until = performance.now() + FAILURE_SHOWN;
    this.say(
      REFUSALS[status] ??
        _("The page cannot be opened (server answer %(status)s). Reload the page.", { status }),
      { urgent: true, holds: () => performance.now() < until },
    );
  }

  /**
   * A ballot may have changed since a peek, so only a trial that had no answer is shown from it, with what is known
   * better by now. After practice everything is asked anew.
   */
  async #data(url) {
    const early = await this.ahead.get(url);
    this.ahead.delete(url);
    const { data } = this.trial;
    if (early?.status === 200 && early.body.ballot.revision === 0 && early.body.kind === data.kind) {
      const { state, open, withdrawn, skipped } = data;
      Object.assign(early.body, { state, open, withdrawn, skipped, answered: this.answered() });
      return early;
    }
    return getJson(url).catch(() => ({ status: 0 }));
  }

  /** Leave for a page of another kind, when every answer is on the server. */
  async #leave(page) {
    for (let waited = 0; this.unsent() && waited < 50; waited += 1) {
      if (waited === 2) this.say(_("Saving your last answers before leaving this page."));
      await new Promise((resolve) => {
        setTimeout(resolve, 100);
      });
    }
    if (this.unsent())
      this.say(_("Your last answers are not saved yet, so this page stays open and keeps trying."), {
        urgent: true,
        holds: () => this.unsent(),
      });
    else location.assign(page);
  }

  #leaving(event) {
    if (!this.unsent()) return;
    event.preventDefault();
    event.returnValue = _("Some answers are not saved yet.");
  }
}
