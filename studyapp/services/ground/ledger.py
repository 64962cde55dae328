"""The study's own chain of events, and how an event of any chain reaches the second record."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from studyapp.core.canonical import FIRST_HASH, canonical_json, event_hash
from studyapp.core.ledger import STUDY_CHAIN, Kind, judge_label, study_digest
from studyapp.core.records import read_record
from studyapp.db.journal import JournalLine
from studyapp.db.tables import BallotEvent, Judge, StudyEvent, utc_text

Head = tuple[str, int, str]


@dataclass(frozen=True)
class Entry:
    """An event as it is exported: its chain, the hash before it, its own, and its body."""

    chain: str
    previous: str
    hash: str
    body: dict[str, Any]

    @property
    def line(self) -> str:
        """The event as a line of ledger.jsonl and votes.jsonl."""
        value = {"chain": self.chain, "previous": self.previous, "hash": self.hash, "body": self.body}
        return canonical_json(value).decode("utf-8")


@dataclass(frozen=True)
class Standing:
    """Who is out: team numbers (from 1) and judge labels; and whether the study was unsealed."""

    disqualified: frozenset[int]
    withdrawn: frozenset[str]
    unsealed: bool


def append_event(session: Session, kind: Kind, *, now: datetime, **facts: Any) -> StudyEvent:
    """Add an event to the study's chain; the caller holds the lock on the study's row."""
    last = session.exec(select(StudyEvent).order_by(col(StudyEvent.sequence).desc()).limit(1)).first()
    sequence = last.sequence + 1 if last else 1
    previous = last.hash if last else FIRST_HASH
    body = {"kind": kind, "sequence": sequence, "at": utc_text(now), **facts}
    event = StudyEvent(
        sequence=sequence,
        kind=kind,
        body=canonical_json(body).decode("utf-8"),
        at=body["at"],
        previous_hash=previous,
        hash=event_hash(previous, body),
    )
    session.add(event)
    session.flush()
    note(session, _study_entry(event))
    return event


def note(session: Session, entry: Entry) -> None:
    """Have an event written to the second record when this transaction is committed."""
    note_line(session, entry.hash, entry.line)


def note_line(session: Session, event_hash: str, line: str) -> None:
    """Have an event written to the second record when this transaction is committed, as this line."""
    session.info.setdefault("journal", []).append(JournalLine(event_hash, line))


def line_of(chain: str, previous: str, event_hash: str, body: str) -> str:
    """Return an event's line from its parts, its body being canonical JSON: what `Entry.line` makes of them.

    Examples
    --------
    >>> line_of("study", "00", "11", '{"a":1}') == Entry("study", "00", "11", {"a": 1}).line
    True
    """
    return f'{{"body":{body},"chain":"{chain}","hash":"{event_hash}","previous":"{previous}"}}'


def event_body(event: BallotEvent | StudyEvent) -> dict[str, Any]:
    """Return what an event says.

    Raises
    ------
    DamagedError
        When its row cannot be read any more.
    """
    kind = "ballot" if isinstance(event, BallotEvent) else "study"
    return read_record(event.body, f"{kind} event {event.id}")


def ballot_entry(event: BallotEvent, judge_number: int) -> Entry:
    """Return a ballot event as it is exported."""
    return Entry(judge_label(judge_number), event.previous_hash, event.hash, event_body(event))


def ledger_entries(session: Session) -> list[Entry]:
    """Return every event: the study's chain, then each judge's, in order."""
    rows = session.exec(
        select(BallotEvent, Judge.position)
        .join(Judge, col(BallotEvent.judge_id) == Judge.id)
        .order_by(col(Judge.position), col(BallotEvent.judge_sequence))
    )
    study = [_study_entry(event) for event in study_events(session)]
    return study + [ballot_entry(event, number) for event, number in rows]


def study_events(session: Session) -> list[StudyEvent]:
    """Return the study's own events in order."""
    return list(session.exec(select(StudyEvent).order_by(col(StudyEvent.sequence))))


def chain_heads(session: Session) -> list[Head]:
    """Return name, length and last hash of each chain: the study's, and every judge's."""
    events = study_events(session)
    last = (
        select(BallotEvent.judge_id, func.max(BallotEvent.judge_sequence).label("length"))
        .group_by(col(BallotEvent.judge_id))
        .subquery()
    )
    rows = session.exec(
        select(Judge.position, BallotEvent.judge_sequence, BallotEvent.hash)
        .outerjoin(last, last.c.judge_id == Judge.id)
        .outerjoin(
            BallotEvent,
            (col(BallotEvent.judge_id) == Judge.id) & (BallotEvent.judge_sequence == last.c.length),
        )
        .order_by(col(Judge.position))
    )
    study = (STUDY_CHAIN, len(events), events[-1].hash if events else FIRST_HASH)
    return [study, *((judge_label(number), length or 0, head or FIRST_HASH) for number, length, head in rows)]


def digest_now(session: Session) -> str:
    """Return the digest of all chains as they stand."""
    return study_digest(chain_heads(session))


def closing_digest(session: Session) -> str | None:
    """Return the study digest as it was published at closing, or None before that."""
    body = next(iter(bodies(session, "closed")), None)
    return body["digest"] if body else None


def standing(session: Session) -> Standing:
    """Read from the study's chain who is out."""
    disqualified: set[int] = set()
    withdrawn: set[str] = set()
    unsealed = False
    for body in bodies(session, "disqualified", "reinstated", "withdrawn", "readmitted", "unsealed"):
        match body["kind"]:
            case "disqualified":
                disqualified.add(body["team"])
            case "reinstated":
                disqualified.discard(body["team"])
            case "withdrawn":
                withdrawn.add(body["judge"])
            case "readmitted":
                withdrawn.discard(body["judge"])
            case _:
                unsealed = True
    return Standing(frozenset(disqualified), frozenset(withdrawn), unsealed)


def bodies(session: Session, *kinds: Kind) -> Iterable[dict[str, Any]]:
    """Return the bodies of the study's events of these kinds, in order."""
    query = select(StudyEvent.body).where(col(StudyEvent.kind).in_(kinds)).order_by(col(StudyEvent.sequence))
    return (read_record(body, "an event of the study") for body in session.exec(query))


def _study_entry(event: StudyEvent) -> Entry:
    return Entry(STUDY_CHAIN, event.previous_hash, event.hash, event_body(event))
