"""Hidden trials through the services: drawn, verified, exported for screening, and never counted."""

import json

import pandas as pd
import pytest
from click.testing import CliRunner
from sqlmodel import col, select

from analysis.audit.votes import audit_votes
from analysis.cli import main as study_analysis
from analysis.points import team_points
from analysis.rule import POINTS
from analysis.votes import validate_votes
from studyapp.core.hidden_trials import KNOWN_WORSE
from studyapp.core.judges_file import JudgeLine
from studyapp.db.tables import Judge, Team, Trial, TrialSlot
from studyapp.errors import NotFoundError, StudyError, StudyStateError
from studyapp.services.ground.workspace import load_workspace, open_workspace
from studyapp.services.people import invitations
from studyapp.services.results import monitoring
from studyapp.services.results.answers import answers_table, design_table
from studyapp.services.results.exports import export_study
from studyapp.services.results.ranking import rank_study
from studyapp.services.results.verifying import verify_study
from studyapp.services.voting import judging, lifecycle
from studyapp.services.voting.amending import amend_study
from tests.conftest import IMAGES, NOW, TEAMS
from tests.hidden import SHOWN, prepare_checks
from tests.services.test_looking_tables import looked
from tests.services.voting import close, picked, save_ballot
from tests.sqlite_alone import database_url  # noqa: F401 (the same on every database)


@pytest.fixture(scope="module")
def opened_folder() -> None:
    """There are hidden trials to prepare before anybody is invited."""


@pytest.fixture
def workspace(folder, database_url):  # noqa: F811
    """Return the workspace of a study with hidden trials, on SQLite and on PostgreSQL."""
    prepare_checks(folder)
    opened = open_workspace(folder)
    yield opened
    opened.database.close()


def vote(workspace, *, kinds=("main", "repeat", "golden"), positions=range(1, SHOWN + 1)) -> None:
    """Let Jude and June answer these trials of their sequence, each looking for some seconds."""
    with workspace.database.reading() as session:
        trials = session.exec(
            select(Trial.public_id, Trial.judge_id, Trial.position)
            .where(col(Trial.kind).in_(kinds))
            .order_by(col(Trial.judge_id), col(Trial.position))
        ).all()
    for trial, judge, position in trials:
        if position in positions:
            looking = looked("a", 20.5 + position)
            picks = tuple((judge + position + offset) % 4 + 1 for offset in range(3))
            given = picked(judge, trial, f"key-{judge}-{position:04d}-0000", 0, picks, looking=looking)
            with workspace.database.writing() as session:
                save_ballot(session, given)


def votes(workspace) -> pd.DataFrame:
    with workspace.database.reading() as session:
        return answers_table(session)


def wrong(workspace) -> list[str]:
    with workspace.database.reading() as session:
        return [str(item) for item in verify_study(session, workspace) if item.verdict == "wrong"]


def test_every_judge_is_shown_one_sequence(workspace, links):
    with workspace.database.reading() as session:
        for judge in session.exec(select(Judge)):
            state = judging.overview(session, judge.id or 0)
            assert [line.position for line in state.trials] == list(range(1, SHOWN + 1))
            views = [judging.trial_view(session, judge.id or 0, line.public_id) for line in state.trials]
            assert {(view.kind, view.total, len(view.slots)) for view in views} == {("main", SHOWN, 4)}
            assert [view.next for view in views] == [*(line.public_id for line in state.trials[1:]), None]
        status = monitoring.study_status(session)
    assert (status.teams, status.images, status.total) == (4, 3, 2 * SHOWN)


def test_finishing_needs_the_hidden_trials_too(workspace, links):
    vote(workspace, positions=range(1, SHOWN))
    with workspace.database.writing() as session:
        state = judging.overview(session, 1)
        with pytest.raises(StudyStateError, match="1 of 6 images still needs an answer"):
            judging.finish(session, 1, answered=state.answered, digest=state.digest, now=NOW)


def test_a_conflict_stays_out_of_every_hidden_trial(workspace):
    with workspace.database.writing() as session:
        invitations.invite_judges(
            session, workspace.key, [JudgeLine("Tom", "tom@example.org", conflicts=("team01",))], now=NOW
        )
        rows = session.exec(
            select(Trial.kind, TrialSlot.slot).join(TrialSlot, col(TrialSlot.trial_id) == Trial.id)
        ).all()
    for kind in ("main", "repeat", "golden"):
        assert {slot for found, slot in rows if found == kind} == {0, 1, 2, 3}
    assert wrong(workspace) == []


def test_a_study_with_hidden_trials_verifies_at_every_stage(workspace, links):
    assert wrong(workspace) == []
    vote(workspace)
    assert wrong(workspace) == []
    close(workspace)
    with workspace.database.reading() as session:
        export_study(session, workspace, rank_study(session, workspace))
    assert wrong(workspace) == []
    exported = pd.read_csv(workspace.folders.exports / "votes.csv", dtype=str)
    exported.loc[exported["kind"] == "golden", "kind"] = "repeat"
    exported.to_csv(workspace.folders.exports / "votes.csv", index=False)
    assert any("kind is 'repeat', but the ledger says 'golden'" in line for line in wrong(workspace))


def test_hidden_trials_never_count(workspace, links):
    vote(workspace)
    close(workspace)
    table = votes(workspace)
    checked = validate_votes(table)
    main = checked.counted
    assert table["kind"].value_counts().to_dict() == {"main": 24, "repeat": 16, "golden": 8}
    assert set(main["team"]) == set(TEAMS)
    assert set(table[table["team"] == KNOWN_WORSE]["kind"]) == {"golden"}
    pd.testing.assert_frame_equal(
        team_points(checked, points=POINTS), team_points(validate_votes(main), points=POINTS)
    )
    notes = {"not counted: 16 rows of repeat trials", "not counted: 8 rows of golden trials"}
    found = [item for item in audit_votes(checked, points=POINTS) if item.message not in notes]
    assert found == audit_votes(validate_votes(main), points=POINTS)
    with workspace.database.reading() as session:
        ranking = rank_study(session, workspace)
        design = design_table(session)
    assert sorted(ranking.table["team"]) == sorted(TEAMS)
    assert (ranking.judges, ranking.images, ranking.user.size) == (2, len(IMAGES), 6)
    assert ranking.table["points"].sum() == 6 * 6
    assert set(design["kind"]) == {"main", "practice", "repeat", "golden"}


def test_statistics_ignore_hidden_trials(workspace, links, tmp_path):
    vote(workspace)
    close(workspace)
    table = votes(workspace)
    table.to_csv(tmp_path / "all.csv", index=False)
    validate_votes(table).counted.to_csv(tmp_path / "main.csv", index=False)
    for command, *options in (
        ("points",),
        ("agreement", "--permutations", "99"),
        ("model", "--penalty", "0.5"),
        ("bootstrap", "--draws", "200"),
    ):
        said = [
            CliRunner().invoke(
                study_analysis,
                [command, str(tmp_path / name), *options, "--format", "json"],
                catch_exceptions=False,
            )
            for name in ("all.csv", "main.csv")
        ]
        assert said[0].exit_code == 0, said[0].output
        assert said[0].stdout == said[1].stdout


def test_hidden_ballots_alone_are_nothing_to_rank(workspace, links):
    vote(workspace, kinds=("golden", "repeat"))
    close(workspace)
    with workspace.database.reading() as session, pytest.raises(StudyError, match="nothing to rank"):
        rank_study(session, workspace)


def test_screening_reads_repeats_golden_trials_and_pace(workspace, links, tmp_path):
    vote(workspace)
    close(workspace)
    table = votes(workspace)
    assert table["seconds"].tolist() == [20.5 + position for position in table["position"]]
    table.to_csv(tmp_path / "votes.csv", index=False)
    arguments = ["screen", str(tmp_path / "votes.csv"), "--format", "json", "--permutations", "99"]
    result = CliRunner().invoke(study_analysis, arguments, catch_exceptions=False)
    found = json.loads(result.stdout)
    for rule in ("repeats", "golden", "pace"):
        assert found["rules"][rule]["undefined"] is None
    assert [judge["repeats"] for judge in found["judges"]] == [2, 2]
    assert [judge["golden"] for judge in found["judges"]] == [1, 1]


def test_the_control_is_no_team(workspace, links):
    with workspace.database.writing() as session:
        assert session.exec(select(Team.control).where(Team.key == KNOWN_WORSE)).one()
        with pytest.raises(NotFoundError, match=r"ids are team01, team02, team03, team04$"):
            lifecycle.disqualify_team(session, KNOWN_WORSE, "why", now=NOW)


def test_checks_are_frozen_with_the_first_invitation(workspace, links, folder):
    text = (folder / "study.yaml").read_text(encoding="utf-8")
    (folder / "study.yaml").write_text(text.replace('"001", ', ""), encoding="utf-8")
    with workspace.database.writing() as session, pytest.raises(StudyStateError, match="checks cannot be"):
        amend_study(session, load_workspace(folder), "fewer", now=NOW)
