"""From accepted answers to their events: the rows in the database and the lines of the second record."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session

from studyapp.core.canonical import canonical_json, chained
from studyapp.core.ledger import judge_label
from studyapp.core.remarks import Looking, Reason
from studyapp.db.tables import BallotEvent, Pick, utc_text
from studyapp.db.tables import Looking as LookingRow
from studyapp.services.ground.ledger import line_of, note_line
from studyapp.services.voting.ground import Ground, stored_under


@dataclass(frozen=True)
class Answer:
    """What a judge's browser sends: its own id for this answer, what it is built on, and the slots picked."""

    key: str
    base_revision: int
    picks: tuple[int, ...]
    reasons: tuple[Reason, ...] = ()
    looking: Looking | None = None


@dataclass(frozen=True)
class Draft:
    """An event that is about to be stored."""

    event: dict[str, Any]
    """The row of `ballot_event`, without its number."""
    chain: str
    answer: Answer


def draft(on: Ground, answer: Answer, *, complete: bool, now: datetime) -> Draft:
    """Make the event by which an answer becomes its trial's next revision, and its judge's next event."""
    revision, sequence, saved_at = on.revision + 1, on.sequence + 1, utc_text(now)
    body = {
        "kind": _kind(revision, answer),
        "trial": on.public_id,
        "sequence": sequence,
        "revision": revision,
        "base_revision": answer.base_revision,
        "key": answer.key,
        "picks": list(answer.picks),
        "complete": complete,
        "saved_at": saved_at,
    }
    if answer.reasons:
        body["reasons"] = dumped(answer.reasons)
    if answer.looking is not None:
        body["looking_sha256"] = looking_hash(answer.looking)
    canonical = canonical_json(body)
    event = {
        "trial_id": on.trial_id,
        "judge_id": on.judge_id,
        "revision": revision,
        "judge_sequence": sequence,
        "key": answer.key,
        "complete": complete,
        "body": canonical.decode("utf-8"),
        "saved_at": saved_at,
        "previous_hash": on.head,
        "hash": chained(on.head, canonical),
    }
    return Draft(event, judge_label(on.judge_number), answer)


# Built once: building a statement costs more than running it.
_INSERT_EVENT, _INSERT_PICK, _INSERT_LOOKING = insert(BallotEvent), insert(Pick), insert(LookingRow)


def store(session: Session, drafts: Sequence[Draft]) -> None:
    """Add events to the database and, when this transaction is committed, to the second record."""
    if not drafts:
        return
    connection = session.connection()
    connection.execute(_INSERT_EVENT, [item.event for item in drafts])
    numbers = stored_under(session, [item.event["key"] for item in drafts])
    picks = [pick for item in drafts for pick in _picks(item, numbers[item.event["key"]])]
    if picks:
        connection.execute(_INSERT_PICK, picks)
    looking = [
        {"event_id": numbers[item.event["key"]], "body": _looking_json(item.answer.looking)}
        for item in drafts
        if item.answer.looking is not None
    ]
    if looking:
        connection.execute(_INSERT_LOOKING, looking)
    for item in drafts:
        event = item.event
        line = line_of(item.chain, event["previous_hash"], event["hash"], event["body"])
        note_line(session, event["hash"], line)


def dumped(reasons: Iterable[Reason]) -> list[dict[str, Any]]:
    """Return reasons as they stand in an event's body."""
    return [reason.model_dump(mode="json") for reason in reasons]


def looking_hash(looking: Looking | None) -> str | None:
    """Return the hash by which an event's body names the evidence of looking."""
    return None if looking is None else hashlib.sha256(_looking_json(looking).encode("utf-8")).hexdigest()


def _looking_json(looking: Looking) -> str:
    return canonical_json(looking.model_dump(mode="json")).decode("utf-8")


def _picks(item: Draft, number: int) -> list[dict[str, int]]:
    trial = item.event["trial_id"]
    return [
        {"event_id": number, "place": place, "trial_id": trial, "slot": slot}
        for place, slot in enumerate(item.answer.picks, start=1)
    ]


def _kind(revision: int, answer: Answer) -> str:
    if not answer.picks:
        return "withdrawn"
    return "cast" if revision == 1 else "revised"
