"""Recording ballots: every answer becomes one more event of an append-only ledger, or nothing at all.

What an answer says is its protocol's matter. What a ballot stands on is read, and what becomes of it is
stored, in few statements that are prepared once: building and fetching whole rows through the ORM cost
three quarters of the time of saving.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Executable, bindparam, insert, true
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from analysis.texts import say
from studyapp.core.canonical import FIRST_HASH, canonical_json, chained
from studyapp.core.ledger import RECEIPT, judge_label
from studyapp.core.lifecycle import check_step
from studyapp.core.looking import Looking, unseen_slots
from studyapp.core.reasons import Reason
from studyapp.core.records import read_record
from studyapp.db.tables import BallotEvent, Image, Judge, Study, Trial, TrialSlot, utc_text
from studyapp.db.tables import Looking as LookingRow
from studyapp.errors import (
    InvalidBallotError,
    NotFoundError,
    ScreenNotAllowedError,
    StaleRevisionError,
    StudyError,
)
from studyapp.protocols import Asked, read_protocol
from studyapp.services.ground.ledger import ballot_entry, event_body, line_of, note, note_line
from studyapp.services.ground.studies import the_protocol
from studyapp.services.voting.viewing import last_check
from studyapp.study.study_file import reason_rules, viewing_rules


@dataclass(frozen=True)
class Cast:
    """An answer on its way: whose, to which trial, what it is built on, what it says, and when it came."""

    judge_id: int
    public_id: str
    key: str
    """The browser's own name for this answer, by which it is known when it comes again."""
    base_revision: int
    answer: Any
    """JSON, as the study's protocol reads it."""
    at: datetime
    reasons: tuple[Reason, ...] = ()
    looking: Looking | None = None


@dataclass(frozen=True)
class Ballot:
    """A recorded ballot; revision 0 means that there is none yet."""

    revision: int
    answer: dict[str, Any]
    complete: bool
    saved_at: str | None
    receipt: str | None = None
    reasons: tuple[dict[str, Any], ...] = ()


class _Ground(NamedTuple):
    """A judge's trial and what came before this ballot, in the order of the columns of `_ground`."""

    trial_id: int
    public_id: str
    kind: str
    judge_id: int
    judge_number: int
    width: int
    height: int
    slots: int
    """Candidates that the trial shows."""
    protocol: str
    file: str
    """What the study goes by; what it asks of reasons is in there."""
    state: str
    revision: int
    """Of the trial's ballot as it stands; 0 when there is none."""
    sequence: int
    """Of the judge's last event; 0 when there is none."""
    head: str
    """Hash of the judge's last event."""


@dataclass(frozen=True)
class _Draft:
    """An event that is about to be stored, and the ballot that it makes."""

    event: dict[str, Any]
    """The row of `ballot_event`, without its number."""
    chain: str
    looking: str | None
    ballot: Ballot


@cache
def is_current() -> ColumnElement[bool]:
    """Return the condition that a ballot event is its trial's highest revision."""
    later = aliased(BallotEvent)
    highest = select(func.max(later.revision)).where(col(later.trial_id) == BallotEvent.trial_id)
    return col(BallotEvent.revision) == highest.scalar_subquery()


def current_ballot(session: Session, trial: Trial) -> Ballot:
    """Return the trial's ballot as it stands."""
    query = select(BallotEvent).where(col(BallotEvent.trial_id) == trial.id, is_current())
    event = session.exec(query).one_or_none()
    return _ballot(event) if event else Ballot(0, the_protocol(session).nothing(), False, None)


def save_ballots(session: Session, casts: Sequence[Cast]) -> list[Ballot | StudyError]:
    """Record answers of several judges, at most one of each, as their trials' next revisions.

    The same answer sent again (same key, same content) gives the same ballot and stores nothing.

    Returns
    -------
    list of Ballot or StudyError
        For each its ballot, or why it was refused, and then nothing of it is stored: NotFoundError when the
        trial is not this judge's; StudyPausedError or StudyStateError when the study is not open;
        ScreenNotAllowedError when the judge's last screen check is not as the study needs it;
        StaleRevisionError when the trial's ballot has moved on since the revision that the answer is built
        on; InvalidBallotError for an impossible answer, or a key that was used for something else.
    """
    standing = _grounds(session, casts)
    earlier = _stored_under(session, [cast.key for cast in casts])
    found: list[Ballot | _Draft | StudyError] = []
    for cast in casts:
        on = standing.get((cast.judge_id, cast.public_id))
        try:
            found.append(_answered(session, on, earlier.get(cast.key), cast))
        except StudyError as error:
            found.append(error)
    _store(session, [item for item in found if isinstance(item, _Draft)])
    return [item.ballot if isinstance(item, _Draft) else item for item in found]


def _answered(session: Session, on: _Ground | None, earlier: int | None, cast: Cast) -> Ballot | _Draft:
    if on is None:
        raise NotFoundError(say("there is no such trial"))
    return _accepted(session, on, cast) if earlier is None else _again(session, on, earlier, cast)


def _accepted(session: Session, on: _Ground, cast: Cast) -> _Draft:
    check_step("vote", on.state)
    _check_screen(session, on)
    protocol, asked = read_protocol(on.protocol), Asked(on.kind, on.slots)
    answer = protocol.read(cast.answer)
    protocol.check(answer, asked)
    if cast.base_revision != on.revision:
        raise StaleRevisionError(
            say(
                "this answer was changed elsewhere: yours is based on revision %(base)s, the current one is "
                "%(current)s",
                base=cast.base_revision,
                current=on.revision,
            )
        )
    rules = reason_rules(on.file)
    rules.check(cast.reasons, on.slots, (on.width, on.height))
    enough = len(cast.reasons) >= rules.required or not protocol.wants_reasons(answer)
    complete = enough and protocol.complete(answer, asked, lambda: _unseen(session, on, cast.looking))
    kind = "withdrawn" if protocol.says_nothing(answer) else "cast" if on.revision == 0 else "revised"
    return _draft(on, cast, kind=kind, answer=protocol.written(answer), complete=complete)


def _check_screen(session: Session, on: _Ground) -> None:
    rules = viewing_rules(on.file)
    if not rules.demands:
        return
    check = last_check(session, on.judge_id)
    if check is None:
        raise ScreenNotAllowedError(
            say("this study needs a screen check before the first answer; do it at /judge/screen")
        )
    if unmet := rules.unmet(check):
        raise ScreenNotAllowedError(
            say(
                "your last screen check does not meet what this study needs (%(unmet)s); repeat it at "
                "/judge/screen",
                unmet=", ".join(unmet),
            )
        )


def _draft(on: _Ground, cast: Cast, *, kind: str, answer: dict[str, Any], complete: bool) -> _Draft:
    """Make the event by which an answer becomes its trial's next revision, and its judge's next event."""
    revision, sequence, saved_at = on.revision + 1, on.sequence + 1, utc_text(cast.at)
    reasons, looking = _dumped(cast.reasons), _looking_json(cast.looking)
    body = {
        "kind": kind,
        "trial": on.public_id,
        "sequence": sequence,
        "revision": revision,
        "base_revision": cast.base_revision,
        "key": cast.key,
        "answer": answer,
        "complete": complete,
        "saved_at": saved_at,
    }
    if reasons:
        body["reasons"] = reasons
    if looking is not None:
        body["looking_sha256"] = _sha256(looking)
    canonical = canonical_json(body)
    event = {
        "trial_id": on.trial_id,
        "judge_id": on.judge_id,
        "revision": revision,
        "judge_sequence": sequence,
        "key": cast.key,
        "complete": complete,
        "body": canonical.decode("utf-8"),
        "saved_at": saved_at,
        "previous_hash": on.head,
        "hash": chained(on.head, canonical),
    }
    ballot = Ballot(revision, answer, complete, saved_at, event["hash"][:RECEIPT], tuple(reasons))
    return _Draft(event, judge_label(on.judge_number), looking, ballot)


def _again(session: Session, on: _Ground, number: int, cast: Cast) -> Ballot:
    """Return what became of an answer when it came the first time."""
    event = session.exec(select(BallotEvent).where(col(BallotEvent.id) == number)).one()
    body, looking = event_body(event), _looking_json(cast.looking)
    protocol = read_protocol(on.protocol)
    same = (
        event.trial_id == on.trial_id
        and body["base_revision"] == cast.base_revision
        and body["answer"] == protocol.written(protocol.read(cast.answer))
        and body.get("reasons", []) == _dumped(cast.reasons)
        and body.get("looking_sha256") == (looking and _sha256(looking))
    )
    if not same:
        raise InvalidBallotError(
            say("the key %(key)s was used for another answer; use a new one", key=cast.key)
        )
    # The answer may have been lost between the commit and the second record: make sure of that too.
    note(session, ballot_entry(event, on.judge_number))
    return _ballot(event)


def _ballot(event: BallotEvent) -> Ballot:
    body = event_body(event)
    return Ballot(
        event.revision,
        body["answer"],
        event.complete,
        event.saved_at,
        receipt=event.hash[:RECEIPT],
        reasons=tuple(body.get("reasons", ())),
    )


def _unseen(session: Session, on: _Ground, looking: Looking | None) -> list[int]:
    """Return the candidates that were never at 1:1, in earlier evidence and in that which comes now."""
    rows = session.exec(
        select(col(LookingRow.body)).join(BallotEvent, col(LookingRow.event_id) == BallotEvent.id)
        .where(col(BallotEvent.trial_id) == on.trial_id)
    )  # fmt: skip
    visits = [read_record(body, "a report of looking") for body in rows]
    if looking is not None:
        visits.append(looking.model_dump())
    return unseen_slots(on.slots, visits)


def _dumped(reasons: Iterable[Reason]) -> list[dict[str, Any]]:
    return [reason.model_dump(mode="json") for reason in reasons]


def _looking_json(looking: Looking | None) -> str | None:
    return None if looking is None else canonical_json(looking.model_dump(mode="json")).decode("utf-8")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


# Made when first used: what they refer to is mapped then, which every start of a process would wait for.
@cache
def _lock() -> Executable:
    """Lock the judges' rows, which makes one judge's events follow each other also on PostgreSQL.

    It is a statement of its own: what is read in the same one may be older than the lock. On SQLite there is
    one writer at a time.
    """
    judges = col(Judge.id).in_(bindparam("judges", expanding=True))
    return select(col(Judge.id)).where(judges).order_by(col(Judge.id)).with_for_update()


@cache
def _ground() -> Executable:
    """Read the columns of `_Ground`."""
    shown = (
        select(func.count())
        .select_from(TrialSlot)
        .where(col(TrialSlot.trial_id) == Trial.id, col(TrialSlot.slot) > 0)
        .scalar_subquery()
    )
    revision = (
        select(func.max(BallotEvent.revision)).where(col(BallotEvent.trial_id) == Trial.id).scalar_subquery()
    )
    length = (
        select(func.max(BallotEvent.judge_sequence))
        .where(col(BallotEvent.judge_id) == Trial.judge_id)
        .scalar_subquery()
    )
    last = aliased(BallotEvent)
    return (
        select(  # pyright: ignore[reportCallIssue] (typed for up to four columns only)
            col(Trial.id), col(Trial.public_id), col(Trial.kind), col(Trial.judge_id), col(Judge.position),
            col(Image.width), col(Image.height), shown, col(Study.protocol), col(Study.file),
            col(Study.state),
            func.coalesce(revision, 0), func.coalesce(col(last.judge_sequence), 0),
            func.coalesce(col(last.hash), FIRST_HASH),
        )
        .join(Judge, col(Trial.judge_id) == Judge.id)
        .join(Image, col(Trial.image_id) == Image.id)
        .join(Study, true())
        .outerjoin(last, (col(last.judge_id) == Trial.judge_id) & (col(last.judge_sequence) == length))
        .where(col(Trial.public_id).in_(bindparam("trials", expanding=True)))
        .with_for_update(read=True, of=Study)
    )  # fmt: skip


@cache
def _stored() -> Executable:
    """Read key and number of the events that are stored under some keys."""
    return select(col(BallotEvent.key), col(BallotEvent.id)).where(
        col(BallotEvent.key).in_(bindparam("keys", expanding=True))
    )


@cache
def _insert_event() -> Executable:
    return insert(BallotEvent)


@cache
def _insert_looking() -> Executable:
    return insert(LookingRow)


def _grounds(session: Session, casts: Sequence[Cast]) -> dict[tuple[int, str], _Ground]:
    """Lock these judges' ballots and the study's state, and return what the answers stand on.

    What does not belong together is left out.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(_lock(), {"judges": [cast.judge_id for cast in casts]})
    rows = connection.execute(_ground(), {"trials": [cast.public_id for cast in casts]})
    found = [_Ground(*row) for row in rows]
    return {(item.judge_id, item.public_id): item for item in found}


def _stored_under(session: Session, keys: Sequence[str]) -> dict[str, int]:
    """Return the numbers of the events that are stored under these keys."""
    rows = session.connection().execute(_stored(), {"keys": list(keys)})
    return {key: number or 0 for key, number in rows}


def _store(session: Session, drafts: Sequence[_Draft]) -> None:
    """Add events to the database and, when this transaction is committed, to the second record."""
    if not drafts:
        return
    connection = session.connection()
    connection.execute(_insert_event(), [item.event for item in drafts])
    looked = [item for item in drafts if item.looking is not None]
    if looked:
        numbers = _stored_under(session, [item.event["key"] for item in looked])
        rows = [{"event_id": numbers[item.event["key"]], "body": item.looking} for item in looked]
        connection.execute(_insert_looking(), rows)
    for item in drafts:
        event = item.event
        line = line_of(item.chain, event["previous_hash"], event["hash"], event["body"])
        note_line(session, event["hash"], line)
