"""The second record beside the database: compare the two, and add to var/votes.jsonl what it lacks.

A crash between a commit and its line leaves a committed event that nobody was told of: the line is added. The
other way round is an alarm: the record holds an event, acknowledged once, that the database does not have.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session

from studyapp.db.journal import JournalLine
from studyapp.services.ledger import Link, ledger_links
from studyapp.services.workspace import Workspace


@dataclass(frozen=True)
class Comparison:
    """How the second record differs from the database."""

    events: int
    missing: tuple[Link, ...]
    strangers: tuple[str, ...]
    damaged: int

    @property
    def agrees(self) -> bool:
        """Whether the record holds nothing that the database lacks."""
        return not self.strangers


def compare_records(session: Session, path: Path) -> Comparison:
    """Compare the ledger in the database with the lines of votes.jsonl."""
    links = ledger_links(session)
    known = {link.line for link in links}
    lines, damaged = _lines(path)
    strangers = [_name(line) for line in lines if line not in known]
    written = set(lines)
    missing = tuple(link for link in links if link.line not in written)
    return Comparison(len(links), missing, tuple(strangers), damaged)


def mend_record(workspace: Workspace) -> Comparison:
    """Add to votes.jsonl what it lacks; return how it was before."""
    with workspace.database.reading() as session:
        before = compare_records(session, workspace.folders.journal)
    if workspace.database.journal is not None:
        workspace.database.journal.append([JournalLine(link.hash, link.line) for link in before.missing])
    return before


def _lines(path: Path) -> tuple[list[str], int]:
    if not path.exists():
        return [], 0
    lines = [line for line in path.read_text(encoding="utf-8", errors="replace").split("\n") if line]
    whole = [line for line in lines if _is_event(line)]
    return whole, len(lines) - len(whole)


def _is_event(line: str) -> bool:
    try:
        value = json.loads(line)
    except ValueError:
        return False
    if not isinstance(value, dict) or not {"chain", "hash", "body"} <= value.keys():
        return False
    return isinstance(value["body"], dict)


def _name(line: str) -> str:
    event = json.loads(line)
    return f"{event['chain']}, event {event['body'].get('sequence', '?')}"
