// The answer to the trial on the screen, with undo, on its way to the server. What is answered is opaque here: the
// question says how two answers compare and how one is said. Tells "change" (another answer stands), "lane" and
// "other-lane" (something about saving), "count" (another image is, or is no longer, answered), "closed".

import { _ } from "../page/texts.js";

/**
 * What a question knows of its answers.
 * @typedef {object} Rules
 * @property empty the answer that says nothing
 * @property same (one, other) whether two answers say the same
 * @property back (answer) the answer without its last step, for undo where nothing was changed yet
 * @property describe (answer, before) a sentence of its own; with `before`, also what is gone
 */

const SOON = 500; // ms: what is changed again within it is saved and undone as one

/** The answer of a ballot as it travels: what is left without the fields that go with every answer. */
export function answerOf(ballot) {
  const { key, base_revision, revision, complete, saved_at, receipt, reasons, looking, ...answer } = ballot;
  return answer;
}

const ENDED = {
  true: _("The study has not started yet, so answers cannot be saved."),
  false: _("The study is closed. Answers can no longer be changed."),
};

const NONE_GIVEN = { agrees: () => true, describe: () => "" };

export class Answer extends EventTarget {
  /**
   * @param beside () what goes with each answer: reasons, evidence of looking
   * @param given {agrees, describe} (ballot) whether its reasons are those given here, and what they are in words
   * @param hindrance () why nothing can be answered now, or null
   * @param say (text, options)
   */
  constructor(outbox, { beside = () => ({}), hindrance = () => null, given = NONE_GIVEN, say }) {
    super();
    Object.assign(this, { outbox, beside, hindrance, given, say });
    this.complete = new Map(); // trial: whether its answer is complete, as far as the server has said
    outbox.onChange = (lane) => this.#laneChanged(lane);
  }

  /** Take up a trial as the server describes it; what an earlier visit left unsent comes back. */
  open(data, rules) {
    clearTimeout(this.timer);
    Object.assign(this, { data, rules, past: [], burst: null });
    this.lane = this.outbox.lane(data.trial, data.links.ballot, data.ballot);
    const { acknowledged } = this.lane;
    const latest = acknowledged?.revision > data.ballot.revision ? acknowledged : data.ballot;
    this.#take(this.outbox.pending(data.trial) ?? latest);
    this.answered = data.answered + Number(latest.complete === true) - Number(data.ballot.complete === true);
    if (data.kind !== "practice") this.complete.set(data.trial, latest.complete === true);
    this.#tell("change");
    this.#tell("lane");
  }

  /** Whether the server's own word is that this answer is complete. */
  get accepted() {
    return (this.lane.acknowledged ?? this.data.ballot).complete === true;
  }

  /**
   * Another answer stands from now on; tells whether it does.
   * @param said what has changed, for screen readers
   * @param burst what is changed by and by, as a value on a slider: changes of the same within half a second are one
   */
  change(value, said, { burst = null } = {}) {
    if (!this.#mayChange()) return false;
    const goesOn = burst !== null && burst === this.burst;
    if (!goesOn) this.flush();
    if (!goesOn) this.past.push(this.value);
    this.#set(value, said, burst);
    return true;
  }

  /** What goes with the answer is changed by and by. */
  saveSoon(burst) {
    if (!this.data.open) return;
    if (burst !== this.burst) this.flush();
    this.#wait(burst);
  }

  /** Whether what was changed by and by is not on its way yet. */
  get inBurst() {
    return this.burst !== null;
  }

  /** Save what was changed by and by without waiting for more. */
  flush() {
    if (this.inBurst) this.#put();
  }

  get canUndo() {
    return this.past.length > 0 || !this.#empty;
  }

  undo() {
    if (!this.canUndo) return this.say(_("Nothing to undo."));
    if (!this.#mayChange()) return undefined;
    this.flush();
    const before = this.value;
    const value = this.past.pop() ?? this.rules.back(before);
    return this.#set(value, _("Undone. %(answer)s", { answer: this.rules.describe(value, before) }));
  }

  /** Save again with what goes with it, once something is answered. */
  saveAgain() {
    if (!this.#empty || this.lane.revision) this.save();
  }

  /** Save it, even if nothing is answered yet. */
  save() {
    if (this.data.open) this.#put();
  }

  /** After a conflict: keep `mine` or take what the server has. */
  resolve(mine) {
    const { conflict } = this.lane;
    this.burst = null;
    if (!mine) this.#take(conflict);
    this.outbox.resolve(this.lane, conflict, mine ? this.#whole() : null);
    this.past = [];
    if (!mine) this.#tell("taken");
    this.#tell("change");
    this.say(
      mine
        ? _("The answer given here counts.")
        : _("The saved answer counts. %(answer)s", { answer: this.rules.describe(this.value) }),
    );
  }

  get #empty() {
    return this.rules.same(this.value, this.rules.empty);
  }

  #set(value, said, burst = null) {
    this.value = value;
    this.#tell("change");
    this.say(said, { seen: true });
    if (burst === null) this.#put();
    else this.#wait(burst);
  }

  #wait(burst) {
    this.burst = burst;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), SOON);
    this.#tell("lane");
  }

  #put() {
    clearTimeout(this.timer);
    this.burst = null;
    this.outbox.put(this.lane, this.#whole());
  }

  #mayChange() {
    const reason = this.data.open ? this.hindrance() : ENDED[this.data.state === "draft"];
    if (reason) this.say(reason);
    return !reason;
  }

  /** A ballot stands from now on, with its reasons. */
  #take(ballot) {
    this.value = answerOf(ballot);
    this.reasons = ballot.reasons ?? [];
  }

  #says(ballot) {
    return this.rules.same(answerOf(ballot), this.value) && this.given.agrees(ballot);
  }

  #whole() {
    return { ...this.value, ...this.beside() };
  }

  #laneChanged(lane) {
    if (lane.state === "saved" && lane.acknowledged) this.#count(lane);
    if (lane !== this.lane) return this.#tell("other-lane");
    if (lane.superseded) {
      lane.superseded = false;
      this.burst = null;
      this.#take(lane.acknowledged);
      this.#tell("taken");
      this.#tell("change");
      const later = { answer: this.rules.describe(this.value) };
      this.say(_("A later answer of yours counts. %(answer)s", later), { urgent: true });
    }
    if (lane.state === "stale" && this.#says(lane.conflict)) {
      return this.outbox.resolve(lane, lane.conflict, null); // both say the same: nothing to ask
    }
    if (lane.state === "closed" && this.data.open) this.#tell("closed");
    return this.#tell("lane");
  }

  /** Images answered: only what the server has said is complete. */
  #count({ trial, acknowledged }) {
    if (this.complete.has(trial)) {
      const complete = acknowledged.complete === true;
      this.answered += Number(complete) - Number(this.complete.get(trial));
      this.complete.set(trial, complete);
    }
    if (this.data?.state === "paused") this.data.state = "open"; // it was saved, so it goes on
    this.#tell("count");
  }

  #tell(name) {
    this.dispatchEvent(new Event(name));
  }
}
