// Evidence of looking that no ballot carries: what was looked at after the last pick. It never asks the judge anything
// and never holds up an answer. A report is kept until the server has it; it covers its visit so far, so a later one
// takes the place of an earlier, and the server ignores what it knows already.

const PREFIX = "studyapp.looking.";
const KEPT_DAYS = 14;
const KEPT_REPORTS = 40; // about half a megabyte; then the oldest goes
const WORTH_SENDING = 1; // second of looking that no report has
const ENDS = [200, 409, 413, 422]; // taken, or never to be taken; another judge's report (404) waits for its judge
const AWAY = (status) => status === 0 || status >= 500;

export class Evidence {
  /**
   * @param send ({url, body, method, outlive}) => Promise<{status}>; rejects when the network does
   * @param storage localStorage or the like
   */
  constructor({ send, storage, now }) {
    Object.assign(this, { send, storage, now, carried: new Map() });
  }

  /** A ballot carries this report. */
  carry({ visit, seconds }) {
    this.carried.set(visit, seconds);
  }

  /** The judge leaves what `report` is about; `outlive`: the page itself may end now. */
  leave(url, report, { outlive = false } = {}) {
    if (report.seconds - (this.carried.get(report.visit) ?? 0) < WORTH_SENDING) return;
    this.carry(report);
    const key = PREFIX + report.visit;
    const record = { url, report, at: this.now() };
    this.#keep(key, record);
    this.#post(key, record, outlive).then((status) => status === 200 && this.catchUp());
  }

  /** Send what could not be sent before, one after the other, until the server is away. */
  async catchUp() {
    if (this.catching) return;
    this.catching = true;
    for (const key of this.#keys()) {
      const record = this.#read(key);
      if (!record) this.storage.removeItem(key);
      else if (AWAY(await this.#post(key, record, false))) break;
    }
    this.catching = false;
  }

  /** The server's status; 0 when it cannot be reached. */
  async #post(key, { url, report }, outlive) {
    const status = await this.send({ url, body: report, method: "POST", outlive }).then(
      (answer) => answer.status,
      () => 0,
    );
    if (ENDS.includes(status) && this.#read(key)?.report.seconds === report.seconds) this.storage.removeItem(key);
    return status;
  }

  #keep(key, record) {
    const keys = this.#keys().filter((other) => other !== key);
    const oldest = keys.sort((one, other) => (this.#read(one)?.at ?? 0) - (this.#read(other)?.at ?? 0));
    for (const old of oldest.slice(0, Math.max(0, keys.length + 1 - KEPT_REPORTS))) this.storage.removeItem(old);
    try {
      this.storage.setItem(key, JSON.stringify(record));
    } catch {
      // Full or forbidden: it is sent now or never.
    }
  }

  #keys() {
    const { storage } = this;
    return Array.from({ length: storage.length }, (_, index) => storage.key(index)).filter((key) =>
      key?.startsWith(PREFIX),
    );
  }

  #read(key) {
    try {
      const record = JSON.parse(this.storage.getItem(key));
      return this.now() - record.at > KEPT_DAYS * 86_400_000 ? null : record;
    } catch {
      return null;
    }
  }
}
