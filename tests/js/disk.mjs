/** A disk: what is put on it is there for the next page; `broken` makes it fail. */
export class Disk {
  constructor() {
    Object.assign(this, { records: new Map(), broken: false });
  }
  async put(key, value) {
    if (this.broken) throw new Error("full");
    this.records.set(key, value);
  }
  async remove(key) {
    if (this.broken) throw new Error("full");
    this.records.delete(key);
  }
}
