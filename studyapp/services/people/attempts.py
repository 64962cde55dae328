"""How often somebody failed to get in, by key and window of time (`web/entrance/limits.py` says which).

Instants are seconds since 1970: a limit needs no more.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, or_, select, text
from sqlmodel import Session, col

from studyapp.db.site_tables import Attempt

# A window that seems to begin later than this is of a clock that was wrong; servers' clocks differ a little.
_DRIFT = 60


@dataclass(frozen=True)
class Count:
    """How often, and when the window ends."""

    count: int
    ends: float


NONE = Count(0, 0.0)

# Every sign-in asks several times: built once, it costs half.
_HELD = select(Attempt.count, Attempt.ends).where(  # pyright: ignore[reportArgumentType, reportCallIssue]
    col(Attempt.key) == bindparam("key"),
    col(Attempt.begins) <= bindparam("latest"),
    col(Attempt.ends) > bindparam("now"),
)
_ADD = text(
    "INSERT INTO attempt (key, count, begins, ends) VALUES (:key, :amount, :now, :ends) "
    "ON CONFLICT (key) DO UPDATE SET count = attempt.count + excluded.count RETURNING count"
)


def add(session: Session, key: str, seconds: int, amount: int, *, now: float) -> int:
    """Add to a count, whose window begins now if there is none; return it. What is over is forgotten."""
    session.execute(delete(Attempt).where(or_(col(Attempt.ends) <= now, col(Attempt.begins) > now + _DRIFT)))
    row = {"key": key, "amount": amount, "now": now, "ends": now + seconds}
    return session.execute(_ADD, row).scalar_one()


def held(looking: Connection, key: str, *, now: float) -> Count:
    """Return a count with the end of its window."""
    found = looking.execute(_HELD, {"key": key, "latest": now + _DRIFT, "now": now}).one_or_none()
    return Count(*found) if found else NONE


def forget(session: Session, key: str) -> None:
    """Forget a count."""
    session.execute(delete(Attempt).where(col(Attempt.key) == key))
