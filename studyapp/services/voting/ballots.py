"""Recording ballots: every answer becomes one more event of an append-only ledger, or nothing at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from studyapp.core.canonical import BallotRules
from studyapp.core.ledger import RECEIPT
from studyapp.core.lifecycle import check_step
from studyapp.core.records import read_record
from studyapp.core.remarks import unseen_slots
from studyapp.db.tables import BallotEvent, Trial
from studyapp.db.tables import Looking as LookingRow
from studyapp.errors import InvalidBallotError, NotFoundError, StaleRevisionError, StudyError
from studyapp.services.ground.ledger import ballot_link, event_body, note
from studyapp.services.voting.ballot_events import Answer, Draft, draft, dumped, looking_hash, store
from studyapp.services.voting.ground import Ground, grounds, stored_under


@dataclass(frozen=True)
class Cast:
    """A ballot on its way: whose, for which trial, what it says, and when it came."""

    judge_id: int
    public_id: str
    answer: Answer
    at: datetime


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
    (outcome,) = save_ballots(session, [Cast(judge_id, public_id, answer, now)])
    if isinstance(outcome, StudyError):
        raise outcome
    return outcome


def save_ballots(session: Session, casts: Sequence[Cast]) -> list[Ballot | StudyError]:
    """Record answers of several judges, at most one of each; return each one's ballot, or why it was refused.

    Of a refused one nothing is stored.
    """
    standing = grounds(session, [(cast.judge_id, cast.public_id) for cast in casts])
    earlier = stored_under(session, [cast.answer.key for cast in casts])
    found: list[Ballot | Draft | StudyError] = []
    for cast in casts:
        on = standing.get((cast.judge_id, cast.public_id))
        try:
            found.append(_answered(session, on, earlier.get(cast.answer.key), cast))
        except StudyError as error:
            found.append(error)
    store(session, [item for item in found if isinstance(item, Draft)])
    return [_drafted(item) if isinstance(item, Draft) else item for item in found]


def _answered(session: Session, on: Ground | None, earlier: int | None, cast: Cast) -> Ballot | Draft:
    if on is None:
        raise NotFoundError("there is no such trial")
    return _accepted(session, on, cast) if earlier is None else _again(session, on, earlier, cast.answer)


def _again(session: Session, on: Ground, number: int, answer: Answer) -> Ballot:
    event = session.exec(select(BallotEvent).where(BallotEvent.id == number)).one()
    ballot = _same_answer(event, on, answer)
    # The answer may have been lost between the commit and the second record: make sure of that too.
    note(session, ballot_link(event, on.judge_number))
    return ballot


def _accepted(session: Session, on: Ground, cast: Cast) -> Draft:
    check_step("vote", on.state)
    answer, rules = cast.answer, BallotRules(places=on.places, slots=on.slots)
    picks = rules.check(answer.picks)
    if answer.base_revision != on.revision:
        raise StaleRevisionError(
            f"this ballot was changed elsewhere: you build on revision {answer.base_revision}, "
            f"the current one is {on.revision}"
        )
    _check_reasons(on, answer)
    complete = rules.is_complete(picks) and _has_seen_enough(session, on, answer)
    return draft(on, answer, complete=complete, now=cast.at)


def _same_answer(event: BallotEvent, on: Ground, answer: Answer) -> Ballot:
    body = event_body(event)
    same = (
        event.trial_id == on.trial_id
        and body["base_revision"] == answer.base_revision
        and tuple(body["picks"]) == answer.picks
        and body.get("reasons", []) == dumped(answer.reasons)
        and body.get("looking_sha256") == looking_hash(answer.looking)
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
    visits = [read_record(body, "a report of looking") for body in rows]
    if answer.looking is not None:
        visits.append(answer.looking.model_dump())
    return not unseen_slots(on.slots, visits)


def _drafted(item: Draft) -> Ballot:
    event, answer = item.event, item.answer
    return Ballot(
        event["revision"],
        answer.picks,
        event["complete"],
        event["saved_at"],
        receipt=event["hash"][:RECEIPT],
        reasons=tuple(dumped(answer.reasons)),
    )


def _ballot(event: BallotEvent) -> Ballot:
    body = event_body(event)
    return Ballot(
        event.revision,
        tuple(body["picks"]),
        event.complete,
        event.saved_at,
        receipt=event.hash[:RECEIPT],
        reasons=tuple(body.get("reasons", ())),
    )
