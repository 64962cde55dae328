// Words that several parts of the page use, and all messages in the page's language: the server puts them beside the page.

/** The page's language, for Intl. */
export const language = globalThis.document?.documentElement?.lang || "en";

const { messages = {}, forms = [] } = JSON.parse(
  globalThis.document?.getElementById("texts")?.textContent || "{}",
);

const FORMS = 100; // beyond these plural forms follow the last two digits

const fill = (message, values = {}) =>
  message.replace(/%%|%\((\w+)\)s/g, (_all, name) => (name ? values[name] : "%"));

/** A message in the page's language; `%(name)s` stands for a value, `%%` for a percent sign. */
export const _ = (message, values) => fill(messages[message] ?? message, values);

/** The message for so many; `%(count)s` is how many. */
export function ngettext(one, many, count, values) {
  const form = messages[one]?.[forms[count < forms.length ? count : FORMS + (count % FORMS)]];
  return fill(form ?? (count === 1 ? one : many), { count, ...values });
}

const ordinals = new Intl.PluralRules(language, { type: "ordinal" });
const ORDINALS = {
  one: (rank) => _("%(rank)sst", { rank }),
  two: (rank) => _("%(rank)snd", { rank }),
  few: (rank) => _("%(rank)srd", { rank }),
};

/** "1st", "2nd", "3rd", "4th": for the plural form of ordinals that the language uses. */
export const ordinal = (rank) => (ORDINALS[ordinals.select(rank)] ?? nth)(rank);

const nth = (rank) => _("%(rank)sth", { rank });

const percents = new Intl.NumberFormat(language, { style: "percent" });

/** "125%", as the language writes it. */
export const percent = (share) => percents.format(share);

/** A candidate in a sentence. On the screen it is called by its number alone, and that number is pressed for it. */
export const nameOf = (slot) => _("Candidate %(slot)s", { slot });

/** "a, b, c". */
export const commas = (words) =>
  words.length ? words.reduce((some, more) => _("%(some)s, %(more)s", { some, more })) : "";

/** One sentence after the other; those that are empty or null are left out. */
export const sentences = (...all) =>
  all.filter(Boolean).reduce((some, more) => _("%(some)s %(more)s", { some, more }));

/** "a", "a and b", "a, b and c". */
export const listed = (words) =>
  words.length < 2
    ? words.join("")
    : _("%(some)s and %(last)s", { some: commas(words.slice(0, -1)), last: words.at(-1) });

/** "1 to 9". */
export const range = (first, last) => _("%(first)s to %(last)s", { first, last });

/** "a", "a or b", "a, b or c". */
export const either = (words) =>
  words.length < 2
    ? words.join("")
    : _("%(some)s or %(last)s", { some: commas(words.slice(0, -1)), last: words.at(-1) });
