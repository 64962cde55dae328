"""`studyapp rank` joins S2 of the scoring, S3 of the ballots and EScore of the measures, or says why not."""

import io
import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from analysis.cli import main
from studyapp.errors import StudyError
from studyapp.services.care.backups import back_up, restore
from studyapp.services.ground.workspace import open_workspace
from studyapp.services.paired.kept_measures import note_replaced
from studyapp.services.paired.scoring import score_study
from studyapp.services.results.exports import export_study
from studyapp.services.results.ranking import rank_study
from studyapp.services.results.ranking_text import format_ranking
from studyapp.services.voting import lifecycle
from tests.conftest import NOW, TEAMS
from tests.paired_study import OWN_FORMULA, save
from tests.services.joined import MEASURES, ONE, closed_joined_study


@pytest.fixture(scope="module")
def closed_once(tmp_path_factory) -> Path:
    return closed_joined_study(tmp_path_factory.mktemp("joined") / "study")


@pytest.fixture
def root(closed_once, tmp_path, monkeypatch) -> Path:
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    return Path(shutil.copytree(closed_once, tmp_path / "study"))


def ranked(root: Path):
    workspace = open_workspace(root)
    try:
        with workspace.database.reading() as session:
            return rank_study(session, workspace)
    finally:
        workspace.database.close()


def test_three_parts_are_joined_by_the_rule_each_with_its_interval(root):
    ranking = ranked(root)
    table = ranking.table.set_index("team")
    scored = pd.read_csv(root / "var/scores/teams.csv").set_index("team")["score"]
    for team in TEAMS:
        assert table.loc[team, "s2"] == pytest.approx(scored[team], rel=1e-12)
        share = table.loc[team, "s3"] / table["s3"].max()
        expected = 0.2 * scored[team] + 0.8 * (table.loc[team, "escore"] + 100 * share)
        assert table.loc[team, "final"] == pytest.approx(expected)
        for part in ("s2", "s3", "escore", "final"):
            assert table.loc[team, f"{part}_low"] <= table.loc[team, part] <= table.loc[team, f"{part}_high"]
    assert table["escore"].sum() == pytest.approx(15 * len(TEAMS))
    assert (
        table.loc["team01", "escore_low"] < table.loc["team01", "escore_high"]
    )  # its time is not clearly best
    assert f"S2 is {OWN_FORMULA}, the mean of 3 pairs" in ranking.notes
    assert "EScore is from measures.csv" in ranking.notes
    assert (
        "[low, high]: 95% intervals; 10,000 bootstrap resamples of judges, images, pairs and times, seed 7"
        in ranking.remarks
    )
    assert OWN_FORMULA in format_ranking(ranking, "csv")
    assert OWN_FORMULA in format_ranking(ranking, "json")
    assert f"{table['s2'].iloc[0]:.2f} [" in format_ranking(ranking, "markdown")


def test_scores_given_by_hand_win_and_it_is_said(root):
    (root / "scores.csv").write_text(
        "team,s2\n" + "".join(f"{team},{60 + n}\n" for n, team in enumerate(TEAMS))
    )
    ranking = ranked(root)
    assert ranking.table.set_index("team")["s2"].to_dict() == {team: 60 + n for n, team in enumerate(TEAMS)}
    assert "s2_low" not in ranking.table
    assert "S2 is from scores.csv, which was provided" in ranking.notes
    assert any("are not used" in note for note in ranking.notes)
    assert OWN_FORMULA not in format_ranking(ranking, "csv")


def test_measures_given_by_hand_win_over_those_that_were_made(root):
    made = root / "var/measures/measures.csv"
    made.parent.mkdir()
    shutil.move(root / "measures.csv", made)
    assert "EScore is from var/measures/measures.csv" in ranked(root).notes
    note_replaced(root, ["team02"])
    said = "EScore of team02 is of an earlier model: a later one is not measured yet"
    assert [note for note in ranked(root).notes if "an earlier model" in note] == [said]
    (root / "measures.csv").write_text(MEASURES.replace("team04,1,", "team04,9,"))
    assert "EScore is from measures.csv" in ranked(root).notes


def test_images_that_changed_since_scoring_are_refused_by_name(root):
    path = root / "paired/teams/team02/102.png"
    os.utime(path, ns=(1, 1))
    ranked(root)  # only the time is another one
    shutil.copy(root / "paired/gt/102.png", path)
    with pytest.raises(
        StudyError, match=r"paired/teams/team02/102.png changed; run `studyapp score DIR` again"
    ):
        ranked(root)
    shutil.rmtree(root / "paired")
    assert any("no longer exist: paired/gt/101.png is gone" in note for note in ranked(root).notes)


def test_another_formula_than_the_studys_is_refused(root):
    text = (root / "study.yaml").read_text()
    (root / "study.yaml").write_text(text.replace("20*psnr", "30*psnr"))
    score_study(root, ONE)
    with pytest.raises(
        StudyError, match=r"scored by .*30\*psnr/50.* but the study's formula is .*20\*psnr/50"
    ):
        ranked(root)


def test_what_was_not_scored_is_said(root):
    path = root / "paired/teams/team03/101.png"
    path.write_bytes(path.read_bytes()[:60])
    score_study(root, ONE)
    ranking = ranked(root)
    last = ranking.table.iloc[-1]
    assert last["team"] == "team03"
    assert pd.isna(last["rank"])
    assert "no S2 for team03: only 2 of 3 pairs have a score" in ranking.notes
    assert any(note.startswith("team03, 101: paired/teams/team03/101.png") for note in ranking.notes)
    shutil.rmtree(root / "paired/teams/team03")
    score_study(root, ONE)
    (root / "measures.csv").write_text(MEASURES.replace("team02", "other"))
    notes = ranked(root).notes
    assert "no S2 for team03: none of its results were scored" in notes
    assert "no EScore for team02: its model was not measured" in notes
    shutil.rmtree(root / "var/scores")
    with pytest.raises(StudyError, match="needs scores of images: run `studyapp score DIR`"):
        ranked(root)


def test_a_disqualified_team_keeps_its_place_among_the_measured_models(root):
    before = ranked(root).table.set_index("team")
    workspace = open_workspace(root)
    with workspace.database.writing() as session:
        lifecycle.disqualify_team(session, "team04", "used the test images", now=NOW)
    workspace.database.close()
    after = ranked(root).table.set_index("team")
    assert "team04" not in after.index
    assert after["escore"].to_dict() == before["escore"].drop("team04").to_dict()


def test_the_export_holds_what_the_parts_are_made_of_and_nothing_stale(root):
    workspace = open_workspace(root)
    with workspace.database.reading() as session:
        ranking = rank_study(session, workspace, draws=200)
        names = {path.name for path in export_study(session, workspace, ranking)}
    folder = workspace.folders.exports
    assert names >= {"scores.csv", "paired.csv", "measures.csv", "definitions.json"}
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    shutil.rmtree(root / "var/scores")
    score_study(root, ONE)
    with workspace.database.reading() as session:
        export_study(session, workspace, rank_study(session, workspace, draws=200))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first
    (root / "scores.csv").write_text("team,s2\n" + "".join(f"{team},60\n" for team in TEAMS))
    with workspace.database.reading() as session:
        export_study(session, workspace, rank_study(session, workspace, draws=200))
    workspace.database.close()
    assert not (folder / "paired.csv").exists()
    assert not (folder / "definitions.json").exists()


def test_the_export_alone_gives_the_same_ranking_and_intervals(root):
    workspace = open_workspace(root)
    with workspace.database.reading() as session:
        export_study(session, workspace, rank_study(session, workspace))
    workspace.database.close()
    folder = workspace.folders.exports
    files = ["--paired", str(folder / "paired.csv"), "--measures", str(folder / "measures.csv")]
    rule = ["--rule", str(folder / "rule.json"), "--seed", "7"]
    done = CliRunner().invoke(main, ["bootstrap", str(folder / "votes.csv"), *files, *rule])
    assert done.exit_code == 0, done.stderr
    assert f"S2 is {OWN_FORMULA}, the mean of 3 pairs" in done.stderr
    found = pd.read_csv(io.StringIO(done.stdout)).set_index("team")
    printed = pd.read_csv(folder / "ranking.csv").set_index("team")
    for part in ("s2", "s3", "escore", "final"):
        for column in (part, f"{part}_low", f"{part}_high"):
            np.testing.assert_allclose(found.loc[printed.index, column], printed[column], rtol=1e-12)
    done = CliRunner().invoke(main, ["rank", str(folder / "scores.csv"), *files, "--rule", "s2 + escore"])
    assert done.exit_code == 0, done.stderr
    (folder / "scores.csv").write_text((folder / "scores.csv").read_text().replace("team01,", "team01,1"))
    done = CliRunner().invoke(main, ["rank", str(folder / "scores.csv"), *files, "--rule", "s2 + escore"])
    assert done.exit_code == 2
    assert "scores: s2 of team01 is" in done.stderr


def test_a_restored_backup_ranks_the_same_without_the_images(root, tmp_path):
    before = format_ranking(ranked(root), "csv")
    made = root / "var/measures/measures.csv"
    made.parent.mkdir()
    shutil.move(root / "measures.csv", made)
    workspace = open_workspace(root)
    back_up(workspace, tmp_path / "backup.zip", now=NOW)
    workspace.database.close()
    restore(tmp_path / "backup.zip", tmp_path / "elsewhere")
    ranking = ranked(tmp_path / "elsewhere")
    assert format_ranking(ranking, "csv") == before
    assert any("no longer exist" in note for note in ranking.notes)


def test_a_pair_without_results_leaves_no_team_a_mean(root):
    save(np.zeros((9, 9, 3)), root / "paired/gt/109.png")
    score_study(root, ONE)
    assert any("no S2 for team01: only 3 of 4 pairs" in note for note in ranked(root).notes)


def test_it_is_said_when_a_model_did_not_give_the_images_submitted(root):
    measures = pd.read_csv(root / "measures.csv").assign(
        reproduced=["equal", "different", "close", "different"]
    )
    measures.to_csv(root / "measures.csv", index=False)
    (note,) = [note for note in ranked(root).notes if "submitted images" in note]
    assert note.startswith("the measured outputs for team02, team04 differ from the submitted images")
