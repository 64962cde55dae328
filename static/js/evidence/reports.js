// Evidence that no answer carries: what was looked at after the last answer, and changes of the screen. It never asks the
// judge anything and never holds up an answer. A report is kept until the server has taken or refused it (the server
// counts what it refuses, for the organisers); it may be sent twice, and the server keeps it once.

import { keysOf, recordOf } from "../saving/records.js";

const PREFIX = "studyapp.looking.";
const KEPT_REPORTS = 40; // about half a megabyte; then the oldest goes
const WORTH_SENDING = 1; // second of looking that no report has
const ENDS = [200, 409, 413, 422]; // taken, or never to be taken; another judge's report (404) waits for its judge
const AWAY = (status) => status === 0 || status === 429 || status >= 500;

export class Reports {
  /**
   * @param send ({url, body, outlive}) => Promise<{status}>; rejects when the network does
   * @param storage localStorage or the like
   */
  constructor({ send, storage }) {
    Object.assign(this, { send, storage, carried: new Map() });
  }

  /** An answer carries this report. */
  carry({ visit, seconds }) {
    this.carried.set(visit, seconds);
  }

  /**
   * The judge leaves what `report` is about; `outlive`: the page itself may end now. A report covers its visit so far,
   * so a later one takes the place of an earlier.
   */
  leave(url, report, { outlive = false } = {}) {
    if (report.seconds - (this.carried.get(report.visit) ?? 0) < WORTH_SENDING) return;
    this.carry(report);
    this.#send(report.visit, url, report, outlive);
  }

  /** Something else worth noting, under a name of its own. */
  note(name, url, report) {
    this.#send(name, url, report, false);
  }

  /** Send what could not be sent before, one after the other, until the server is away. */
  async catchUp() {
    if (this.catching) return;
    this.catching = true;
    for (const key of keysOf(this.storage, PREFIX)) {
      const record = recordOf(this.storage, key);
      if (!record) this.storage.removeItem(key);
      else if (AWAY(await this.#post(key, record, false))) break;
    }
    this.catching = false;
  }

  #send(name, url, report, outlive) {
    const key = PREFIX + name;
    const record = { url, report, order: this.#latest() + 1 };
    this.#keep(key, record);
    this.#post(key, record, outlive).then((status) => status === 200 && this.catchUp());
  }

  /** The server's status; 0 when it cannot be reached. */
  async #post(key, { url, report }, outlive) {
    const status = await this.send({ url, body: report, outlive }).then(
      (answer) => answer.status,
      () => 0,
    );
    const still = JSON.stringify(recordOf(this.storage, key)?.report) === JSON.stringify(report);
    if (ENDS.includes(status) && still) this.storage.removeItem(key);
    return status;
  }

  #keep(key, record) {
    const keys = keysOf(this.storage, PREFIX).filter((other) => other !== key);
    const oldest = keys.sort((one, other) => this.#order(one) - this.#order(other));
    for (const old of oldest.slice(0, Math.max(0, keys.length + 1 - KEPT_REPORTS)))
      this.storage.removeItem(old);
    try {
      this.storage.setItem(key, JSON.stringify(record));
    } catch {
      // Full or forbidden: it is sent now or never.
    }
  }

  #latest() {
    return keysOf(this.storage, PREFIX).reduce((latest, key) => Math.max(latest, this.#order(key)), 0);
  }

  #order(key) {
    return recordOf(this.storage, key)?.order ?? 0;
  }
}
