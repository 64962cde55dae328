"""Text that people write into one line: names, titles, reasons."""

import unicodedata
from typing import Annotated, Any

from pydantic import BeforeValidator

_BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"


def one_line(text: str) -> str:
    """Return a text as it is when it can stand in one line of a table, a page or a terminal.

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
            raise ValueError(f"there is a line break at character {place}; write it in one line")
        if unicodedata.category(letter) in ("Cc", "Cs"):
            raise ValueError(
                f"there is a control character, U+{ord(letter):04X}, at character {place}; remove it"
            )
    if all(unicodedata.category(letter)[0] in "ZC" for letter in text):
        raise ValueError("there is nothing to see in it; write at least one letter or sign")
    return text


def _checked(value: Any) -> Any:
    return one_line(value) if isinstance(value, str) else value


OneLine = Annotated[str, BeforeValidator(_checked)]
"""Of a study file. Checked first, so that text that is not Unicode is named like the rest."""
