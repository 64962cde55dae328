"""Find names that look like one name spelt twice ("Velander" and "Verlander")."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np

SHORTEST_WORD = 5
_ENDING = re.compile(r"\.(png|jpe?g|tiff?|webp|bmp)$")


def alike(names: Iterable[str]) -> list[tuple[str, str]]:
    """Return the pairs of names that may be one: equal except for case, accents or punctuation, or for one
    letter of a long word, or a surname and the only full name that contains it.

    Names that differ in their digits ("judge01", "judge02") or in a short word ("Judge A", "Judge B") are not
    alike. Linear in the number of names: two words one letter apart share a form with one letter left out.

    Examples
    --------
    >>> alike(["Velander", "Verlander", "Olga", "olga ", "team01", "team02"])
    [('Olga', 'olga '), ('Velander', 'Verlander')]
    >>> alike(["Smith", "John Smith", "Ada", "Ada 1", "Ada 2"])
    [('John Smith', 'Smith')]
    """
    names = list(names)
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
    return sorted(pairs | _surnames(names))


def _surnames(names: list[str]) -> set[tuple[str, str]]:
    """Names of one word, each with the one other name of letters only that holds this word."""
    holders: dict[str, set[str]] = defaultdict(set)
    for name in names:
        for word in set(_words(name)):
            holders[word].add(name)
    pairs = set()
    for name in names:
        words = _words(name)
        others = holders[words[0]] - {name} if len(words) == 1 and len(words[0]) > 2 else set()
        if len(others) == 1 and not any(letter.isdigit() for letter in min(others)):
            pairs.add((min(name, *others), max(name, *others)))
    return pairs


def plain_image(name: str) -> str:
    """Return an image's name without leading zeros of numbers, in lower case and without the extension.

    Examples
    --------
    >>> plain_image("001"), plain_image("img_007.PNG"), plain_image("scene.v2")
    ('1', 'img_7', 'scene.v2')
    """
    name = _ENDING.sub("", name.strip().casefold())
    return re.sub(r"\d+", lambda number: str(int(number.group())), name)


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


def other_names(labels: np.ndarray, names: Mapping[str, str]) -> np.ndarray:
    """Return labels under other names; one without another name stays."""
    return np.array([names.get(label, label) for label in labels], dtype=object)
