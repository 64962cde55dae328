"""What a ballot stands on, read in few statements that are prepared once: saving must stay fast under load.

Building and fetching whole rows through the ORM cost three quarters of the time of saving a ballot.
"""

from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlmodel import Session, col, func

from studyapp.core.ballots import FIRST_HASH
from studyapp.db.tables import BallotEvent, Image, Judge, Study, Trial, TrialSlot
from studyapp.errors import NotFoundError


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
    places: int
    state: str
    see_all_at_1_1: bool
    revision: int
    """Of the trial's ballot as it stands; 0 when there is none."""
    sequence: int
    """Of the judge's last event; 0 when there is none."""
    head: str
    """Hash of the judge's last event."""


# Locking the judge's row makes one judge's events follow each other also on PostgreSQL. It is a statement of
# its own: what is read in the same one may be older than the lock.
_JUDGE = select(col(Judge.position)).where(col(Judge.id) == bindparam("judge_id")).with_for_update()
_STUDY = select(col(Study.state), col(Study.places), col(Study.see_all_at_1_1)).with_for_update(read=True)
_SHOWN = (
    select(func.count())
    .select_from(TrialSlot)
    .where(col(TrialSlot.trial_id) == Trial.id, col(TrialSlot.slot) > 0)
    .scalar_subquery()
)
_REVISION = (
    select(func.max(BallotEvent.revision)).where(col(BallotEvent.trial_id) == Trial.id).scalar_subquery()
)
_TRIAL = (
    select(col(Trial.id), col(Image.width), col(Image.height), _SHOWN, _REVISION)
    .join(Image, col(Trial.image_id) == Image.id)
    .where(col(Trial.public_id) == bindparam("public_id"), col(Trial.judge_id) == bindparam("judge_id"))
)
_LAST = (
    select(col(BallotEvent.judge_sequence), col(BallotEvent.hash))
    .where(col(BallotEvent.judge_id) == bindparam("judge_id"))
    .order_by(col(BallotEvent.judge_sequence).desc())
    .limit(1)
)


def ground(session: Session, judge_id: int, public_id: str) -> Ground:
    """Lock this judge's ballots and the study's state, and return what a ballot of the trial stands on.

    Raises
    ------
    NotFoundError
        When there is no such trial, or it is another judge's.
    """
    connection = session.connection()
    values = {"judge_id": judge_id, "public_id": public_id}
    number = connection.execute(_JUDGE, values).scalar_one()
    trial = connection.execute(_TRIAL, values).one_or_none()
    if trial is None:
        raise NotFoundError("there is no such trial")
    trial_id, width, height, slots, revision = trial
    state, places, see_all = connection.execute(_STUDY).one()
    last = connection.execute(_LAST, values).one_or_none()
    sequence, head = last if last is not None else (0, FIRST_HASH)
    return Ground(
        trial_id=trial_id or 0,
        public_id=public_id,
        judge_id=judge_id,
        judge_number=number,
        width=width,
        height=height,
        slots=slots,
        places=places,
        state=state,
        see_all_at_1_1=see_all,
        revision=revision or 0,
        sequence=sequence,
        head=head,
    )
