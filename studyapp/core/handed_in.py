"""Which image of which team a file that was handed in is, by its name alone."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

_SEPARATORS = " ._-"


def team_of(path: PurePosixPath, around: Sequence[str], teams: Mapping[str, str]) -> str | None:
    """Return the id of the team that a file is of, or None.

    Parameters
    ----------
    path
        Of the file within what was handed in.
    around
        Names of that and of the folders it lies in, innermost first.
    teams
        Names of the teams by id; folders and archives may be called by either.

    Examples
    --------
    >>> teams = {"team03": "Third eye", "team04": "Fourth wall"}
    >>> team_of(PurePosixPath("results/001.png"), ["Team03.zip"], teams)
    'team03'
    >>> [team_of(PurePosixPath(name), ["all"], teams) for name in ("team04_001.png", "001.png")]
    ['team04', None]
    """
    known = {_plain(word): team for team, name in teams.items() for word in (name, team)}
    words = [*(part for part in reversed(path.parent.parts)), *around]
    for word in (*words, *(re.sub(r"\.[A-Za-z0-9]+$", "", word) for word in words)):
        if _plain(word) in known:
            return known[_plain(word)]
    stem = path.stem.casefold()
    return next(
        (team for team in teams if stem.startswith(tuple(team.casefold() + s for s in _SEPARATORS))), None
    )


def match_names(stems: Collection[str], images: Collection[str]) -> dict[str, str]:
    """Return the image that each file's stem means; files that follow no common pattern are left out.

    A pattern is what stands before and after the image's name, case and leading zeros aside; the pattern that
    most files follow decides, so that the 4 of ``001x4`` is not taken for an image.

    Examples
    --------
    >>> match_names(["001x4", "002x4", "004x4"], ["001", "002", "003", "004"])
    {'001x4': '001', '002x4': '002', '004x4': '004'}
    >>> match_names(["Team03_1_restored", "Team03_2_restored", "notes"], ["001", "002"])
    {'Team03_1_restored': '001', 'Team03_2_restored': '002'}
    """
    readings = {stem: dict(_readings(stem, images)) for stem in sorted(stems)}
    votes = Counter(pattern for found in readings.values() for pattern in found)
    matched: dict[str, str] = {}
    # A pattern as long as the name says least: among equals the one that leaves the least around the image.
    ranked = sorted(votes, key=lambda pattern: (-votes[pattern], len("".join(pattern)), pattern))
    for pattern in ranked:
        for stem, found in readings.items():
            if stem not in matched and pattern in found and found[pattern] not in matched.values():
                matched[stem] = found[pattern]
    return matched


def _readings(stem: str, images: Collection[str]) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield each (before, after) with which a stem names an image."""
    plain = stem.casefold()
    numbers = {image.lstrip("0") or "0": image for image in images if image.isdigit()}
    for found in re.finditer("[0-9]+", plain):
        image = numbers.get(found[0].lstrip("0") or "0")
        if image is not None:
            yield (plain[: found.start()], plain[found.end() :]), image
    for image in images:
        if not image.isdigit():
            for found in re.finditer(rf"(?<![a-z0-9]){re.escape(image.casefold())}(?![a-z0-9])", plain):
                yield (plain[: found.start()], plain[found.end() :]), image


def _plain(word: str) -> str:
    return re.sub(r"[\W_]+", "", word.casefold())
