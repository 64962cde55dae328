"""The cut: who goes on, ties at the last place, and what becomes of the study."""

import csv
import json
from datetime import UTC, datetime, timedelta

import pytest
import yaml
from click.testing import CliRunner
from sqlmodel import select

from studyapp.cli import main
from studyapp.db.site_tables import Entry
from studyapp.errors import StudyError, StudyStateError
from studyapp.services.challenge import cut, teams
from studyapp.services.challenge.board_files import as_csv
from studyapp.services.challenge.leaderboard import leaderboard
from studyapp.services.challenge.submissions import folder_of
from studyapp.services.jobs import queue
from studyapp.services.jobs.worker import Worker, Working
from tests.conftest import NOW
from tests.services.challenge_board import make_track, put_in
from tests.services.challenge_site import CHALLENGE, challenge_site, team
from tests.services.handed_in import good, hand_in, write_track, zipped

TRACK = "lowlight"
BETWEEN = datetime(2026, 3, 10, 23, 59, 30, tzinfo=UTC)
TOP_2 = CHALLENGE.replace("    lowlight:\n", "    lowlight:\n      top: 2\n")


@pytest.fixture
def site(tmp_path):
    make_track(tmp_path)
    with challenge_site(tmp_path, TOP_2) as site:
        yield site


def with_scores(site, **scores):
    """Make a team for each score; return their numbers."""
    made = {name: team(site, name, f"{name}'s") for name in scores}
    for name, score in scores.items():
        put_in(site, made[name], f"{name}'s", score, state="done" if score is not None else "failed")
    return made


def make(site, *chosen, why="", now=BETWEEN):
    with site.database.writing() as session:
        made = cut.make(session, site, track=TRACK, teams=chosen, by="Olga", now=now, why=why)
        return json.loads(made.body)


def of_study(site):
    """The study's teams, and which team of the challenge each one is."""
    file = yaml.safe_load((site.study_root(TRACK) / "study.yaml").read_text(encoding="utf-8"))
    with site.database.reading() as session:
        entries = session.exec(select(Entry).where(Entry.track == TRACK)).all()
        known = {entry.study_team: entry.team_id for entry in entries if entry.study_team}
    return {row["id"]: (row["name"], known.get(row["id"])) for row in file["teams"]}


def test_a_tie_at_the_last_place_is_decided_and_the_decision_can_be_made_again(site):
    made = with_scores(site, Ada=9.0, Bea=5.0, Cem=5.0, Dan=3.0, Eli=None)
    root, (ada, bea, cem, dan, eli) = site.study_root(TRACK), made.values()
    (root / "paired").mkdir()
    images = folder_of(site, 2) / "images"
    images.mkdir(parents=True)
    (images / "001.png").write_bytes(b"of Bea")
    with site.database.reading() as session:
        found = cut.propose(session, site, TRACK, "feedback", BETWEEN)
    assert (found.sure, found.tied, found.room) == ((ada,), (bea, cem), 1)
    assert [row.name for row in found.rows] == list(made)
    for chosen, why, said in (
        ((ada, bea), "", "write what decides"),
        ((bea, cem), "lots", "'Ada' is among the first 2"),
        ((ada, dan), "lots", "'Dan' is behind"),
        ((ada, eli), "lots", "'Eli' is behind"),
        ((ada, 99), "lots", "no such team"),
    ):
        with pytest.raises(StudyError, match=said):
            make(site, *chosen, why=why)
    assert of_study(site) == {}
    (root / "var/.cut-killed/Bea").mkdir(parents=True)
    body = make(site, ada, bea, why="drawn by lot")
    assert [(row["name"], row["rank"], row["score"]) for row in body["teams"]] == [
        ("Ada", 1, 9.0),
        ("Bea", 2, 5.0),
    ]
    assert (body["why"], [row["name"] for row in body["tied"]]) == ("drawn by lot", ["Bea", "Cem"])
    assert of_study(site) == {"Ada": ("Ada", ada), "Bea": ("Bea", bea)}
    assert (root / "paired/teams/Bea/001.png").read_bytes() == b"of Bea"
    assert [*(root / "var").glob(".cut-*")] == [], "what a cut that was killed left there goes with the next"
    (root / "teams/Bea").mkdir()
    (root / "teams/Bea/001.png").write_bytes(b"by hand")
    make(site, ada, cem, why="Bea gave way")
    assert of_study(site) == {"Ada": ("Ada", ada), "Cem": ("Cem", cem)}
    assert not (root / "paired/teams/Bea").exists()
    assert (root / "set-aside/teams/Bea/001.png").read_bytes() == b"by hand"
    with site.database.reading() as session:
        latest = cut.latest(session, TRACK)
    assert latest
    assert json.loads(latest.body)["why"] == "Bea gave way"


def test_all_and_none_of_those_level_may_go_on_and_a_team_that_leaves_makes_room(site):
    ada, bea, cem = with_scores(site, Ada=9.0, Bea=5.0, Cem=5.0).values()
    assert len(make(site, ada, why="none")["teams"]) == 1
    assert len(make(site, ada, bea, cem, why="all")["teams"]) == 3
    with site.database.writing() as session:
        teams.leave_track(session, teams.numbered(session, ada), TRACK, now=NOW)
    assert [row["rank"] for row in make(site, bea, cem)["teams"]] == [1, 1]
    assert [name for name, _ in of_study(site).values()] == ["Bea", "Cem"]


def test_names_that_no_folder_can_have_get_one_and_other_teams_of_the_study_stay(site):
    root = site.study_root(TRACK)
    text = (root / "study.yaml").read_text(encoding="utf-8")
    (root / "study.yaml").write_text(text.replace("teams: []", "teams: [{id: Ada, name: Baseline}]"))
    made = with_scores(site, Ada=9.0, **{"第一队": 5.0})
    make(site, *made.values())
    assert of_study(site) == {
        "Ada": ("Baseline", None),
        "Ada-2": ("Ada", made["Ada"]),
        "team01": ("第一队", made["第一队"]),
    }


def test_a_team_called_like_a_baseline_does_not_become_it(site):
    root = site.study_root(TRACK)
    text = (root / "study.yaml").read_text(encoding="utf-8")
    (root / "study.yaml").write_text(text.replace("teams: []", "teams: [{id: base, name: Baseline}]"))
    made = with_scores(site, BASELINE=9.0)["BASELINE"]
    ours = root / "teams/base/001.png"
    ours.parent.mkdir(parents=True)
    ours.write_bytes(b"x")
    with pytest.raises(StudyError, match="a team called 'BASELINE' already"):
        make(site, made)
    assert of_study(site) == {"base": ("Baseline", None)}
    ours.unlink()  # as a cut leaves it that was killed before it was recorded
    make(site, made)
    assert of_study(site) == {"base": ("Baseline", made)}


def test_when_no_cut_can_be_made(site, monkeypatch):
    ada, bea = with_scores(site, Ada=9.0, Bea=5.0).values()
    late = BETWEEN + timedelta(minutes=1)
    for now, said in ((NOW, "closes at 2026-03-10 23:59:00 UTC"), (late, "Final has opened")):
        with pytest.raises(StudyStateError, match=said):
            make(site, ada, bea, now=now)
    put_in(site, ada, "Ada's", None, state="working")
    with pytest.raises(StudyStateError, match="1 submissions wait"):
        make(site, ada, bea)
    assert of_study(site) == {}


def test_the_studys_own_scores_after_the_cut_are_the_boards_to_the_last_digit(tmp_path):
    with challenge_site(tmp_path, TOP_2) as site:
        root = write_track(site)
        numbers = [team(site, name, f"{name}'s") for name in ("Ada", "Bea")]
        for number in numbers:
            with site.database.writing() as session:
                made = hand_in(session, site, number, zipped(good(number)))
                queue.ask(session, TRACK, "submission", {"submission": made.id}, by="Ada", now=NOW)
        while Worker(site, Working(pause=timedelta(0), processes=1)).work_once():
            pass
        make(site, *numbers)
        with site.database.reading() as session:
            board = leaderboard(session, site, TRACK, "feedback", BETWEEN)
        done = CliRunner().invoke(main, ["score", str(root), "--workers", "1", "--format", "json"])
        means = {row["team"]: row for row in json.loads(done.stdout)["means"]}
        assert {row.name: row.values for row in board.rows} == {
            name: {metric: means[name][metric] for metric in ("score", "psnr", "ssim")}
            for name in ("Ada", "Bea")
        }
        rows = list(csv.DictReader(as_csv(board).splitlines()))
        assert [(row["team"], float(row["score"])) for row in rows] == [
            (row.name, means[row.name]["score"]) for row in board.rows
        ]
