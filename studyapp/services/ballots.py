"""Recording ballots: every answer becomes one more event of an append-only ledger, or nothing at all."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from studyapp.core.ballots import FIRST_HASH, BallotRules, canonical_json, event_hash
from studyapp.core.ledger import RECEIPT
from studyapp.core.lifecycle import check_step
from studyapp.core.remarks import Looking, Reason, unseen_slots
from studyapp.db.tables import BallotEvent, Image, Judge, Pick, Trial, TrialSlot, utc_text
from studyapp.db.tables import Looking as LookingRow
from studyapp.errors import InvalidBallotError, NotFoundError, StaleRevisionError
from studyapp.services.ledger import ballot_link, note
from studyapp.services.studies import the_study


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
    # Locking the judge's row makes one judge's events follow each other also on PostgreSQL.
    judge = session.exec(select(Judge).where(Judge.id == judge_id).with_for_update()).one()
    trial = find_trial(session, judge_id, public_id)
    earlier = session.exec(select(BallotEvent).where(BallotEvent.key == answer.key)).one_or_none()
    if earlier is not None:
        ballot = _same_answer(earlier, trial, answer)
        # The answer may have been lost between the commit and the second record: make sure of that too.
        note(session, ballot_link(earlier, judge.position))
        return ballot
    check_step("vote", the_study(session, share=True).state)
    rules = ballot_rules(session, trial)
    picks = rules.check(answer.picks)
    current = current_ballot(session, trial)
    if answer.base_revision != current.revision:
        raise StaleRevisionError(
            f"this ballot was changed elsewhere: you build on revision {answer.base_revision}, "
            f"the current one is {current.revision}"
        )
    _check_reasons(session, trial, answer, rules)
    complete = rules.is_complete(picks) and _has_seen_enough(session, trial, answer, rules)
    event = _append(session, trial, answer, complete, current.revision + 1, now)
    note(session, ballot_link(event, judge.position))
    return _ballot(event)


def ballot_rules(session: Session, trial: Trial) -> BallotRules:
    """Return what a ballot of this trial may say."""
    slots = select(func.count()).select_from(TrialSlot)
    shown = session.exec(slots.where(TrialSlot.trial_id == trial.id, TrialSlot.slot > 0)).one()
    return BallotRules(places=the_study(session).places, slots=shown)


def _same_answer(event: BallotEvent, trial: Trial, answer: Answer) -> Ballot:
    body = json.loads(event.body)
    same = (
        event.trial_id == trial.id
        and body["base_revision"] == answer.base_revision
        and tuple(body["picks"]) == answer.picks
        and body.get("reasons", []) == _dumped(answer.reasons)
        and body.get("looking_sha256") == _looking_hash(answer.looking)
    )
    if not same:
        raise InvalidBallotError(f"the key {answer.key} was used for another answer; use a new one")
    return _ballot(event)


def _check_reasons(session: Session, trial: Trial, answer: Answer, rules: BallotRules) -> None:
    image = session.exec(select(Image).where(Image.id == trial.image_id)).one()
    for reason in answer.reasons:
        if reason.slot > rules.slots:
            raise InvalidBallotError(f"slot {reason.slot} was not shown; slots run from 1 to {rules.slots}")
        if reason.rect is not None:
            x, y, width, height = reason.rect
            if x + width > image.width or y + height > image.height:
                raise InvalidBallotError(f"the rectangle {list(reason.rect)} lies outside the image")


def _has_seen_enough(session: Session, trial: Trial, answer: Answer, rules: BallotRules) -> bool:
    """Apply the study's rule, if it has it, that a ballot counts once every candidate was at 1:1."""
    if not the_study(session).see_all_at_1_1:
        return True
    rows = session.exec(
        select(LookingRow.body).join(BallotEvent, col(LookingRow.event_id) == BallotEvent.id)
        .where(BallotEvent.trial_id == trial.id)
    )  # fmt: skip
    visits = [json.loads(body) for body in rows]
    if answer.looking is not None:
        visits.append(answer.looking.model_dump())
    return not unseen_slots(rules.slots, visits)


def _dumped(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    return [reason.model_dump(mode="json") for reason in reasons]


def _looking_json(looking: Looking) -> str:
    return canonical_json(looking.model_dump(mode="json")).decode("utf-8")


def _looking_hash(looking: Looking | None) -> str | None:
    return None if looking is None else hashlib.sha256(_looking_json(looking).encode("utf-8")).hexdigest()


def _append(
    session: Session, trial: Trial, answer: Answer, complete: bool, revision: int, now: datetime
) -> BallotEvent:
    query = select(BallotEvent).where(BallotEvent.judge_id == trial.judge_id)
    last = session.exec(query.order_by(col(BallotEvent.judge_sequence).desc()).limit(1)).one_or_none()
    sequence = last.judge_sequence + 1 if last else 1
    previous = last.hash if last else FIRST_HASH
    body = {
        "kind": _kind(revision, answer),
        "trial": trial.public_id,
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
        trial_id=trial.id or 0,
        judge_id=trial.judge_id,
        revision=revision,
        judge_sequence=sequence,
        key=answer.key,
        complete=complete,
        body=canonical_json(body).decode("utf-8"),
        saved_at=body["saved_at"],
        previous_hash=previous,
        hash=event_hash(previous, body),
    )
    session.add(event)
    session.flush()
    session.add_all(_picks(event, answer.picks))
    if answer.looking is not None:
        session.add(LookingRow(event_id=event.id or 0, body=_looking_json(answer.looking)))
    session.flush()
    return event


def _kind(revision: int, answer: Answer) -> str:
    if not answer.picks:
        return "withdrawn"
    return "cast" if revision == 1 else "revised"


def _picks(event: BallotEvent, picks: Sequence[int]) -> list[Pick]:
    return [
        Pick(event_id=event.id or 0, place=place, trial_id=event.trial_id, slot=slot)
        for place, slot in enumerate(picks, start=1)
    ]


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
