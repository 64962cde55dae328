"""What ballots stand on, read in few statements that are prepared once: saving must stay fast under load.

Building and fetching whole rows through the ORM cost three quarters of the time of saving a ballot.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select, true
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func

from studyapp.core.canonical import FIRST_HASH
from studyapp.db.tables import BallotEvent, Image, Judge, Study, Trial, TrialSlot


@dataclass(frozen=True)
class Ground:
    """A judge's trial and what came before this ballot."""

    trial_id: int
    public_id: str
    judge_id: int
    judge_number: int
    width: int
    height: int
    slots: int
    """Candidates that the trial shows."""
    places: int
    state: str
    see_all_at_1_1: bool
    revision: int
    """Of the trial's ballot as it stands; 0 when there is none."""
    sequence: int
    """Of the judge's last event; 0 when there is none."""
    head: str
    """Hash of the judge's last event."""


# Locking the judges' rows makes one judge's events follow each other also on PostgreSQL. It is a statement of
# its own: what is read in the same one may be older than the lock. On SQLite there is one writer at a time.
_LOCK = (
    select(col(Judge.id))
    .where(col(Judge.id).in_(bindparam("judges", expanding=True)))
    .order_by(col(Judge.id))
    .with_for_update()
)
_SHOWN = (
    select(func.count())
    .select_from(TrialSlot)
    .where(col(TrialSlot.trial_id) == Trial.id, col(TrialSlot.slot) > 0)
    .scalar_subquery()
)
_REVISION = (
    select(func.max(BallotEvent.revision)).where(col(BallotEvent.trial_id) == Trial.id).scalar_subquery()
)
_LENGTH = (
    select(func.max(BallotEvent.judge_sequence))
    .where(col(BallotEvent.judge_id) == Trial.judge_id)
    .scalar_subquery()
)
_LAST = aliased(BallotEvent)
# In the order of the fields of `Ground`.
_GROUND = (
    select(  # pyright: ignore[reportCallIssue] (typed for up to four columns only)
        col(Trial.id), col(Trial.public_id), col(Trial.judge_id), col(Judge.position),
        col(Image.width), col(Image.height), _SHOWN,
        col(Study.places), col(Study.state), col(Study.see_all_at_1_1),
        func.coalesce(_REVISION, 0), func.coalesce(col(_LAST.judge_sequence), 0),
        func.coalesce(col(_LAST.hash), FIRST_HASH),
    )
    .join(Judge, col(Trial.judge_id) == Judge.id)
    .join(Image, col(Trial.image_id) == Image.id)
    .join(Study, true())
    .outerjoin(_LAST, (col(_LAST.judge_id) == Trial.judge_id) & (col(_LAST.judge_sequence) == _LENGTH))
    .where(col(Trial.public_id).in_(bindparam("trials", expanding=True)))
    .with_for_update(read=True, of=Study)
)  # fmt: skip
_STORED = select(col(BallotEvent.key), col(BallotEvent.id)).where(
    col(BallotEvent.key).in_(bindparam("keys", expanding=True))
)


def grounds(session: Session, asked: Sequence[tuple[int, str]]) -> dict[tuple[int, str], Ground]:
    """Lock these judges' ballots and the study's state, and return what their ballots stand on.

    Parameters
    ----------
    session
        In a transaction that writes.
    asked
        Judges and the public ids of trials. What does not belong together is left out.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"judges": [judge for judge, _ in asked]})
    rows = connection.execute(_GROUND, {"trials": [trial for _, trial in asked]})
    found = [Ground(*row) for row in rows]
    return {(item.judge_id, item.public_id): item for item in found}


def stored_under(session: Session, keys: Sequence[str]) -> dict[str, int]:
    """Return the numbers of the events that are stored under these keys."""
    rows = session.connection().execute(_STORED, {"keys": list(keys)})
    return {key: number or 0 for key, number in rows}
