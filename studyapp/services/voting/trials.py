"""A judge's trials by the names that the judge's pages know."""

from sqlmodel import Session, col, select

from analysis.texts import say
from studyapp.db.tables import Trial
from studyapp.errors import NotFoundError


def find_trial(session: Session, judge_id: int, public_id: str) -> Trial:
    """Return a judge's own trial.

    Raises
    ------
    NotFoundError
        When there is none, or it is another judge's.
    """
    query = select(Trial).where(col(Trial.public_id) == public_id, col(Trial.judge_id) == judge_id)
    trial = session.exec(query).one_or_none()
    if trial is None:
        raise NotFoundError(say("there is no such trial"))
    return trial
