"""Find names that look like one name spelt twice ("Velander" and "Verlander")."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

SHORTEST_WORD = 5


def alike(names: Iterable[str]) -> list[tuple[str, str]]:
    """Return the pairs of names that differ by case, accents or punctuation, or by one letter of a long word.

    Names that differ in their digits ("judge01", "judge02") or in a short word ("Judge A", "Judge B") are not
    alike. Linear in the number of names: two words one letter apart share a form with one letter left out.

    Examples
    --------
    >>> alike(["Velander", "Verlander", "Olga", "olga ", "team01", "team02"])
    [('Olga', 'olga '), ('Velander', 'Verlander')]
    """
    by_form: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name in sorted(set(names)):
        for form in _forms(_words(name)):
            by_form[form].append(name)
    pairs = {
        (first, second)
        for group in by_form.values()
        for index, first in enumerate(group)
        for second in group[index + 1 :]
    }
    return sorted(pairs)


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.findall(r"[^\W_]+", plain) or [name]


def _forms(words: list[str]) -> set[tuple[str, ...]]:
    """The name itself run together, and with each one letter of each long word left out."""
    forms: set[tuple[str, ...]] = {("".join(words),)}
    for place, word in enumerate(words):
        if len(word) < SHORTEST_WORD:
            continue
        rest = (*words[:place], "*", *words[place + 1 :])
        forms.add((*rest, word))
        forms |= {
            (*rest, word[:cut] + word[cut + 1 :]) for cut, letter in enumerate(word) if not letter.isdigit()
        }
    return forms
