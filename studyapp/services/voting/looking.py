"""Evidence of looking that no ballot carries: what a judge looked at after the last saved pick of a trial."""

from datetime import datetime

from sqlmodel import Session, col, func, select

from analysis.texts import say
from studyapp.core.canonical import canonical_json
from studyapp.core.lifecycle import check_step
from studyapp.core.looking import Looking
from studyapp.db.tables import Judge, LaterLooking, utc_text
from studyapp.errors import LimitReachedError, NotFoundError
from studyapp.services.ground.studies import the_study
from studyapp.services.voting.trials import find_trial

MOST = 1000
"""Reports of one trial: more than anybody leaves by looking, few enough not to fill a disk."""


def note_looking(session: Session, judge_id: int, public_id: str, looking: Looking, *, now: datetime) -> None:
    """Keep a report of a visit, unless one that covers as much or more of that visit is there.

    Raises
    ------
    NotFoundError
        When the trial is not this judge's, or nobody has looked at it yet.
    StudyPausedError, StudyStateError
        When the study is not open.
    LimitReachedError
        When the trial has too many reports.
    """
    trial = find_trial(session, judge_id, public_id)
    if trial.image_id is None:
        raise NotFoundError(say("there is no such trial"))
    check_step("vote", the_study(session).state)
    # One judge's reports follow each other, so that none is kept twice.
    session.exec(select(Judge.id).where(Judge.id == judge_id).with_for_update()).one()
    own = col(LaterLooking.trial_id) == trial.id
    reports = session.exec(select(func.count(col(LaterLooking.id))).where(own)).one()
    longest = session.exec(
        select(func.max(LaterLooking.seconds)).where(own, col(LaterLooking.visit) == looking.visit)
    ).one()
    if longest is not None and longest >= looking.seconds:
        return
    if reports >= MOST:
        raise LimitReachedError(
            say("%(most)s reports about this image are stored already; no more are accepted", most=MOST)
        )
    session.add(
        LaterLooking(
            trial_id=trial.id or 0,
            visit=looking.visit,
            seconds=looking.seconds,
            noted_at=utc_text(now),
            body=canonical_json(looking.model_dump(mode="json")).decode("utf-8"),
        )
    )
