"""Errors of ours and of databases as lines in words."""

from sqlalchemy.exc import DBAPIError

from analysis.printable import printable, printable_lines
from studyapp.db.database import sqlite3
from studyapp.errors import StudyError

# What SQLite says, and what that means for a study.
_SQLITE = (
    ("disk is full", "the disk is full; free some space and run the command again"),
    (
        "readonly",
        "the study's database is read-only; run the command as its owner, on a writable disk",
    ),
    (
        "unable to open",
        "the study's database cannot be opened; run the command as its owner, on a writable disk",
    ),
    ("locked", "another process is using the study's database; run the command again when it has finished"),
    ("disk i/o", "the study's database is on a full or failing disk; free some space or use another disk"),
    (
        "not a database",
        "var/study.db is damaged; restore a backup into another folder with `studyapp restore`",
    ),
    ("malformed", "var/study.db is damaged; restore a backup into another folder with `studyapp restore`"),
    (
        "no such",
        "part of var/study.db is missing; restore a backup into another folder with `studyapp restore`",
    ),
)


def words_of(error: Exception) -> str | None:
    """Return what to say of an error that the user can fix; None for any other."""
    if isinstance(error, StudyError):
        return printable_lines(str(error))
    if isinstance(error, DBAPIError | sqlite3.Error):  # pyright: ignore[reportAttributeAccessIssue]
        return _of_database(error)
    return None


def _of_database(error: Exception) -> str:
    said = str(getattr(error, "orig", None) or error)
    words = next((words for part, words in _SQLITE if part in said.lower()), None)
    first = printable(said.strip().partition("\n")[0])
    return (
        words
        or f"the study's database reports an error: {first}; `studyapp verify DIR` tells whether it is intact"
    )
