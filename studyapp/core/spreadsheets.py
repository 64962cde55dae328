"""Cells that a spreadsheet would run as a formula."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")


def plain_cell(text: str) -> str:
    """Keep a spreadsheet from running a text as a formula, by an apostrophe in front.

    For text that people chose, such as names; numbers and ids need none.

    Examples
    --------
    >>> plain_cell("=HYPERLINK(1)"), plain_cell("Third eye")
    ("'=HYPERLINK(1)", 'Third eye')
    """
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
