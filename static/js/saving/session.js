// What the judge is doing on the trial in front of them: picks, the chosen slot, undo. Everything that changes goes
// through here and is told by events: "trial", "picks", "current", "aimed", "said", "lane", "other-lane", "state", "count".

import { append, assign, describe, missingReason, remove } from "../protocols/picks.js";
import { History } from "./history.js";

const ENDED = {
  true: "The study has not begun yet: picks cannot be saved.",
  false: "The study is closed: picks can no longer be changed.",
};

export class Session extends EventTarget {
  constructor(outbox) {
    super();
    this.outbox = outbox;
    this.complete = new Map(); // trial: whether its ballot is complete, as far as the server has said
    this.collect = () => ({}); // what is kept beside the picks: reasons, evidence of looking
    this.hindrance = () => null; // why nothing can be answered now
    this.unseen = () => null; // why a slot cannot be picked yet
    outbox.onChange = (lane) => this.#laneChanged(lane);
  }

  /** Take up a trial as the server describes it; unsent picks of an earlier visit come back. */
  load(data) {
    this.data = data;
    this.history = new History();
    this.lane = this.outbox.lane(data.trial, data.links.ballot, data.ballot);
    const { acknowledged } = this.lane;
    const latest = acknowledged?.revision > data.ballot.revision ? acknowledged : data.ballot;
    this.picks = [...(this.outbox.pending(data.trial)?.answer ?? latest.answer).picks];
    this.readOnly = !data.open;
    this.answered = data.answered + Number(latest.complete === true) - Number(data.ballot.complete === true);
    if (data.kind !== "practice") this.complete.set(data.trial, latest.complete === true);
    this.current = null;
    this.pointed = null;
    this.recent = [];
    this.#tell("trial");
    this.#tell("picks");
    this.#tell("aimed");
    this.#tell("current");
    this.#tell("lane");
  }

  /** The study's state has changed while the trial was on the screen. */
  setState({ state, open, withdrawn, skipped }) {
    Object.assign(this.data, { state, open, withdrawn, skipped });
    this.readOnly = !open;
    this.#tell("state");
  }

  get slots() {
    return this.data.slots.map(({ slot }) => slot);
  }
  get places() {
    return this.data.question.places;
  }

  /** The slot that place keys apply to: the one pointed at since another was chosen, else the chosen one. */
  get aimed() {
    return this.pointed ?? this.current;
  }

  /** The pointer moved onto a slot, or off all (null). */
  point(slot) {
    if (slot === this.pointed) return;
    this.pointed = slot;
    this.#tell("aimed");
  }

  /** Make a slot the one that place keys apply to. */
  choose(slot) {
    if (!this.slots.includes(slot)) return this.say(`There is no candidate ${slot}.`);
    this.recent = [slot, ...this.recent.filter((other) => other !== slot)];
    this.current = slot;
    this.pointed = null;
    this.#tell("aimed");
    return this.#tell("current");
  }

  /** Choose the next slot (step 1) or the one before (-1), in the order of the numbers. */
  cycle(step) {
    const { slots } = this;
    const at = slots.indexOf(this.aimed);
    return this.choose(
      at < 0 ? slots.at(step > 0 ? 0 : -1) : slots[(at + step + slots.length) % slots.length],
    );
  }

  /** Choose a slot and, when it has no place yet, give it the next free one. */
  pick(slot) {
    this.choose(slot);
    if (this.current === slot) this.placeNext(slot);
  }

  placeNext(slot = this.aimed) {
    return this.#give(slot, () => append(this.picks, slot, this.places));
  }

  placeAt(place, slot = this.aimed) {
    return this.#give(slot, () => assign(this.picks, slot, place, this.places));
  }

  takeOff(slot) {
    this.#change(remove(this.picks, slot));
  }

  undo() {
    if (!this.history.canUndo(this.picks)) return this.say("Nothing to undo.");
    const before = this.picks;
    const picks = this.history.undo(before);
    return this.#set(picks, `Undone: ${describe(picks, before)}`);
  }

  /** Why the judge cannot go on yet, or null. */
  get incomplete() {
    return missingReason(this.picks, this.places);
  }

  /** Whether the server's own word is that this ballot is complete. */
  get accepted() {
    return (this.lane.acknowledged ?? this.data.ballot).complete === true;
  }

  /** @param holds () => whether an urgent message is still true */
  say(text, { urgent = false, seen = false, holds = null } = {}) {
    this.dispatchEvent(new CustomEvent("said", { detail: { text, urgent, seen, holds } }));
  }

  /** Save again with what is kept beside the picks (reasons, evidence of looking). */
  saveExtras() {
    if (!this.readOnly && (this.picks.length || this.lane.revision))
      this.outbox.put(this.lane, this.#answer());
  }

  /** Save what was said of candidates, also before any is picked. */
  saveReasons() {
    if (!this.readOnly) this.outbox.put(this.lane, this.#answer());
  }

  /** After a conflict: keep `mine` or take what the server has. */
  resolve(mine) {
    const current = this.lane.conflict;
    if (!mine) this.picks = [...current.answer.picks];
    this.outbox.resolve(this.lane, current, mine ? this.#answer() : null);
    this.history = new History();
    this.#tell("picks");
    this.say(mine ? "The picks made here count now." : `The saved picks count: ${describe(this.picks)}`);
  }

  #give(slot, change) {
    if (slot === null) return this.say("Point at a candidate, click it or press C first.");
    const unseen = this.unseen(slot);
    if (unseen) return this.say(unseen, { urgent: true });
    return this.#change(change());
  }

  #change({ picks, said, refused }) {
    if (refused) return this.say(said);
    if (!this.#mayChange()) return undefined;
    this.history.record(this.picks);
    return this.#set(picks, said);
  }

  #set(picks, said) {
    if (!this.#mayChange()) return;
    this.picks = picks;
    this.#tell("picks");
    this.say(said, { seen: true });
    this.outbox.put(this.lane, this.#answer());
  }

  #mayChange() {
    const reason = this.readOnly ? ENDED[this.data.state === "draft"] : this.hindrance();
    if (reason) this.say(reason);
    return !reason;
  }

  #answer() {
    return { answer: { picks: [...this.picks] }, ...this.collect() };
  }

  #laneChanged(lane) {
    if (lane.state === "saved" && lane.acknowledged) this.#count(lane);
    if (lane !== this.lane) return this.#tell("other-lane", lane);
    if (lane.superseded) {
      lane.superseded = false;
      this.picks = [...lane.acknowledged.answer.picks];
      this.#tell("picks");
      this.say(`A later answer of yours stands: ${describe(this.picks)}`, { urgent: true });
    }
    if (lane.state === "closed") this.readOnly = true;
    if (lane.state === "stale" && String(lane.conflict.answer.picks) === String(this.picks)) {
      return this.outbox.resolve(lane, lane.conflict, null); // both say the same: nothing to ask
    }
    return this.#tell("lane", lane);
  }

  /** Images answered: only what the server has said is complete. */
  #count({ trial, acknowledged }) {
    if (this.complete.has(trial)) {
      const complete = acknowledged.complete === true;
      this.answered += Number(complete) - Number(this.complete.get(trial));
      this.complete.set(trial, complete);
    }
    if (this.data.state === "paused") this.data.state = "open"; // it was saved, so it goes on
    this.#tell("count");
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
