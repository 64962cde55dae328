"""The demo of a challenge: by programs over HTTP from registration to two rankings, all of it simulated."""

import json
from pathlib import Path

import pandas as pd
import pytest
from sqlmodel import select

from studyapp.app import create_app
from studyapp.db.site_tables import AccessToken, ChallengeTeam, Submission
from studyapp.errors import StudyError
from studyapp.sample import challenge_demo
from studyapp.sample.challenge import FEEDBACK, FINAL, build_sample_site, make_hand_ins, sample_tracks
from studyapp.services.challenge import cut
from studyapp.services.folder.checking import check_study
from studyapp.services.ground.site import open_site
from studyapp.study.study_file import STUDY_FILE, load_study_file
from tests.conftest import NOW

TRACKS = sample_tracks("small")


@pytest.fixture(autouse=True)
def own_database(monkeypatch):
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)


def test_the_site_says_that_it_is_simulated_and_a_team_of_each_track_first_sends_too_little(tmp_path):
    build_sample_site(tmp_path, "small", now=NOW)
    site = open_site(tmp_path)
    challenge = site.file.challenge
    assert challenge is not None
    assert "simulated" in site.title
    assert "SIMULATED" in challenge.description
    assert list(challenge.tracks) == [track.name for track in TRACKS]
    for track in TRACKS:
        assert load_study_file(site.study_root(track.name) / STUDY_FILE).simulated
        assert "simulated" in track.title["en"]
    made = make_hand_ins(
        tmp_path, FEEDBACK, TRACKS, {TRACKS[0].name: TRACKS[0].entries[:2], TRACKS[1].name: ()}
    )
    counts = [[len(list(folder.glob("*.png"))) for folder in one.folders] for one in made]
    assert counts == [[1, 2], [2, 2]]
    site.database.close()


def test_the_demo_of_a_study_is_not_taken_for_one_of_a_challenge(tmp_path):
    (tmp_path / "ranked").mkdir()
    with pytest.raises(StudyError, match="choose another folder"):
        challenge_demo.run_challenge_demo(tmp_path, serve=False, port=0, echo=print, size="small")


@pytest.mark.slow
def test_teams_register_upload_are_cut_and_ranked_in_both_tracks(tmp_path: Path, capsys):
    said: list[str] = []
    challenge_demo.run_challenge_demo(tmp_path, serve=False, port=0, echo=said.append, size="small")
    site = open_site(tmp_path)
    with site.database.reading() as session:
        sent = session.exec(select(Submission)).all()
        assert {team.affiliation for team in session.exec(select(ChallengeTeam))} == {"simulated"}
        assert all(token.revoked_at for token in session.exec(select(AccessToken)))
        cuts = {track.name: json.loads(cut.latest(session, track.name).body) for track in TRACKS}
    failed = [one for one in sent if one.state == "failed"]
    assert {one.state for one in sent} == {"done", "failed"}
    assert sorted(one.track for one in failed) == ["everyday", "science"]
    assert all("101.png: missing" in one.problem for one in failed)
    # Birch sharpens noise: its best is the input, which is all that Hazel has.
    level = {team["name"] for team in cuts["science"]["tied"]}
    assert (level, cuts["science"]["why"]) == ({"Birch", "Hazel"}, "drawn by lot (simulated)")
    for track in TRACKS:
        root = site.study_root(track.name)
        assert [problem for problem in check_study(root) if problem.severity == "error"] == []
        table = pd.read_csv(root / "var/exports/ranking.csv")
        assert sorted(table["team"]) == sorted(team["study_team"] for team in cuts[track.name]["teams"])
        assert len(table) == track.top
        assert table["simulated"].all()
        finals = [one for one in sent if (one.track, one.phase) == (track.name, FINAL)]
        assert len(finals) == track.top
        # What judges saw is what the teams handed in.
        for team in cuts[track.name]["teams"]:
            given = tmp_path / "handed-in" / f"{track.name}-final-{team['name'].lower()}-2"
            shown = root / "teams" / team["study_team"]
            assert {path.name: path.read_bytes() for path in shown.iterdir()} == {
                path.name: path.read_bytes() for path in given.glob("*.png")
            }
    site.database.close()
    printed = capsys.readouterr().out
    assert printed.count("SIMULATED") == 2
    before = len(said)
    challenge_demo.run_challenge_demo(tmp_path, serve=False, port=0, echo=said.append, size="small")
    assert [line for line in said[before:] if not line.startswith("\nreport")] == []
    app = create_app(tmp_path)
    stranger = app.test_client()
    for path in ("/challenge", *(f"/challenge/tracks/{track.name}" for track in TRACKS)):
        assert "imulated" in stranger.get(path).text
    app.extensions["studyapp"].close()
