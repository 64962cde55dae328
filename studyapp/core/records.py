"""Reading back the JSON that the database keeps: what broke there is told in words, not by a traceback."""

from typing import Any

from analysis.json_text import read_json
from studyapp.core.ledger import judge_label
from studyapp.errors import DamagedError


def read_record(text: str, of: str) -> dict[str, Any]:
    """Return the object that a row keeps as JSON; `of` says which row, for the error.

    Raises
    ------
    DamagedError
        When it is not JSON any more, or no object.

    Examples
    --------
    >>> read_record('{"picks":[2]}', "ballot event 7")
    {'picks': [2]}
    """
    value = _read(text)
    if not isinstance(value, dict):
        raise damaged(of)
    return value


def read_conflicts(text: str, judge: int) -> tuple[str, ...]:
    """Return the teams that a judge's row names as conflicts, none where it says nothing.

    Raises
    ------
    DamagedError
        When the row does not hold a list of them any more.

    Examples
    --------
    >>> read_conflicts('["team01"]', 3)
    ('team01',)
    """
    value = _read(text or "[]")
    if not isinstance(value, list):
        raise damaged(f"the list of conflicts of {judge_label(judge)}")
    return tuple(map(str, value))


def _read(text: str) -> Any:
    try:
        return read_json(text)
    except ValueError:
        return None


def damaged(of: str) -> DamagedError:
    """Return the error that says what is damaged, and what to do."""
    return DamagedError(
        f"{of} is damaged in the study's database; restore a backup into another folder with "
        "`studyapp restore`"
    )
