"""Which judge is logged in where: a row for each session, so that it can be looked up, seen and ended."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete
from sqlmodel import Session, col, select

from analysis.texts import say
from studyapp.db.tables import Judge, Link, LoginSession, utc_text
from studyapp.errors import NotFoundError
from studyapp.services.people.sessions import Shown, Times, enter, session_id, times

# Every request of a judge runs it: built once, it costs half.
_BY_ID = (
    select(  # pyright: ignore[reportCallIssue] (typed for up to four columns only)
        LoginSession.id, LoginSession.link_id, Link.judge_id, LoginSession.begun_at, LoginSession.used_at)
    .join(Link)
    .where(col(Link.revoked_at).is_(None), col(LoginSession.id) == bindparam("id"))
)  # fmt: skip


@dataclass(frozen=True)
class Current:
    """The session of the judge who asks."""

    id: str
    link: int
    judge: int
    times: Times


def begin(session: Session, secret: str, link: Link, *, address: str, device: str, now: datetime) -> Current:
    """Begin a session."""
    at = utc_text(now)
    row = LoginSession(
        id=session_id(secret), link_id=link.id or 0, begun_at=at, used_at=at, address=address, device=device
    )
    enter(session, row, "judge", col(LoginSession.link_id) == row.link_id, now=now)
    return Current(row.id, row.link_id, link.judge_id, Times(now, now))


def current(looking: Connection, secret: str, *, now: datetime) -> Current | None:
    """Find a session by what the cookie holds, in one statement; None when it ended, or is too old."""
    row = looking.execute(_BY_ID, {"id": session_id(secret)}).one_or_none()
    if row is None:
        return None
    key, link, judge, begun, used = tuple(row)
    found = Current(key, link, judge, times(begun, used))
    return found if found.times.is_within("judge", now) else None


def hangs_on_revoked(looking: Connection, secret: str) -> bool:
    """Tell whether a session is there whose link has been revoked."""
    query = (
        select(LoginSession.id)
        .join(Link)
        .where(col(Link.revoked_at).is_not(None), col(LoginSession.id) == session_id(secret))
    )
    return looking.execute(query).first() is not None


def note_use(session: Session, current: Current, *, now: datetime) -> None:
    """Note that a session is in use."""
    if row := session.get(LoginSession, current.id):
        row.used_at = utc_text(now)
        session.add(row)


def end(session: Session, secret: str) -> None:
    """End a session by what its cookie holds."""
    session.execute(delete(LoginSession).where(col(LoginSession.id) == session_id(secret)))


def end_one(session: Session, chosen: str, *, judge: int | None, now: datetime) -> None:
    """End a session of the judge, or for an organiser (no judge) of any.

    Raises
    ------
    NotFoundError
        When there is none of the id `chosen`, or it is not theirs to end.
    """
    if chosen not in {item.id for item in shown(session, judge=judge, now=now)}:
        raise NotFoundError(say("this session has already ended"))
    session.execute(delete(LoginSession).where(col(LoginSession.id) == chosen))


def end_others(session: Session, mine: Current) -> None:
    """End every other session of the same judge."""
    links = select(Link.id).where(Link.judge_id == mine.judge)
    query = delete(LoginSession).where(col(LoginSession.id) != mine.id)
    session.execute(query.where(col(LoginSession.link_id).in_(links)))


def shown(session: Session, *, judge: int | None, now: datetime) -> list[Shown]:
    """List the live sessions of a judge, or for an organiser (no judge) those of all judges."""
    query = (
        select(LoginSession, Judge)
        .join(Link, col(LoginSession.link_id) == Link.id)
        .join(Judge, col(Link.judge_id) == Judge.id)
        .where(col(Link.revoked_at).is_(None))
        .order_by(col(LoginSession.used_at).desc())
    )
    if judge is not None:
        query = query.where(Link.judge_id == judge)
    return [
        Shown(row.id, person.name, say("personal link"), row.begun_at, row.used_at, row.device, None)
        for row, person in session.exec(query)
        if times(row.begun_at, row.used_at).is_within("judge", now)
    ]
