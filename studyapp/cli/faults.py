"""Errors of ours and of databases as lines in words."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.exc import DBAPIError

from analysis.frame import in_words as analysis_in_words
from analysis.printable import printable, printable_lines
from studyapp.db.database import sqlite3
from studyapp.errors import StudyError

# What SQLite says, and what that means for a study.
_SQLITE = (
    ("disk is full", "the disk is full; make room and run it again"),
    ("readonly", "the study's database cannot be written; run as its owner, on a disk that can be written"),
    (
        "unable to open",
        "the study's database cannot be opened; run as its owner, on a disk that can be written",
    ),
    ("locked", "another process holds the study's database; run it again when that has ended"),
    ("disk i/o", "the disk of the study's database is full or fails; make room, or use another disk"),
    ("not a database", "var/study.db is damaged; put a backup into another folder with `studyapp restore`"),
    ("malformed", "var/study.db is damaged; put a backup into another folder with `studyapp restore`"),
    ("no such", "var/study.db lacks a part; put a backup into another folder with `studyapp restore`"),
)


@contextmanager
def in_words() -> Iterator[None]:
    """Turn what the user, the disk or the database made impossible into one message of the command line."""
    try:
        with analysis_in_words(click.ClickException):
            yield
    except StudyError as error:
        raise click.ClickException(printable_lines(str(error))) from error
    except (DBAPIError, sqlite3.Error) as error:  # pyright: ignore[reportAttributeAccessIssue]
        raise click.ClickException(_of_database(error)) from error


def _of_database(error: Exception) -> str:
    said = str(getattr(error, "orig", None) or error)
    words = next((words for part, words in _SQLITE if part in said.lower()), None)
    first = printable(said.strip().partition("\n")[0])
    return words or f"the study's database refuses: {first}; `studyapp verify DIR` tells whether it is whole"
