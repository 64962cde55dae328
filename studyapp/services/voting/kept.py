"""How much the study keeps of a judge, and how much it has room for."""

from sqlmodel import Session, col, func, select

from studyapp.db.tables import BallotEvent, LaterLooking, Looking, Trial, ViewingConditions

OF_A_TRIAL = 2_000_000
"""Bytes: about a hundred revisions of an answer, each with the evidence of a long look."""
BESIDES = 20_000_000
"""Bytes for a judge besides, so that small studies have room too."""


def room_of(session: Session, judge_id: int) -> int:
    """Return how many bytes are kept of a judge at most."""
    trials = session.exec(select(func.count(col(Trial.id))).where(Trial.judge_id == judge_id)).one()
    return BESIDES + OF_A_TRIAL * trials


def kept_bytes(session: Session, judge_id: int) -> int:
    """Return about how many bytes there are of a judge: answers, evidence of looking, viewing conditions."""
    looking = (
        select(func.sum(func.length(Looking.body)))
        .join(BallotEvent, col(Looking.event_id) == BallotEvent.id)
        .where(BallotEvent.judge_id == judge_id)
    )
    later = (
        select(func.sum(func.length(LaterLooking.body)))
        .join(Trial, col(LaterLooking.trial_id) == Trial.id)
        .where(Trial.judge_id == judge_id)
    )
    own = [
        select(func.sum(func.length(table.body))).where(table.judge_id == judge_id)
        for table in (BallotEvent, ViewingConditions)
    ]
    return sum(session.exec(query).one() or 0 for query in (looking, later, *own))
