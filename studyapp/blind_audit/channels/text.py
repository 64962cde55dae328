"""Words in what is sent: names, ids, files, hashes, sizes and other people."""

import re
from collections.abc import Iterator
from functools import lru_cache

from studyapp.blind_audit.evidence import Evidence, Exchange
from studyapp.blind_audit.words import SHORTEST, Finder, without_random
from studyapp.imaging import webp
from studyapp.resources import resource_folder

_NUMBER = re.compile(r"(?<![\w.])\d{5,}(?![\w.])")


def team_names(evidence: Evidence) -> Iterator[str]:
    """No name, member or affiliation of a team stands in any page, script, data, header or error."""
    yield from _search(evidence, uncommon(evidence.truth.words.names))


def team_ids(evidence: Evidence) -> Iterator[str]:
    """No id of a team stands in any page, script, data, header or error."""
    yield from _search(evidence, uncommon(evidence.truth.words.ids))


def passed_over(evidence: Evidence) -> Iterator[str]:
    """Tell which names and ids could not be looked for."""
    words = evidence.truth.words
    for word in (*words.names, *words.ids):
        if len(word) < SHORTEST:
            yield f"{word!r} is too short to search for"
        elif word not in uncommon(words.names) + uncommon(words.ids):
            yield f"{word!r} is a word on the application's own pages"


def file_names(evidence: Evidence) -> Iterator[str]:
    """No name or path of a file or pack, and no path of the server, stands anywhere."""
    yield from _search(evidence, evidence.truth.words.files)


def hashes(evidence: Evidence) -> Iterator[str]:
    """No hash of a file, a pack, its pixels or its path stands anywhere, whole or shortened."""
    for item in evidence.texts:
        for digest in evidence.truth.words.hashes_in(said(item)):
            yield f"{digest} in {item}"


def file_sizes(evidence: Evidence) -> Iterator[str]:
    """No number is the size of a source file or pack."""
    for item in evidence.texts:
        headers = " ".join(value for name, value in item.headers if name.lower() != "content-length")
        for number in set(_NUMBER.findall(f"{headers} {item.text}")):
            if int(number) in evidence.truth.sizes:
                yield f"{number} bytes in {item}"


def other_people(evidence: Evidence) -> Iterator[str]:
    """No other judge's name or address stands anywhere."""
    for item in evidence.texts:
        for word in _finder(_others(evidence, item.judge)).found(said(item)):
            yield f"{word!r} in {item}"


def leaks(evidence: Evidence, text: str, *, judge: int | None = None) -> list[str]:
    """Return every word in `text` that gives away a team, a file or another judge."""
    words = evidence.truth.words
    parts = (words.names, words.ids, words.files, _others(evidence, judge))
    told = {word for part in parts for word in _finder(part).found(text)}
    return sorted(told | set(words.hashes_in(text)))


def said(item: Exchange) -> str:
    """Return the headers and the body of an answer as one text."""
    return "\n".join([*(f"{name}: {value}" for name, value in item.headers), item.text])


@lru_cache(maxsize=8)
def uncommon(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words that can be looked for: not those that the application's own texts use anyway."""
    common = set(_finder(words).found(_own_text()))
    return tuple(word for word in words if word not in common)


def _search(evidence: Evidence, words: tuple[str, ...]) -> Iterator[str]:
    finder = _finder(words)
    known = [*evidence.truth.slots, *evidence.truth.trials]
    for item in evidence.texts:
        for word in finder.found(without_random(said(item)), ignoring=known):
            yield f"{word!r} in {item}"
    for tile in evidence.tiles:
        # In bare pixels nothing can stand; by chance short words do.
        if not webp.is_bare(tile.exchange.body):
            for word in finder.found(tile.exchange.body.decode("latin-1")):
                yield f"{word!r} in the bytes of {tile.exchange}"


def _others(evidence: Evidence, judge: int | None) -> tuple[str, ...]:
    people = evidence.truth.words.people or {}
    own = set(people.get(judge, ())) if judge is not None else set()
    return tuple(sorted({word for words in people.values() for word in words} - own))


@lru_cache(maxsize=256)
def _finder(words: tuple[str, ...]) -> Finder:
    return Finder(words)


@lru_cache(maxsize=1)
def _own_text() -> str:
    files = [
        path
        for name in ("templates", "static")
        for path in sorted(resource_folder(name).rglob("*"))
        if path.suffix in (".html", ".js", ".css")
    ]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)
