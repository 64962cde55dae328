"""Recording ballots: every answer becomes one more event of an append-only ledger, or nothing at all."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, bindparam, insert
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from studyapp.core.ballots import BallotRules, canonical_json, event_hash
from studyapp.core.ledger import RECEIPT
from studyapp.core.lifecycle import check_step
from studyapp.core.remarks import Looking, Reason, unseen_slots
from studyapp.db.tables import BallotEvent, Pick, Trial, utc_text
from studyapp.db.tables import Looking as LookingRow
from studyapp.errors import InvalidBallotError, NotFoundError, StaleRevisionError
from studyapp.services.ground import Ground, ground
from studyapp.services.ledger import ballot_link, note


@dataclass(frozen=True)
class Answer:
    """What a judge's browser sends: its own id for this answer, what it is built on, and the slots picked."""

    key: str
    base_revision: int
    picks: tuple[int, ...]
    reasons: tuple[Reason, ...] = ()
    looking: Looking | None = None


@dataclass(frozen=True)
class Ballot:
    """A recorded ballot; revision 0 means that there is none yet."""

    revision: int
    picks: tuple[int, ...]
    complete: bool
    saved_at: str | None
    receipt: str | None = None
    reasons: tuple[dict[str, Any], ...] = ()


NO_BALLOT = Ballot(0, (), False, None)


def find_trial(session: Session, judge_id: int, public_id: str) -> Trial:
    """Return a judge's own trial.

    Raises
    ------
    NotFoundError
        When there is none, or it is another judge's.
    """
    query = select(Trial).where(Trial.public_id == public_id, Trial.judge_id == judge_id)
    trial = session.exec(query).one_or_none()
    if trial is None:
        raise NotFoundError("there is no such trial")
    return trial


@cache
def is_current() -> ColumnElement[bool]:
    """Return the condition that a ballot event is its trial's highest revision."""
    later = aliased(BallotEvent)
    highest = select(func.max(later.revision)).where(later.trial_id == BallotEvent.trial_id)
    return col(BallotEvent.revision) == highest.scalar_subquery()


def current_ballot(session: Session, trial: Trial) -> Ballot:
    """Return the trial's ballot as it stands."""
    query = select(BallotEvent).where(BallotEvent.trial_id == trial.id, is_current())
    event = session.exec(query).one_or_none()
    return _ballot(event) if event else NO_BALLOT


def save_ballot(session: Session, judge_id: int, public_id: str, answer: Answer, *, now: datetime) -> Ballot:
    """Record an answer as the trial's next revision.

    The same answer sent again (same key, same content) gives the same ballot and stores nothing.

    Raises
    ------
    NotFoundError
        When the trial is not this judge's.
    StudyPausedError, StudyStateError
        When the study is not open.
    StaleRevisionError
        When the trial's ballot has moved on since the revision that the answer is built on.
    InvalidBallotError
        For impossible picks, or a key that was used for something else.
    """
    on = ground(session, judge_id, public_id)
    if earlier := _earlier(session, answer.key):
        ballot = _same_answer(earlier, on, answer)
        # The answer may have been lost between the commit and the second record: make sure of that too.
        note(session, ballot_link(earlier, on.judge_number))
        return ballot
    check_step("vote", on.state)
    rules = BallotRules(places=on.places, slots=on.slots)
    picks = rules.check(answer.picks)
    if answer.base_revision != on.revision:
        raise StaleRevisionError(
            f"this ballot was changed elsewhere: you build on revision {answer.base_revision}, "
            f"the current one is {on.revision}"
        )
    _check_reasons(on, answer)
    complete = rules.is_complete(picks) and _has_seen_enough(session, on, answer)
    event = _append(session, on, answer, complete, now)
    note(session, ballot_link(event, on.judge_number))
    return _ballot(event)


_BY_KEY = select(BallotEvent.id).where(BallotEvent.key == bindparam("key"))


def _earlier(session: Session, key: str) -> BallotEvent | None:
    found = session.connection().execute(_BY_KEY, {"key": key}).scalar_one_or_none()
    return session.get(BallotEvent, found) if found is not None else None


def _same_answer(event: BallotEvent, on: Ground, answer: Answer) -> Ballot:
    body = json.loads(event.body)
    same = (
        event.trial_id == on.trial_id
        and body["base_revision"] == answer.base_revision
        and tuple(body["picks"]) == answer.picks
        and body.get("reasons", []) == _dumped(answer.reasons)
        and body.get("looking_sha256") == _looking_hash(answer.looking)
    )
    if not same:
        raise InvalidBallotError(f"the key {answer.key} was used for another answer; use a new one")
    return _ballot(event)


def _check_reasons(on: Ground, answer: Answer) -> None:
    for reason in answer.reasons:
        if reason.slot > on.slots:
            raise InvalidBallotError(f"slot {reason.slot} was not shown; slots run from 1 to {on.slots}")
        if reason.rect is not None:
            x, y, width, height = reason.rect
            if x + width > on.width or y + height > on.height:
                raise InvalidBallotError(f"the rectangle {list(reason.rect)} lies outside the image")


def _has_seen_enough(session: Session, on: Ground, answer: Answer) -> bool:
    """Apply the study's rule, if it has it, that a ballot counts once every candidate was at 1:1."""
    if not on.see_all_at_1_1:
        return True
    rows = session.exec(
        select(LookingRow.body).join(BallotEvent, col(LookingRow.event_id) == BallotEvent.id)
        .where(BallotEvent.trial_id == on.trial_id)
    )  # fmt: skip
    visits = [json.loads(body) for body in rows]
    if answer.looking is not None:
        visits.append(answer.looking.model_dump())
    return not unseen_slots(on.slots, visits)


def _dumped(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    return [reason.model_dump(mode="json") for reason in reasons]


def _looking_json(looking: Looking) -> str:
    return canonical_json(looking.model_dump(mode="json")).decode("utf-8")


def _looking_hash(looking: Looking | None) -> str | None:
    return None if looking is None else hashlib.sha256(_looking_json(looking).encode("utf-8")).hexdigest()


def _append(session: Session, on: Ground, answer: Answer, complete: bool, now: datetime) -> BallotEvent:
    revision, sequence = on.revision + 1, on.sequence + 1
    body = {
        "kind": _kind(revision, answer),
        "trial": on.public_id,
        "sequence": sequence,
        "revision": revision,
        "base_revision": answer.base_revision,
        "key": answer.key,
        "picks": list(answer.picks),
        "complete": complete,
        "saved_at": utc_text(now),
    }
    if answer.reasons:
        body["reasons"] = _dumped(answer.reasons)
    if answer.looking is not None:
        body["looking_sha256"] = _looking_hash(answer.looking)
    event = BallotEvent(
        trial_id=on.trial_id,
        judge_id=on.judge_id,
        revision=revision,
        judge_sequence=sequence,
        key=answer.key,
        complete=complete,
        body=canonical_json(body).decode("utf-8"),
        saved_at=body["saved_at"],
        previous_hash=on.head,
        hash=event_hash(on.head, body),
    )
    _insert(session, event, answer)
    return event


# Built once: building a statement costs more than running it.
_INSERT_EVENT, _INSERT_PICK, _INSERT_LOOKING = insert(BallotEvent), insert(Pick), insert(LookingRow)


def _insert(session: Session, event: BallotEvent, answer: Answer) -> None:
    connection = session.connection()
    row = connection.execute(_INSERT_EVENT, event.model_dump(exclude={"id"}))
    (event_id,) = row.inserted_primary_key or (0,)
    picks = [
        {"event_id": event_id, "place": place, "trial_id": event.trial_id, "slot": slot}
        for place, slot in enumerate(answer.picks, start=1)
    ]
    if picks:
        connection.execute(_INSERT_PICK, picks)
    if answer.looking is not None:
        looking = {"event_id": event_id, "body": _looking_json(answer.looking)}
        connection.execute(_INSERT_LOOKING, looking)


def _kind(revision: int, answer: Answer) -> str:
    if not answer.picks:
        return "withdrawn"
    return "cast" if revision == 1 else "revised"


def _ballot(event: BallotEvent) -> Ballot:
    body = json.loads(event.body)
    return Ballot(
        event.revision,
        tuple(body["picks"]),
        event.complete,
        event.saved_at,
        receipt=event.hash[:RECEIPT],
        reasons=tuple(body.get("reasons", ())),
    )
