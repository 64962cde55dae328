"""Words that give a team away, in the forms in which they can slip out, and finding them in a text."""

import base64
import html
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

SHORTEST = 3
"""Shorter ids and names stand in every text; they cannot be looked for."""
_PREFIX = 10
"""So many characters of a hash are looked for, so that a shortened one is found too."""
_RUN = re.compile(rf"[A-Za-z0-9+/_-]{{{_PREFIX},}}")
_RANDOM = re.compile(r"[A-Za-z0-9_.\-]{60,}")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")


class Finder:
    """Finds whole words in texts: plain, in hexadecimal and in base64, whatever the case.

    Examples
    --------
    >>> finder = Finder(["team01"])
    >>> finder.found("see Team01, not team012"), finder.found("dGVhbTAx")
    (['team01'], ['team01'])
    """

    def __init__(self, words: Iterable[str], *, bounded: bool = True) -> None:
        self._words = {form: word for word in words if len(word) >= SHORTEST for form in _forms(word)}
        self._bounded = bounded

    def found(self, text: str, *, ignoring: Iterable[str] = ()) -> list[str]:
        """Return the words that stand in `text`, as it is or unescaped; `ignoring` is blanked out first."""
        readings = _readings(text)
        hits = {form for reading in readings for form in self._words if form in reading}
        if not hits:
            return []
        for known in ignoring:
            readings = {reading.replace(known.lower(), " ") for reading in readings}
        return sorted({self._words[form] for form in hits if self._stands(form, readings)})

    def _stands(self, form: str, readings: Iterable[str]) -> bool:
        if not self._bounded:
            return any(form in reading for reading in readings)
        whole = re.compile(rf"(?<![a-z0-9]){re.escape(form)}(?![a-z0-9])")
        return any(whole.search(reading) for reading in readings)


@dataclass(frozen=True)
class Words:
    """Secrets by kind: names, ids, files (names and paths), hashes (hexadecimal), people (by judge)."""

    names: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    hashes: tuple[str, ...] = ()
    people: Mapping[int, tuple[str, ...]] | None = None

    @cached_property
    def _hash_starts(self) -> dict[str, str]:
        return {form[:_PREFIX]: digest for digest in self.hashes for form in _digest_forms(digest)}

    def hashes_in(self, text: str) -> list[str]:
        """Return the hashes of which `text` holds the beginning, in hexadecimal or base64."""
        starts = self._hash_starts
        return sorted(
            {
                starts[run[place : place + _PREFIX]]
                for reading in (text, unquote(text))
                for run in _RUN.findall(reading)
                for place in range(len(run) - _PREFIX + 1)
                if run[place : place + _PREFIX] in starts
            }
        )


def without_random(text: str) -> str:
    """Blank out long random strings (signatures, CSRF tokens), in which any short word stands by chance."""
    return _RANDOM.sub(lambda run: " " if _looks_random(run[0]) else run[0], text)


def _looks_random(run: str) -> bool:
    return any(c.isupper() for c in run) and any(c.islower() for c in run) and any(c.isdigit() for c in run)


def _forms(word: str) -> set[str]:
    raw = word.encode("utf-8")
    coded = {raw.hex(), *(_encoded(raw))} if len(word) > SHORTEST else set()
    return {form.lower() for form in {word, *coded}}


def _digest_forms(digest: str) -> set[str]:
    return {digest.lower(), digest.upper(), *_encoded(bytes.fromhex(digest))}


def _encoded(raw: bytes) -> set[str]:
    return {code(raw).decode().rstrip("=") for code in (base64.b64encode, base64.urlsafe_b64encode)}


def _readings(text: str) -> set[str]:
    unescaped = _ESCAPE.sub(lambda escape: json.loads(f'"{escape[0]}"') if _plain(escape) else " ", text)
    return {reading.lower() for reading in (text, html.unescape(text), unquote(text), unescaped)}


def _plain(escape: re.Match[str]) -> bool:
    """Whether this is a character by itself, not half of a pair."""
    return not 0xD800 <= int(escape[1], 16) <= 0xDFFF
