"""The file of judges' links that `invite --output` keeps: what is in it stays, what is new is added."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.spreadsheets import plain_cell, read_cell
from studyapp.core.addresses import address_key
from studyapp.core.csv_file import read_csv
from studyapp.errors import ProblemsFoundError

COLUMNS = ("name", "email", "link")
SENT = "already sent"
"""Stands for a link that was given out before: only its hash is kept, so that nobody can write it again."""
REVOKED = "revoked"


@dataclass(frozen=True)
class ListedLink:
    """A judge, and their personal link or what became of it."""

    name: str
    email: str
    link: str


def read_links(path: Path) -> list[ListedLink]:
    """Return the links of a file; none when there is no such file.

    Raises
    ------
    ProblemsFoundError
        When it is something else, so that it is never written over.
    """
    if not path.exists():
        return []
    file = read_csv(path, required=COLUMNS)
    if file.problems:
        raise ProblemsFoundError(file.problems)
    cells = ([row.values[column] for column in COLUMNS] for row in file.rows)
    return [ListedLink(read_cell(name), read_cell(email), link) for name, email, link in cells]


def merge_links(listed: Sequence[ListedLink], changed: Sequence[ListedLink]) -> list[ListedLink]:
    """Return the list with changed links in their judges' lines and new judges behind.

    A judge who is on the list keeps a link that is known when the change only says `SENT`.
    """
    merged = {address_key(item.email): item for item in listed}
    for item in changed:
        if item.link != SENT or address_key(item.email) not in merged:
            merged[address_key(item.email)] = item
    return list(merged.values())


def links_text(links: Sequence[ListedLink]) -> str:
    """Write links as CSV that no spreadsheet runs."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([plain_cell(item.name), plain_cell(item.email), item.link] for item in links)
    return out.getvalue()
