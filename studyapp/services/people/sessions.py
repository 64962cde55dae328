"""What sessions of judges and of accounts have in common: how long they last, and what is shown of them.

A browser's cookie holds a random secret; the row is found by its hash. What is not there, or beyond the
limits, is no session.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete
from sqlmodel import Session, col, select

from studyapp.db.site_tables import AccountSession
from studyapp.db.tables import LoginSession, utc_text

IDLE = {"judge": timedelta(days=7), "organiser": timedelta(hours=2)}
ABSOLUTE = {"judge": timedelta(days=30), "organiser": timedelta(hours=12)}
# Whoever ends sessions has logged in within this time: a stranger at an open browser cannot.
FRESH = timedelta(minutes=15)
# Use is noted at most so often, so that not every request writes.
NOTED = timedelta(minutes=5)
# Of one link, or of one account: the one used least lately has to go.
MOST = 20


@dataclass(frozen=True)
class Times:
    """When a session was begun, and when its last use was noted."""

    begun: datetime
    used: datetime

    def is_fresh(self, now: datetime) -> bool:
        """Tell whether the log-in was a short while ago."""
        return abs(now - self.begun) < FRESH

    def is_to_note(self, now: datetime) -> bool:
        """Tell whether the last use that was noted is a while ago; also when the clock jumped back."""
        return abs(now - self.used) > NOTED

    def is_within(self, role: str, now: datetime) -> bool:
        """Tell whether it is within the limits of a judge or an organiser.

        A clock that jumped back ends no session.
        """
        return now - self.begun < ABSOLUTE[role] and now - self.used < IDLE[role]


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


def enter(
    session: Session,
    row: LoginSession | AccountSession,
    role: str,
    same: ColumnElement[bool],
    *,
    now: datetime,
) -> None:
    """Enter a session that begins now. Those beyond the limits of its role are forgotten.

    Of those that are the `same` link's or account's, the ones used least lately end, where there are more
    than anybody has devices.
    """
    kind = type(row)
    session.execute(delete(kind).where(col(kind.begun_at) < utc_text(now - ABSOLUTE[role])))
    session.add(row)
    session.flush()
    kept = select(kind.id).where(same, col(kind.id) != row.id)
    kept = kept.order_by(col(kind.used_at).desc(), col(kind.begun_at).desc()).limit(MOST - 1)
    ids = [row.id, *session.exec(kept)]
    session.execute(delete(kind).where(same, col(kind.id).not_in(ids)))


def times(begun_at: str, used_at: str) -> Times:
    """Read what a row says."""
    return Times(datetime.fromisoformat(begun_at), datetime.fromisoformat(used_at))


def session_id(secret: str) -> str:
    """Return the id of the row that a cookie's secret stands for."""
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()
