"""Which image of which team a file that was handed in is, by its name alone."""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

_SEPARATORS = " ._-"
_INPUTS = {
    "input",
    "inputs",
    "lr",
    "lq",
    "low",
    "lowquality",
    "lowres",
    "degraded",
    "noisy",
    "blurred",
    "blur",
}
_TRUTHS = {"gt", "gts", "groundtruth", "groundtruths", "hr", "hq", "target", "targets", "reference", "clean"}
_GENERAL = {
    *("result", "results", "output", "outputs", "out", "image", "images", "img", "imgs", "test", "testing"),
    *("restored", "restoration", "submission", "submissions", "final", "upload", "uploads", "all", "team"),
    *("teams", "data", "png", "pngs", "sr", "x2", "x3", "x4", "x8", "inbox", "downloads", "desktop", "new"),
}
"""Names of folders and archives that say nothing of who made what is in them."""
_LAST_WORD = re.compile(r"[ ._-]+(?:results?|outputs?|submission|final|images|imgs)$", re.IGNORECASE)
_INPUT_MARK = re.compile(r"[._ -]?(?:lr|lq|input|noisy|blur|low|x[2348])", re.IGNORECASE)


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


def role_of(path: PurePosixPath, around: Sequence[str]) -> str | None:
    """Return "input" or "truth" for a file whose folder says that it is no team's result, else None.

    Examples
    --------
    >>> [role_of(PurePosixPath(name), ["all.zip"]) for name in ("LR/001.png", "GT/001.png", "x/001.png")]
    ['input', 'truth', None]
    """
    for word in (*reversed(path.parent.parts), *(_without_suffix(word) for word in around)):
        plain = re.sub(r"[\W_]+|x?[2348]$", "", word.casefold())
        if plain in _INPUTS:
            return "input"
        if plain in _TRUTHS:
            return "truth"
    return None


def says_nothing(word: str) -> bool:
    """Tell whether a folder's name is one that many have, such as "results"."""
    return _plain(word) in _GENERAL or not _plain(word)


def team_name(word: str) -> str:
    """Return the name of a team that a folder or an archive is called after.

    Examples
    --------
    >>> team_name("AlphaNet_results.zip"), team_name("第一队.zip")
    ('AlphaNet', '第一队')
    """
    name = _without_suffix(word)
    return _LAST_WORD.sub("", name) or name


def team_key(name: str, taken: Collection[str]) -> str:
    """Return an id for a team of this name that is a safe name of a folder and not taken.

    Examples
    --------
    >>> team_key("Équipe №1!", []), team_key("第一队", ["team01"]), team_key("alpha", ["Alpha"])
    ('Equipe-No1', 'team02', 'alpha-2')
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    key = re.sub(r"[^A-Za-z0-9._-]+", "-", plain).strip("-._")[:56]
    used = {word.casefold() for word in taken}
    if not re.search("[A-Za-z0-9]", key) or len(key) < len(name) / 2:
        return next(key for number in range(1, 10_000) if (key := f"team{number:02}") not in used)
    if key.casefold() not in used:
        return key
    return next(more for number in range(2, 10_000) if (more := f"{key}-{number}").casefold() not in used)


def prefix_team(stem: str) -> str | None:
    """Return "team07" of "team07_001", for teams that nobody has told of."""
    found = re.match(r"(team[ _-]?[0-9]{1,3})[ ._-]+[^ ._-]", stem, re.IGNORECASE)
    return found[1] if found else None


def input_keys(stems: Collection[str]) -> dict[str, str]:
    """Return the name that each input gives its image: what all have behind it, such as "_LR", is left out.

    Examples
    --------
    >>> input_keys(["0001_LR", "0002_LR"]), input_keys(["a x", "b"])
    ({'0001_LR': '0001', '0002_LR': '0002'}, {'a x': 'a-x', 'b': 'b'})
    """
    cut = {stem: re.sub(rf"{_INPUT_MARK.pattern}$", "", stem, flags=re.IGNORECASE) for stem in stems}
    if len({stem[len(cut[stem]) :].casefold() for stem in stems}) != 1 or len({*cut.values()}) < len(stems):
        cut = {stem: stem for stem in stems}
    return {stem: re.sub(r"[^A-Za-z0-9._-]+", "-", key).strip("-._")[:64] for stem, key in cut.items()}


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
    numbers = _numbers(images)
    for found in re.finditer("[0-9]+", plain):
        image = numbers.get(found[0].lstrip("0") or "0")
        if image is not None:
            yield (plain[: found.start()], plain[found.end() :]), image
    for image in images:
        if not image.isdigit():
            for found in re.finditer(rf"(?<![a-z0-9]){re.escape(image.casefold())}(?![a-z0-9])", plain):
                yield (plain[: found.start()], plain[found.end() :]), image


def _numbers(images: Collection[str]) -> dict[str, str]:
    """Return images by number: those that are one, or, where all are numbered alike, all."""
    alone = {image.lstrip("0") or "0": image for image in images if image.isdigit()}
    if alone or not images:
        return alone
    by_pattern: dict[tuple[str, str], dict[str, str]] = {}
    for image in images:
        for found in re.finditer("[0-9]+", image):
            pattern = (image[: found.start()], image[found.end() :])
            by_pattern.setdefault(pattern, {})[found[0].lstrip("0") or "0"] = image
    return next((found for found in by_pattern.values() if len(found) == len(images)), {})


def _without_suffix(word: str) -> str:
    return re.sub(r"\.(?:zip|png|jpe?g|tiff?|webp|bmp)$", "", word, flags=re.IGNORECASE)


def _plain(word: str) -> str:
    return re.sub(r"[\W_]+", "", word.casefold())
