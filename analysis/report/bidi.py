"""Right-to-left names (Hebrew, Arabic) in left-to-right sentences: each name is isolated.

Otherwise a number after such a name would appear before it, and reportlab would draw all letters from
left to right and unjoined. matplotlib orders and joins them itself.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable

_MOST_IN_A_LINE = 40
Mark = Callable[[str], str]


def from_right(text: str) -> bool:
    """Whether a text has letters that are written from right to left.

    Examples
    --------
    >>> from_right("שם 1"), from_right("name 1")
    (True, False)
    """
    return any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text)


def marker(names: Iterable[str], *, plain: Mark, marked: Mark) -> Mark:
    """Return a function that writes a text: `marked` for each right-to-left name, `plain` for the rest.

    Parameters
    ----------
    names
        The names that may occur in the text. Other right-to-left words are found by their letters.
    """
    known = sorted(filter(from_right, set(names)), key=len, reverse=True)
    split = re.compile(f"({'|'.join(map(re.escape, known))})" if known else "(?!)")

    def write(text: str) -> str:
        if not from_right(text):
            return plain(text)
        pieces = split.split(text)
        return "".join(
            marked(piece) if place % 2 else _runs(piece, plain, marked) for place, piece in enumerate(pieces)
        )

    return write


def drawn(text: str) -> str:
    """Return letters in the order in which they are drawn from left to right, with Arabic ones joined."""
    from arabic_reshaper import reshape
    from bidi import get_display

    return str(get_display(reshape(text)))


def in_one_line(text: str) -> bool:
    """Whether a name is short enough to keep on one line; drawn letters would break in the wrong place."""
    return len(text) <= _MOST_IN_A_LINE


def _runs(text: str, plain: Mark, marked: Mark) -> str:
    """Write words from right to left that are no name, with the spaces between them, as one."""
    if not from_right(text):
        return plain(text)
    words = re.split(r"(\s+)", text)
    made, run = [], ""
    for word in words:
        if from_right(word) or (run and word.isspace()):
            run += word
            continue
        made += [_run(run, plain, marked), plain(word)]
        run = ""
    return "".join([*made, _run(run, plain, marked)])


def _run(run: str, plain: Mark, marked: Mark) -> str:
    kept = run.rstrip()
    return (marked(kept) if kept else "") + plain(run[len(kept) :])
