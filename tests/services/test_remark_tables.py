"""What judges said and how their screens were, in the export: only of judges and teams that count."""

import pandas as pd
import pytest
from sqlmodel import col, select

from studyapp.core.remarks import Reason
from studyapp.db.tables import Picture, Team, TrialSlot
from studyapp.db.tables import Trial as TrialRow
from studyapp.errors import StudyStateError
from studyapp.services.results.exports import export_study
from studyapp.services.results.ranking import rank_study
from studyapp.services.results.remark_tables import remark_tables
from studyapp.services.voting.judging import note_conditions
from studyapp.services.voting.lifecycle import disqualify_team, withdraw_judge
from tests.conftest import NOW
from tests.services.test_looking_tables import trial_of
from tests.services.voting import cast_all, close, picked, save_ballot


def say(workspace, name: str, *reasons: Reason) -> str:
    trial, judge = trial_of(workspace, name, 2)
    with workspace.database.writing() as session:
        save_ballot(session, picked(judge, trial, f"reasons-of-{name}", 3, (1, 2, 3), reasons=reasons))
        check = {"kind": "check", "dpr": 1.25, "screen": [1536, 864], "seen": {"dark": "4"}}
        note_conditions(session, judge, check, now=NOW)
        change = {"kind": "change", "at": "x", "trial": trial, "changed": {"zoom": None, "dpr": 2}}
        note_conditions(session, judge, change, trial=trial, now=NOW)
    return trial


def team_in(workspace, trial: str, slot: int) -> str:
    with workspace.database.reading() as session:
        query = select(Team.key).join(Picture).join(TrialSlot, col(TrialSlot.picture_id) == Picture.id)
        query = query.join(TrialRow, col(TrialSlot.trial_id) == TrialRow.id)
        return session.exec(query.where(TrialRow.public_id == trial, TrialSlot.slot == slot)).one()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_reasons_and_conditions_are_exported(workspace, links):
    cast_all(workspace, "Jude", "June")
    trial = say(
        workspace,
        "Jude",
        Reason(slot=4, tags=["-Noise", "+Fidelity", "-Artifacts"], text="=1+1", rect=(1, 2, 30, 20)),
        Reason(slot=2, text="Hair, natural; “soft”\nand calm"),
    )
    say(workspace, "June", Reason(slot=1, text="June's"))
    with workspace.database.reading() as session, pytest.raises(StudyStateError):
        remark_tables(session)
    close(workspace)
    with workspace.database.reading() as session:
        first = export_study(session, workspace, rank_study(session, workspace))
        texts = {path.name: path.read_bytes() for path in first}
        again = export_study(session, workspace, rank_study(session, workspace))
    assert {path.name: path.read_bytes() for path in again} == texts
    folder = workspace.folders.exports
    reasons = pd.read_csv(folder / "reasons.csv", dtype="string", keep_default_na=False)
    mine = reasons[reasons["trial"] == trial]
    assert mine[["slot", "answer", "good", "bad", "x", "width", "text"]].to_numpy().tolist() == [
        ["2", "2", "", "", "", "", "Hair, natural; “soft”\nand calm"],
        ["4", "", "Fidelity", "Noise; Artifacts", "1", "30", "'=1+1"],
    ]
    assert list(mine["team"]) == [team_in(workspace, trial, 2), team_in(workspace, trial, 4)]
    conditions = pd.read_csv(folder / "conditions.csv")
    assert list(conditions["judge"]) == ["judge01", "judge01", "judge02", "judge02"]
    check, change = conditions.to_dict("records")[:2]
    assert (check["kind"], check["dpr"], check["screen_width"], check["dark"]) == ("check", 1.25, 1536, 4)
    assert (change["changed"], change["dpr"], change["trial"]) == ("dpr zoom", 2, trial)
    with workspace.database.writing() as session:
        withdraw_judge(session, "june@example.org", "she asked", now=NOW)
        disqualify_team(session, team_in(workspace, trial, 4), "it was not theirs", now=NOW)
    with workspace.database.reading() as session:
        tables = remark_tables(session)
    assert list(tables["reasons.csv"]["slot"]) == [2]
    assert set(tables["conditions.csv"]["judge"]) == {"judge01"}
