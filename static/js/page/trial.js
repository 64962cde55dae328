// The image in front of the judge, as the server describes it. Tells "open" when everything has taken up another one,
// and "state" when the study's state has changed meanwhile.

import { SAYS } from "./nouns.js";

export class Trial extends EventTarget {
  /** What one trial is called: the question may say "pair". */
  noun = "image";

  /** What the page says of it under that name. */
  get says() {
    return SAYS[this.noun];
  }

  /** Take up what the server says of another image; `opened` follows. */
  take(data) {
    this.data = data;
  }

  opened() {
    this.dispatchEvent(new Event("open"));
  }

  follow({ state, open, withdrawn, skipped }) {
    Object.assign(this.data, { state, open, withdrawn, skipped });
    this.dispatchEvent(new Event("state"));
  }

  get slots() {
    return this.data.slots.map(({ slot }) => slot);
  }

  get practice() {
    return this.data.kind === "practice";
  }

  /** Whether answers are not taken. */
  get shut() {
    return !this.data.open;
  }
}
