"""Text in the cells of a CSV file: what a spreadsheet would run as a formula is written so that it does not.

docs/ledger.md states the rule for readers; `analysis.verify` reads names by it without this module.
"""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")
_MARK = "'"


def plain_cell(text: str) -> str:
    """Keep a spreadsheet from running a text as a formula, by an apostrophe in front.

    For text that people chose, such as names; numbers and ids need none. A text that begins with an
    apostrophe of its own gets another one, so that `read_cell` gives every text back.

    Examples
    --------
    >>> plain_cell("=HYPERLINK(1)"), plain_cell("Third eye"), plain_cell("'t Hooft")
    ("'=HYPERLINK(1)", 'Third eye', "''t Hooft")
    """
    marked = text.startswith(_MARK) or text.lstrip().startswith(_FORMULA) or text.startswith(_FORMULA)
    return _MARK + text if marked else text


def read_cell(cell: str) -> str:
    """Return the text that `plain_cell` wrote.

    Examples
    --------
    >>> read_cell("'=HYPERLINK(1)"), read_cell("Third eye"), read_cell("''t Hooft")
    ('=HYPERLINK(1)', 'Third eye', "'t Hooft")
    """
    return cell.removeprefix(_MARK)
