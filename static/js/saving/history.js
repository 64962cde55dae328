// Undo for the picks of one trial, within one visit to it. Without a past, undo takes the last pick off.

export class History {
  constructor() {
    this.past = [];
  }

  record(picks) {
    this.past.push([...picks]);
  }

  /** The picks before the last change. */
  undo(picks) {
    return this.past.pop() ?? picks.slice(0, -1);
  }

  canUndo(picks) {
    return this.past.length > 0 || picks.length > 0;
  }
}
