"""Who is logged in where: a row for each session, so that it can be looked up, seen and ended.

A browser's cookie holds a random id; the row is found by its hash. What is not there, or beyond the limits,
is no session.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete
from sqlmodel import Session, col, select

from analysis.texts import say
from studyapp.db.tables import Judge, Link, LoginSession, utc_text
from studyapp.errors import NotFoundError

IDLE = {"judge": timedelta(days=7), "organiser": timedelta(hours=2)}
ABSOLUTE = {"judge": timedelta(days=30), "organiser": timedelta(hours=12)}
# Whoever ends sessions has logged in within this time: a stranger at an open browser cannot.
FRESH = timedelta(minutes=15)
# Use is noted at most so often, so that not every request writes.
NOTED = timedelta(minutes=5)

# Of one link, or of one account: the one used least lately has to go.
MOST = 20

# Every request runs it: built once, it costs half.
_BY_ID = (
    select(  # pyright: ignore[reportCallIssue] (typed for up to four columns only)
        LoginSession.id, LoginSession.link_id, Link.role, Link.judge_id, LoginSession.account,
        LoginSession.begun_at, LoginSession.used_at)
    .join(Link)
    .where(col(Link.revoked_at).is_(None), col(LoginSession.id) == bindparam("id"))
)  # fmt: skip


@dataclass(frozen=True)
class Current:
    """The session of whoever asks."""

    id: str
    link: int
    role: str
    judge: int | None
    account: str | None
    begun: datetime
    used: datetime

    def is_fresh(self, now: datetime) -> bool:
        """Tell whether the log-in was a short while ago."""
        return abs(now - self.begun) < FRESH

    def is_to_note(self, now: datetime) -> bool:
        """Tell whether the last use that was noted is a while ago; also when the clock jumped back."""
        return abs(now - self.used) > NOTED


@dataclass(frozen=True)
class Shown:
    """A session as it is shown; of judges no address, which nobody needs."""

    id: str
    who: str
    way: str
    begun_at: str
    used_at: str
    device: str
    address: str | None


def begin(
    session: Session,
    secret: str,
    link: Link,
    *,
    account: str | None,
    address: str,
    device: str,
    now: datetime,
) -> Current:
    """Begin a session; those beyond every limit are forgotten."""
    oldest = utc_text(now - max(ABSOLUTE.values()))
    session.execute(delete(LoginSession).where(col(LoginSession.begun_at) < oldest))
    at = utc_text(now)
    row = LoginSession(
        id=_hash(secret),
        link_id=link.id or 0,
        account=account,
        begun_at=at,
        used_at=at,
        address=address,
        device=device,
    )
    session.add(row)
    session.flush()
    _end_beyond(session, row)
    return Current(row.id, row.link_id, link.role, link.judge_id, account, now, now)


def _end_beyond(session: Session, row: LoginSession) -> None:
    """End the oldest sessions of the same link, or account, where there are more than anybody has devices."""
    same = (
        col(LoginSession.account) == row.account if row.account else col(LoginSession.link_id) == row.link_id
    )
    kept = select(LoginSession.id).where(same, col(LoginSession.id) != row.id)
    kept = kept.order_by(col(LoginSession.used_at).desc(), col(LoginSession.begun_at).desc()).limit(MOST - 1)
    ids = [row.id, *session.exec(kept)]
    session.execute(delete(LoginSession).where(same, col(LoginSession.id).not_in(ids)))


def current(looking: Connection, secret: str, *, now: datetime) -> Current | None:
    """Find a session by what the cookie holds, in one statement; None when it ended, or is beyond its limits.

    A clock that jumped back ends no session.
    """
    row = looking.execute(_BY_ID, {"id": _hash(secret)}).one_or_none()
    if row is None:
        return None
    key, link, role, judge, account, begun, used = tuple(row)
    found = Current(
        key, link, role, judge, account, datetime.fromisoformat(begun), datetime.fromisoformat(used)
    )
    return found if _within_limits(found.role, found.begun, found.used, now) else None


def hangs_on_revoked(looking: Connection, secret: str) -> bool:
    """Tell whether a session is there whose link has been revoked."""
    query = (
        select(LoginSession.id)
        .join(Link)
        .where(col(Link.revoked_at).is_not(None), col(LoginSession.id) == _hash(secret))
    )
    return looking.execute(query).first() is not None


def note_use(session: Session, current: Current, *, now: datetime) -> None:
    """Note that a session is in use."""
    if row := session.get(LoginSession, current.id):
        row.used_at = utc_text(now)
        session.add(row)


def end(session: Session, secret: str) -> None:
    """End a session by what its cookie holds."""
    session.execute(delete(LoginSession).where(col(LoginSession.id) == _hash(secret)))


def end_one(session: Session, mine: Current, chosen: str, *, now: datetime) -> None:
    """End one of the sessions that are shown to whoever asks.

    Raises
    ------
    NotFoundError
        When there is none of the id `chosen`, or it is not theirs to end.
    """
    if chosen not in {item.id for item in shown(session, mine, now=now)}:
        raise NotFoundError(say("this session has already ended"))
    session.execute(delete(LoginSession).where(col(LoginSession.id) == chosen))


def end_others(session: Session, mine: Current) -> None:
    """End every other session of the same person: of the judge, or of the organiser by the same way in."""
    query = delete(LoginSession).where(col(LoginSession.id) != mine.id)
    if mine.account is not None:
        session.execute(query.where(col(LoginSession.account) == mine.account))
    else:
        links = select(Link.id).where(Link.role == mine.role, Link.judge_id == mine.judge)
        session.execute(
            query.where(col(LoginSession.account).is_(None), col(LoginSession.link_id).in_(links))
        )


def shown(session: Session, mine: Current, *, now: datetime) -> list[Shown]:
    """List the live sessions that somebody may see and end: a judge's own; for an organiser everybody's."""
    query = (
        select(LoginSession, Link, Judge)
        .join(Link, col(LoginSession.link_id) == Link.id)
        .outerjoin(Judge, col(Link.judge_id) == Judge.id)
        .where(col(Link.revoked_at).is_(None))
        .order_by(col(LoginSession.used_at).desc())
    )
    if mine.role == "judge":
        query = query.where(Link.judge_id == mine.judge)
    return [
        _show(row, judge)
        for row, link, judge in session.exec(query)
        if _within_limits(
            link.role, datetime.fromisoformat(row.begun_at), datetime.fromisoformat(row.used_at), now
        )
    ]


def _show(row: LoginSession, judge: Judge | None) -> Shown:
    if judge is not None:
        return Shown(row.id, judge.name, say("personal link"), row.begun_at, row.used_at, row.device, None)
    way = say("printed link") if row.account is None else say("password")
    who = row.account or say("organiser")
    return Shown(row.id, who, way, row.begun_at, row.used_at, row.device, row.address)


def _within_limits(role: str, begun: datetime, used: datetime, now: datetime) -> bool:
    return now - begun < ABSOLUTE[role] and now - used < IDLE[role]


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()
