"""Names of images and teams: what is allowed, and which known name a wrong one was probably meant to be."""

import difflib
import re
from collections.abc import Collection

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def is_key(name: str) -> bool:
    """Whether a file's stem can be the key of an image: 1 to 64 of A-Z a-z 0-9 . _ -, the first no sign."""
    return _KEY.fullmatch(name) is not None


def nearest(wrong: str, known: Collection[str]) -> str | None:
    """Return the known name that `wrong` was probably meant to be, or None.

    Leading zeros, case, and words added around the name count least; two different numbers are never alike.

    Examples
    --------
    >>> nearest("1", ["001", "002"]), nearest("002_restored", ["001", "002"])
    ('001', '002')
    >>> nearest("alhpa", ["alpha", "beta"])
    'alpha'
    >>> nearest("003", ["001", "002"]) is None
    True
    """
    same = [name for name in known if _plain(name) == _plain(wrong)]
    if not same:
        words = {_plain(word) for word in re.split(r"[^A-Za-z0-9]+|(?<=[A-Za-z])(?=[0-9])", wrong) if word}
        same = [name for name in known if _plain(name) in words]
    if not same and not wrong.isdigit():
        same = difflib.get_close_matches(wrong, [name for name in known if not name.isdigit()], n=1)
    return same[0] if len(same) == 1 else None


def _plain(name: str) -> str:
    return (name.lstrip("0") or "0") if name.isdigit() else name.casefold()
