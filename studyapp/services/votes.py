"""From the ledger to the votes table: the one place where slots become teams again, after closing."""

import pandas as pd
from sqlmodel import Session, col, select

from studyapp.db.tables import BallotEvent, Image, Judge, Pick, Picture, Team, Trial, TrialSlot
from studyapp.services.ballots import is_current
from studyapp.services.studies import require_closed

VOTE_COLUMNS = [
    "judge",
    "image",
    "team",
    "slot",
    "rank",
    "position",
    "revision",
    "at",
    "trial",
    "simulated",
]
DESIGN_COLUMNS = ["judge", "position", "image", "slot", "team", "kind", "trial"]


def votes_table(session: Session) -> pd.DataFrame:
    """Return one row for each candidate shown in a complete, counted ballot.

    Columns: judge, image, team, slot, rank (1, 2, 3 or missing), then position (of the image in the judge's
    order), revision, at, trial and simulated. Judges are numbered in order of invitation (judge01, ...):
    names and addresses stay in the database.

    Raises
    ------
    StudyStateError
        While the study is not closed: the table says who made what.
    """
    study = require_closed(session)
    rows = session.exec(
        select(  # pyright: ignore[reportCallIssue] (typed for up to four columns only)
            Judge.position, Image.key, Team.key, TrialSlot.slot, Pick.place, Trial.position,
               BallotEvent.revision, BallotEvent.saved_at, Trial.public_id)
        .select_from(Trial)
        .join(BallotEvent, col(BallotEvent.trial_id) == Trial.id)
        .join(Judge, col(Trial.judge_id) == Judge.id)
        .join(Image, col(Trial.image_id) == Image.id)
        .join(TrialSlot, col(TrialSlot.trial_id) == Trial.id)
        .join(Picture, col(TrialSlot.picture_id) == Picture.id)
        .join(Team, col(Picture.team_id) == Team.id)
        .outerjoin(Pick, (col(Pick.event_id) == BallotEvent.id) & (col(Pick.slot) == TrialSlot.slot))
        .where(Trial.kind == "main", is_current(), col(BallotEvent.complete))
        .order_by(col(Judge.position), col(Trial.position), col(TrialSlot.slot))
    )  # fmt: skip
    table = pd.DataFrame([(*row, study.simulated) for row in rows], columns=pd.Index(VOTE_COLUMNS))
    table["judge"] = table["judge"].map(judge_label)
    table["rank"] = table["rank"].astype("Int64")
    return table


def design_table(session: Session) -> pd.DataFrame:
    """Return the design: for each judge and position the image, and the team in each slot.

    Raises
    ------
    StudyStateError
        While the study is not closed.
    """
    require_closed(session)
    rows = session.exec(
        select(  # pyright: ignore[reportCallIssue] (typed for up to four columns only)
            Judge.position, Trial.position, Image.key, TrialSlot.slot, Team.key, Trial.kind,
               Trial.public_id)
        .select_from(Trial)
        .join(Judge, col(Trial.judge_id) == Judge.id)
        .join(Image, col(Trial.image_id) == Image.id)
        .join(TrialSlot, col(TrialSlot.trial_id) == Trial.id)
        .join(Picture, col(TrialSlot.picture_id) == Picture.id)
        .join(Team, col(Picture.team_id) == Team.id)
        .order_by(col(Judge.position), col(Trial.kind), col(Trial.position), col(TrialSlot.slot))
    )  # fmt: skip
    table = pd.DataFrame(list(rows), columns=pd.Index(DESIGN_COLUMNS))
    table["judge"] = table["judge"].map(judge_label)
    return table


def judge_label(position: int) -> str:
    """Name a judge in exports by their number alone.

    Examples
    --------
    >>> judge_label(0)
    'judge01'
    """
    return f"judge{position + 1:02d}"
