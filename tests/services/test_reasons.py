"""What judges said and how their screens were, in the export: only of judges and teams that count."""

import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sqlmodel import col, select

from analysis.verify import export_findings
from studyapp.core.reasons import Reason
from studyapp.db.tables import Image as ImageRow
from studyapp.db.tables import Picture, Team, TrialSlot
from studyapp.db.tables import Trial as TrialRow
from studyapp.errors import StudyError, StudyStateError
from studyapp.services.results.conditions import conditions_table
from studyapp.services.results.crops import write_crops
from studyapp.services.results.exports import export_study
from studyapp.services.results.ranking import rank_study
from studyapp.services.results.reasons import reasons_table
from studyapp.services.voting.lifecycle import disqualify_team, withdraw_judge
from studyapp.services.voting.viewing import note_conditions
from tests.conftest import NOW
from tests.services.test_looking_tables import trial_of
from tests.services.voting import cast_all, close, picked, save_ballot

WORSE = Reason(slot=4, rect=(1, 2, 30, 20), attribute="Noise", direction="worse", severity=4, text="=1+1")


def say(workspace, name: str, *reasons: Reason) -> str:
    trial, judge = trial_of(workspace, name, 2)
    with workspace.database.writing() as session:
        save_ballot(session, picked(judge, trial, f"reasons-{trial}", 3, (1, 2, 3), reasons=reasons))
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
        WORSE,
        Reason(slot=2, region="Hair", attribute="Texture", direction="better", text="Natural; “soft”, calm"),
    )
    say(workspace, "June", Reason(slot=1, region="Face", attribute="Realism", direction="better"))
    with workspace.database.reading() as session, pytest.raises(StudyStateError):
        reasons_table(session)
    close(workspace)
    with workspace.database.reading() as session:
        first = export_study(session, workspace, rank_study(session, workspace))
        texts = {path.name: path.read_bytes() for path in first}
        again = export_study(session, workspace, rank_study(session, workspace))
    assert {path.name: path.read_bytes() for path in again} == texts
    folder = workspace.folders.exports
    reasons = pd.read_csv(folder / "reasons.csv", dtype="string", keep_default_na=False)
    mine = reasons[reasons["trial"] == trial]
    told = ["slot", "answer", "region", "attribute", "direction", "severity", "x", "width", "text"]
    assert mine[told].to_numpy().tolist() == [
        ["2", "2", "Hair", "Texture", "better", "", "", "", "Natural; “soft”, calm"],
        ["4", "", "", "Noise", "worse", "4", "1", "30", "'=1+1"],
    ]
    assert list(mine["team"]) == [team_in(workspace, trial, 2), team_in(workspace, trial, 4)]
    lines = [json.loads(line) for line in (folder / "reasons.jsonl").read_text().splitlines()]
    (line,) = [line for line in lines if line["trial"] == trial]
    assert line["solution"] == (
        "<thinking>\nHair Texture: Image B is better. Natural; “soft”, calm\n"
        "Marked Noise: Image D is worse. =1+1\n</thinking>\n<answer>A, B, C</answer>"
    )
    assert line["candidates"]["B"] == team_in(workspace, trial, 2)
    assert line["images"][1] == f"teams/{team_in(workspace, trial, 2)}/{line['image']}.png"
    assert len(lines) == 2
    report = (folder / "report.html").read_text(encoding="utf-8")
    assert "3 reasons of 2 judges" in report
    assert "The browsers of 2 of 2 judges reported how they looked." in report
    conditions = pd.read_csv(folder / "conditions.csv")
    assert list(conditions["judge"]) == ["judge01", "judge01", "judge02", "judge02"]
    check, change = conditions.to_dict("records")[:2]
    assert (check["kind"], check["dpr"], check["screen_width"], check["dark"]) == ("check", 1.25, 1536, 4)
    assert (change["changed"], change["dpr"], change["trial"]) == ("dpr zoom", 2, trial)
    with workspace.database.writing() as session:
        withdraw_judge(session, "june@example.org", "she asked", now=NOW)
        disqualify_team(session, team_in(workspace, trial, 4), "it was not theirs", now=NOW)
    with workspace.database.reading() as session:
        assert list(reasons_table(session)["slot"]) == [2]
        assert set(conditions_table(session)["judge"]) == {"judge01"}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_was_drawn_is_cut_out_pixel_for_pixel(workspace, links, tmp_path):
    cast_all(workspace, "Jude", "June")
    trial = say(workspace, "Jude", WORSE, WORSE.model_copy(update={"attribute": "Color"}))
    other = say(workspace, "June", WORSE.model_copy(update={"rect": (0, 0, 60, 40)}))
    with workspace.database.reading() as session:
        with pytest.raises(StudyStateError):
            write_crops(session, workspace, tmp_path / "out")
        assert not (tmp_path / "out").exists()
    close(workspace)
    with workspace.database.reading() as session:
        ranked = rank_study(session, workspace)
        export_study(session, workspace, ranked, crops=True)
        image, whole = (image_of(session, name) for name in (trial, other))
    folder = workspace.folders.exports
    team, same = team_in(workspace, trial, 4), team_in(workspace, other, 4)
    expected = {
        f"crops/teams/{team}/{image}_1_2_30x20.png": f"teams/{team}/{image}.png",
        f"crops/input/{image}_1_2_30x20.png": f"input/{image}.png",
        f"crops/teams/{same}/{whole}_0_0_60x40.png": f"teams/{same}/{whole}.png",
        f"crops/input/{whole}_0_0_60x40.png": f"input/{whole}.png",
    }
    files = json.loads((folder / "manifest.json").read_text())["files"]
    assert {name for name in files if "/" in name} == set(expected)
    for name, source in expected.items():
        x, y, width, height = (1, 2, 30, 20) if "1_2_30x20" in name else (0, 0, 60, 40)
        pixels = np.asarray(Image.open(workspace.folders.root / source))[y : y + height, x : x + width]
        assert np.array_equal(np.asarray(Image.open(folder / name)), pixels), name
    assert misfits(folder) == []
    first = folder / next(iter(expected))
    kept = first.read_bytes()
    first.write_bytes(kept[:-1])
    assert [words for words in misfits(folder) if f"{next(iter(expected))} was changed" in words]
    first.write_bytes(kept)
    (first.parent / "mine.png").write_bytes(kept)
    assert [words for words in misfits(folder) if "mine.png is not part of this export" in words]
    with workspace.database.reading() as session:
        export_study(session, workspace, ranked)
    assert [path.name for path in (folder / "crops").rglob("*.png")] == ["mine.png"], "it is somebody else's"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_is_cut_out_of_a_pack_that_is_not_what_was_entered(workspace, links, tmp_path):
    cast_all(workspace, "Jude", "June")
    trial = say(workspace, "Jude", WORSE)
    close(workspace)
    with workspace.database.reading() as session:
        query = select(Picture.pack).join(Team).join(TrialSlot, col(TrialSlot.picture_id) == Picture.id)
        query = query.join(TrialRow, col(TrialSlot.trial_id) == TrialRow.id)
        pack = session.exec(query.where(TrialRow.public_id == trial, TrialSlot.slot == 4)).one()
    path = workspace.folders.var / pack
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)
    words = f"{pack} was changed.*studyapp tile DIR"
    with workspace.database.reading() as session, pytest.raises(StudyError, match=words):
        write_crops(session, workspace, tmp_path / "out")
    assert not list((tmp_path / "out").rglob("*teams/*.png"))


def image_of(session, trial: str) -> str:
    query = select(ImageRow.key).join(TrialRow, col(TrialRow.image_id) == ImageRow.id)
    return session.exec(query.where(TrialRow.public_id == trial)).one()


def misfits(folder) -> list[str]:
    return [item.message for item in export_findings(folder) if item.verdict == "wrong"]
