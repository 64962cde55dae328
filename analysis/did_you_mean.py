"""Which known name was probably meant by a wrong one."""

import difflib
import re
from collections.abc import Collection, Iterable


def nearest(wrong: str, known: Collection[str]) -> str | None:
    """Return the known name that `wrong` was probably meant to be, or None.

    Leading zeros, case and words added around the name matter least; two different numbers never match.

    Examples
    --------
    >>> nearest("1", ["001", "002"]), nearest("002_restored", ["001", "002"])
    ('001', '002')
    >>> nearest("alhpa", ["alpha", "beta"])
    'alpha'
    >>> nearest("003", ["001", "002"]), nearest("team03_X", ["team01", "team02"])
    (None, None)
    """
    same = [name for name in known if _plain(name) == _plain(wrong)]
    if not same:
        words = {_plain(word) for word in re.split(r"[^A-Za-z0-9]+|(?<=[A-Za-z])(?=[0-9])", wrong) if word}
        same = [name for name in known if _plain(name) in words]
    if not same and not wrong.isdigit():
        meant = misspelt(wrong, [name for name in known if not name.isdigit() and _numbers_fit(wrong, name)])
        same = [meant] if meant else []
    return same[0] if len(same) == 1 else None


def misspelt(wrong: str, known: Iterable[str], *, alike: float = 0.6) -> str | None:
    """Return the known word with nearly the same spelling; `alike` is how much must match (0 to 1).

    Examples
    --------
    >>> misspelt("jugde", ["judge", "image"]), misspelt("final_rank", ["rank"]) is None
    ('judge', True)
    """
    return next(iter(difflib.get_close_matches(wrong, list(known), n=1, cutoff=alike)), None)


def hint(wrong: str, known: Iterable[str]) -> str:
    """Return the remedy for an unknown name: the one that was probably meant, or the known ones.

    Examples
    --------
    >>> hint("Beah", ["Ada", "Bea"]), hint("Zoe", ["Ada", "Bea"])
    ("did you mean 'Bea'?", 'choose from Ada, Bea')
    """
    known = list(known)
    meant = nearest(wrong, known)
    return f"did you mean {meant!r}?" if meant else f"choose from {', '.join(known) or 'none'}"


def _numbers_fit(one: str, other: str) -> bool:
    first, second = ([int(digits) for digits in re.findall("[0-9]+", name)] for name in (one, other))
    return first == second or not (first and second)


def _plain(name: str) -> str:
    return (name.lstrip("0") or "0") if name.isdigit() else name.casefold()
