"""From the ledger to the table of answers: the one place where slots become teams again, after closing."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd
from sqlmodel import Session, col, select

from studyapp.core.ledger import TEST_FROM, judge_label
from studyapp.core.records import damaged, read_record
from studyapp.db.tables import BallotEvent, Image, Judge, Looking, Picture, Team, Trial, TrialSlot
from studyapp.errors import InvalidBallotError
from studyapp.protocols import Protocol, read_protocol
from studyapp.services.ground.ledger import standing
from studyapp.services.ground.studies import require_unsealed, team_keys
from studyapp.services.voting.ballots import is_current

DESIGN_COLUMNS = ["judge", "position", "image", "slot", "team", "kind", "trial"]


def answers_table(session: Session) -> pd.DataFrame:
    """Return the rows that the complete ballots of the judges who count add to the protocol's table.

    Columns: judge, image, the protocol's own, then kind (main; or repeat, golden or identical, which serve
    screening and never count), position (of the trial in the judge's sequence), revision, at, trial,
    simulated and seconds (the longest look at the trial; missing without evidence of looking). Judges are
    numbered in order of invitation (judge01, ...): names and addresses stay in the database. Test judges,
    withdrawn judges and disqualified teams are left out (docs/decisions/0203).

    Raises
    ------
    StudyStateError
        While identities are sealed: the table says who made what.
    """
    study = require_unsealed(session)
    out = standing(session)
    protocol = read_protocol(study.protocol)
    rows = session.exec(
        select(  # pyright: ignore[reportCallIssue] (typed for up to four columns only)
            Judge.position, Image.key, Trial.id, Trial.kind, Trial.position, Trial.public_id,
               BallotEvent.revision, BallotEvent.saved_at, BallotEvent.body)
        .select_from(Trial)
        .join(BallotEvent, col(BallotEvent.trial_id) == Trial.id)
        .join(Judge, col(Trial.judge_id) == Judge.id)
        .join(Image, col(Trial.image_id) == Image.id)
        .where(Trial.kind != "practice", is_current(), col(BallotEvent.complete), Judge.position < TEST_FROM)
        .order_by(col(Judge.position), col(Trial.position))
    )  # fmt: skip
    shown = teams_shown(session, without=team_keys(session, out.disqualified))
    found = []
    for number, image, trial_id, kind, position, trial, revision, at, body in rows:
        judge = judge_label(number)
        if judge not in out.withdrawn:
            answer = read_answer(protocol, read_record(body, f"a ballot of {judge}"), judge)
            about = (kind, position, revision, at, trial, study.simulated)
            found += [(judge, image, *row.values(), *about) for row in protocol.rows(answer, shown[trial_id])]
    names = ("judge", "image", *protocol.columns, "kind", "position", "revision", "at", "trial", "simulated")
    table = pd.DataFrame(found, columns=pd.Index(names)).astype(dict(protocol.columns))
    table["seconds"] = table["trial"].map(_seconds(session)).astype(float)
    return table


def read_answer(protocol: Protocol[Any], body: Mapping[str, Any], judge: str) -> Any:
    """Return the answer that a ballot's event holds.

    Raises
    ------
    DamagedError
        When it is not one of this protocol any more.
    """
    try:
        return protocol.read(body["answer"])
    except (KeyError, InvalidBallotError):
        raise damaged(f"a ballot of {judge}") from None


def teams_shown(session: Session, *, without: Collection[str] = ()) -> dict[int, dict[int, str]]:
    """Return for each trial who stood in each slot, by the trial's number in the database."""
    rows = session.exec(
        select(TrialSlot.trial_id, TrialSlot.slot, Team.key)
        .join(Picture, col(TrialSlot.picture_id) == Picture.id)
        .join(Team, col(Picture.team_id) == Team.id)
        .where(TrialSlot.slot > 0)
        .order_by(col(TrialSlot.trial_id), col(TrialSlot.slot))
    )
    shown: dict[int, dict[int, str]] = defaultdict(dict)
    for trial, slot, team in rows:
        if team not in without:
            shown[trial][slot] = team
    return shown


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
        .where(TrialSlot.slot > 0)
        .order_by(col(Judge.position), col(Trial.kind), col(Trial.position), col(TrialSlot.slot))
    )  # fmt: skip
    table = pd.DataFrame(list(rows), columns=pd.Index(DESIGN_COLUMNS))
    table["judge"] = table["judge"].map(judge_label)
    return table
