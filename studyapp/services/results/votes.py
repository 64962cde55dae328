"""From the ledger to the votes table: the one place where slots become teams again, after closing."""

from collections.abc import Collection

import pandas as pd
from sqlmodel import Session, col, select

from studyapp.core.ledger import TEST_FROM, judge_label
from studyapp.core.records import read_record
from studyapp.db.tables import BallotEvent, Image, Judge, Looking, Pick, Picture, Team, Trial, TrialSlot
from studyapp.services.ground.ledger import standing
from studyapp.services.ground.studies import require_unsealed
from studyapp.services.voting.ballots import is_current

VOTE_COLUMNS = [
    "judge",
    "image",
    "team",
    "slot",
    "rank",
    "kind",
    "position",
    "revision",
    "at",
    "trial",
    "simulated",
]
DESIGN_COLUMNS = ["judge", "position", "image", "slot", "team", "kind", "trial"]


def votes_table(session: Session) -> pd.DataFrame:
    """Return one row for each candidate shown in a complete ballot of a judge who counts.

    Columns: judge, image, team, slot, rank (1, 2, 3 or missing), then kind (main; or repeat or golden, which
    serve screening and never count), position (of the trial in the judge's sequence), revision, at, trial,
    simulated and seconds (the longest look at the trial; missing without evidence of looking). Judges are
    numbered in order of invitation (judge01, ...): names and addresses stay in the database. Test judges,
    withdrawn judges and disqualified teams are left out; picks behind a disqualified team's move up
    (docs/decisions/0203).

    Raises
    ------
    StudyStateError
        While identities are sealed: the table says who made what.
    """
    study = require_unsealed(session)
    out = standing(session)
    rows = session.exec(
        select(  # pyright: ignore[reportCallIssue] (typed for up to four columns only)
            Judge.position, Image.key, Team.key, TrialSlot.slot, Pick.place, Trial.kind, Trial.position,
               BallotEvent.revision, BallotEvent.saved_at, Trial.public_id)
        .select_from(Trial)
        .join(BallotEvent, col(BallotEvent.trial_id) == Trial.id)
        .join(Judge, col(Trial.judge_id) == Judge.id)
        .join(Image, col(Trial.image_id) == Image.id)
        .join(TrialSlot, col(TrialSlot.trial_id) == Trial.id)
        .join(Picture, col(TrialSlot.picture_id) == Picture.id)
        .join(Team, col(Picture.team_id) == Team.id)
        .outerjoin(Pick, (col(Pick.event_id) == BallotEvent.id) & (col(Pick.slot) == TrialSlot.slot))
        .where(Trial.kind != "practice", is_current(), col(BallotEvent.complete), Judge.position < TEST_FROM)
        .order_by(col(Judge.position), col(Trial.position), col(TrialSlot.slot))
    )  # fmt: skip
    table = pd.DataFrame([(*row, study.simulated) for row in rows], columns=pd.Index(VOTE_COLUMNS))
    table["judge"] = table["judge"].map(judge_label)
    table["rank"] = table["rank"].astype("Int64")
    table["seconds"] = table["trial"].map(_seconds(session)).astype(float)
    table = table[~table["judge"].isin(out.withdrawn)].reset_index(drop=True)
    return without_teams(table, team_keys(session, out.disqualified))


def _seconds(session: Session) -> dict[str, float]:
    """Return the time on each trial that left evidence of looking: the longest of its visits."""
    rows = session.exec(
        select(Trial.public_id, Looking.body)
        .join(BallotEvent, col(BallotEvent.id) == Looking.event_id)
        .join(Trial, col(BallotEvent.trial_id) == Trial.id)
    )
    longest: dict[str, float] = {}
    for trial, body in rows:
        longest[trial] = max(longest.get(trial, 0.0), read_record(body, "a report of looking")["seconds"])
    return longest


def without_teams(votes: pd.DataFrame, teams: Collection[str]) -> pd.DataFrame:
    """Take teams out of the votes: the picks behind theirs move up, and a ballot without a pick left goes.

    Examples
    --------
    >>> votes = pd.DataFrame({"trial": "t", "team": ["a", "b", "c"], "rank": [1, 2, None]})
    >>> without_teams(votes.astype({"rank": "Int64"}), {"a"})["rank"].tolist()
    [1, <NA>]
    """
    if not teams:
        return votes
    kept = votes[~votes["team"].isin(teams)]
    by_trial = kept.groupby("trial", sort=False)["rank"]
    kept = kept.assign(rank=by_trial.rank(method="first").astype("Int64"))
    return kept[by_trial.transform("count") > 0].reset_index(drop=True)


def team_keys(session: Session, numbers: Collection[int]) -> set[str]:
    """Return the ids of the teams with these numbers (from 1, in the order of study.yaml)."""
    positions = [number - 1 for number in numbers]
    return set(session.exec(select(Team.key).where(col(Team.position).in_(positions))))


def design_table(session: Session) -> pd.DataFrame:
    """Return the design: for each judge and position the image, and the team in each slot.

    Raises
    ------
    StudyStateError
        While identities are sealed.
    """
    require_unsealed(session)
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
