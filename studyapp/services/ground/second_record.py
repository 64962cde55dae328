"""The records beside the database: compare them with it, and add what they lack.

var/votes.jsonl holds every event; a file outside the machine, where the settings name a folder for it, a
receipt of each. A crash between a commit and its line leaves a committed event that nobody was told of: the
line is added. The other way round is an alarm: a record holds an event, acknowledged once, that the database
does not have. Nothing goes on with such a database unless somebody says so, which is an event of its own.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from analysis.json_text import read_json
from analysis.texts import listed, plural, say
from studyapp.core.ledger import judge_label
from studyapp.db.database import Database
from studyapp.db.journal import JournalLine
from studyapp.errors import StudyError
from studyapp.services.ground.ledger import Entry, append_event, bodies, ledger_entries
from studyapp.services.ground.studies import the_study
from studyapp.services.ground.workspace import Workspace
from studyapp.settings import Folders

COUNTS = judge_label(0).rstrip("0123456789")
"""How the chains of judges begin who count."""
_NAMED = 5


@dataclass(frozen=True)
class Stranger:
    """An event that a record holds and the database does not."""

    chain: str
    sequence: int | str
    hash: str

    def __str__(self) -> str:
        return f"{self.chain}, event {self.sequence}"


@dataclass(frozen=True)
class Comparison:
    """How a record differs from the database."""

    name: str
    events: int
    missing: tuple[Entry, ...]
    lost: tuple[Stranger, ...]
    damaged: int
    accepted: int = 0
    """Events whose loss was accepted."""

    @property
    def strangers(self) -> tuple[str, ...]:
        """The names of the events that the database lacks."""
        return tuple(map(str, self.lost))

    @property
    def agrees(self) -> bool:
        """Whether the record holds nothing that the database lacks."""
        return not self.lost


def compare_records(
    database: Database, path: Path, form: Callable[[str], str] = str, *, aside: Iterable[str] = ()
) -> Comparison:
    """Compare the ledger in the database with the lines of votes.jsonl or of a file of receipts.

    May be done while judges vote: the file is read first, and what stands in it was committed before.

    Parameters
    ----------
    form
        What an event's line is in this file: itself, or its receipt.
    aside
        Lines of rehearsals that were cleared: nobody misses them.
    """
    lines, damaged = _lines(path)
    cleared = {form(line) for line in aside}
    with database.reading() as session:
        entries = ledger_entries(session)
        accepted = set(_accepted(session))
    known = {form(entry.line) for entry in entries}
    found = {line: _stranger(line) for line in lines if line not in known and line not in cleared}
    lost = tuple(event for event in dict.fromkeys(found.values()) if event.hash not in accepted)
    written = {json.loads(line)["hash"] for line in lines if line in known}
    missing = tuple(entry for entry in entries if entry.hash not in written)
    return Comparison(path.name, len(entries), missing, lost, damaged, len(set(found.values())) - len(lost))


def compare_all(workspace: Workspace) -> list[Comparison]:
    """Compare every record that the study's own database has with it."""
    database, aside = workspace.database, cleared_lines(workspace.folders)
    return [compare_records(database, record.path, record.form, aside=aside) for record in database.records]


def cleared_lines(folders: Folders) -> list[str]:
    """Return the ledgers of rehearsals that were cleared; nothing of a judge who counts is ever in them."""
    paths = folders.rehearsals.glob(f"*/{folders.journal.name}")
    lines = [line for path in paths for line in _lines(path)[0]]
    return [line for line in lines if not json.loads(line)["chain"].startswith(COUNTS)]


def mend_record(workspace: Workspace) -> Comparison:
    """Add to votes.jsonl, and to the receipts, what they lack; return how votes.jsonl was before.

    With what only the receipts knew of among what is lost.
    """
    before = compare_all(workspace)
    for record, found in zip(workspace.database.records, before, strict=True):
        record.append([JournalLine(entry.hash, entry.line) for entry in found.missing])
    first = before[0] if before else Comparison(workspace.folders.journal.name, 0, (), (), 0)
    return replace(first, lost=tuple(_lost(before)))


def refuse_loss(workspace: Workspace) -> None:
    """Make sure that the database has every event that was ever acknowledged.

    Raises
    ------
    StudyError
        Naming what is missing.
    """
    found = compare_all(workspace)
    lost = _lost(found)
    if not lost:
        return
    raise StudyError(
        plural(
            "the database lacks an event that %(where)s has: %(events)s. An old copy was restored, "
            "or rows were "
            "removed. Restore the newest copy, or give --accept-loss to serve, close, rank, export "
            "or doctor to "
            "continue without it; the ledger and every ranking will say so",
            "the database lacks %(count)s events that %(where)s has: %(events)s. An old copy was "
            "restored, or "
            "rows were removed. Restore the newest copy, or give --accept-loss to serve, close, "
            "rank, export or "
            "doctor to continue without them; the ledger and every ranking will say so",
            len(lost),
            where=listed(item.name for item in found if item.lost),
            events=_some(lost),
        )
    )


def accept_loss(workspace: Workspace, *, now: datetime) -> list[Stranger]:
    """Go on with a database that lost events: enter in the ledger which; return them."""
    lost = _lost(compare_all(workspace))
    if lost:
        with workspace.database.writing() as session:
            the_study(session, lock=True)
            gone = [[event.chain, event.sequence, event.hash] for event in lost]
            append_event(session, "loss-accepted", now=now, lost=gone)
    return lost


def _lost(found: Iterable[Comparison]) -> list[Stranger]:
    return list(dict.fromkeys(event for item in found for event in item.lost))


def _accepted(session: Session) -> Iterable[str]:
    return (event[2] for body in bodies(session, "loss-accepted") for event in body["lost"])


def _some(lost: list[Stranger]) -> str:
    named = "; ".join(map(str, lost[:_NAMED]))
    more = len(lost) - _NAMED
    return named if more < 1 else say("%(named)s and %(more)s more", named=named, more=more)


def _lines(path: Path) -> tuple[list[str], int]:
    if not path.exists():
        return [], 0
    lines = [line for line in path.read_text(encoding="utf-8", errors="replace").split("\n") if line]
    whole = [line for line in lines if _is_event(line)]
    return whole, len(lines) - len(whole)


def _is_event(line: str) -> bool:
    try:
        value = read_json(line)
    except ValueError:
        return False
    if not isinstance(value, dict) or not isinstance(value.get("hash"), str):
        return False
    return "chain" in value and ("sequence" in value or isinstance(value.get("body"), dict))


def _stranger(line: str) -> Stranger:
    event = json.loads(line)
    body = event.get("body")
    sequence = body.get("sequence") if isinstance(body, dict) else event.get("sequence")
    number = sequence if isinstance(sequence, int) else "?"
    return Stranger(str(event["chain"]), number, event["hash"])
