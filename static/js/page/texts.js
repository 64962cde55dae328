// Words that several parts of the page use.

/** A candidate in a sentence. On the screen it is called by its number alone, and that number is pressed for it. */
export const nameOf = (slot) => `Candidate ${slot}`;

/** "a", "a and b", "a, b and c". */
export const listed = (words, last = "and") =>
  [words.slice(0, -1).join(", "), ...words.slice(-1)].filter(Boolean).join(` ${last} `);

/** A sentence's beginning in capitals. */
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
