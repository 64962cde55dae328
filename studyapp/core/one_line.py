"""Text that people write into one line: names, titles, reasons."""

import unicodedata
from typing import Annotated, Any

from pydantic import BeforeValidator

from analysis.texts import say

_BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"


def one_line(text: str) -> str:
    """Return a text unchanged if it fits on one line of a table, a page or a terminal.

    Any writing system and any sign will do, direction marks included; line breaks, control characters and
    what is no character at all will not, nor a text with nothing to see in it.

    Raises
    ------
    ValueError
        Naming the character and its place.

    Examples
    --------
    >>> one_line("=@home, \u05d0\u05d1")
    '=@home, אב'
    """
    for place, letter in enumerate(text, start=1):
        if letter in _BREAKS:
            raise ValueError(
                say("there is a line break at character %(place)s; write it on one line", place=place)
            )
        if unicodedata.category(letter) in ("Cc", "Cs"):
            raise ValueError(
                say(
                    "there is a control character, %(sign)s, at character %(place)s; remove it",
                    sign="U+" + format(ord(letter), "04X"),
                    place=place,
                )
            )
    if all(unicodedata.category(letter)[0] in "ZC" for letter in text):
        raise ValueError(say("nothing in it can be seen; write at least one letter or sign"))
    return text


def _checked(value: Any) -> Any:
    return one_line(value) if isinstance(value, str) else value


OneLine = Annotated[str, BeforeValidator(_checked)]
"""Of a study file. Checked first, so that text that is not Unicode is named like the rest."""
