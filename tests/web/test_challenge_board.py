"""The leaderboard's pages: who may read what, what is in the files, and the organisers' cut."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlmodel import select

from studyapp.app import create_app
from studyapp.db.site_tables import Job
from studyapp.services.challenge import tokens
from studyapp.services.challenge.submissions import the_submission
from studyapp.services.ground.site import Site
from studyapp.services.ground.workspace import begin_study
from studyapp.services.people import accounts, signing_in
from studyapp.study.site_file import SITE_FILE
from tests.accounts import PASSWORD, events_of, make_account
from tests.conftest import NOW
from tests.services.challenge_board import make_track, put_in
from tests.services.challenge_site import challenge_site, team
from tests.sqlite_alone import *  # noqa: F403
from tests.web.teams_here import signed_in

ON, OVER = "2096-01-01T00:00:00Z", "2026-03-10T00:00:00Z"
CHALLENGE = """\
challenge:
  tracks:
    lowlight:
      top: 2
      phases:
        feedback: {title: Feedback, opens: 2026-02-01T00:00:00Z, closes: CLOSES, board: WHO, counts: best}
        final: {title: Final, kind: final, opens: 2097-01-01T00:00:00Z, closes: 2098-01-01T00:00:00Z}
"""
BOARD = "/challenge/tracks/lowlight/feedback/board"
FILES = tuple(f"/challenge/tracks/lowlight/feedback/leaderboard.{form}" for form in ("csv", "json"))
CONSOLE = "/s/lowlight/console/board"


@pytest.fixture
def site(tmp_path, monkeypatch) -> Iterator[Site]:
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    begin_study(make_track(tmp_path))
    with challenge_site(tmp_path, text()) as made:
        yield made


@pytest.fixture
def app(site) -> Iterator[Flask]:
    app = create_app(site.root)
    yield app
    app.extensions["studyapp"].close()


def text(closes: str = ON, who: str = "public", more: str = "counts: best") -> str:
    return CHALLENGE.replace("CLOSES", closes).replace("WHO", who).replace("counts: best", more)


def write(site: Site, **said: str) -> None:
    (site.root / SITE_FILE).write_text(text(**said), encoding="utf-8")


def scores(site: Site, **of_teams: float | None) -> None:
    for name, score in of_teams.items():
        number = team(site, name, f"{name}'s")
        put_in(site, number, f"{name}'s", score, state="done" if score is not None else "failed")


def test_who_reads_a_board_and_for_whom_there_is_none(app, site):
    scores(site, Ada=9.0)
    signing_in.set_password(site.database, "Ada's", PASSWORD, title="t", second_factor=None, now=NOW)
    make_account(site, "Olga", role=accounts.ORGANISER, study="lowlight")
    make_account(site, "Nora", role=accounts.ORGANISER, study="other")
    with site.database.writing() as session:
        token = tokens.make(session, accounts.named(session, "Ada's").id or 0, "laptop", NOW)
    people = {name: signed_in(app, name).client for name in ("Ada's", "Olga", "Nora")}
    people["nobody"] = app.test_client()
    shown = {"Authorization": f"Bearer {token}"}
    for closes, who, readers in (
        (ON, "public", {"Ada's", "program", "Olga", "Nora", "nobody"}),
        (ON, "teams", {"Ada's", "program", "Olga"}),
        (ON, "hidden", {"Olga"}),
        (OVER, "hidden", {"Ada's", "program", "Olga", "Nora", "nobody"}),
    ):
        write(site, closes=closes, who=who)
        for address in (BOARD, *FILES):
            found = {name: client.get(address).status_code for name, client in people.items()}
            found["program"] = app.test_client().get(address, headers=shown).status_code
            assert found == {name: 200 if name in readers else 404 for name in found}, (who, address)
        linked = BOARD in people["nobody"].get("/challenge/tracks/lowlight").text
        assert linked == ("nobody" in readers)
    assert app.test_client().get(BOARD.replace("feedback", "final")).status_code == 404
    assert people["nobody"].get(CONSOLE).status_code == 401
    assert {people[name].get(CONSOLE).status_code for name in ("Ada's", "Nora")} == {404}


def test_the_page_and_the_files_say_the_same_and_what_is_missing_has_no_number(app, site):
    scores(site, **{"=1+1": 9.0, "<b>Bea</b>": 9.0, "Cem": 7.125, "Dan": None})
    client = app.test_client()
    page = client.get(BOARD).text
    assert page.index("=1+1") < page.index("Cem") < page.index("Dan")
    assert "&lt;b&gt;Bea&lt;/b&gt;" in page
    head, table = page.split("<table", 1)
    assert table.count(">simulated<") == 4
    assert ">simulated<" in head.split("<main")[0]
    assert client.get("/challenge/api").json["tracks"]["lowlight"]["simulated"] is True
    make_account(site)
    assert ">simulated<" in signed_in(app, "Olga").get("/s/lowlight/console/factsheets").text
    assert "could not be scored" in page
    rows = list(csv.DictReader(client.get(FILES[0]).text.splitlines()))
    assert [(row["rank"], row["team"], row["score"], row["why"], row["simulated"]) for row in rows] == [
        ("1", "<b>Bea</b>", "9.0", "", "true"),
        ("1", "'=1+1", "9.0", "", "true"),
        ("3", "Cem", "7.125", "", "true"),
        ("", "Dan", "", "could not be scored", "true"),
    ]
    found = client.get(FILES[1]).json
    assert all(row["simulated"] is True for row in found["submissions"])
    assert [column["sorting"] for column in found["tasks"][0]["columns"]] == ["desc", "desc", "asc"]
    assert {row["owner"]: [score["score"] for score in row["scores"]] for row in found["submissions"]} == {
        "=1+1": ["9.0", "10.0", "0.1"],
        "<b>Bea</b>": ["9.0", "10.0", "0.1"],
        "Cem": ["7.125", "8.125", "0.1"],
        "Dan": [],
    }


def test_frozen_it_says_since_when_and_organisers_see_on(app, site):
    moved = datetime(2026, 3, 2, tzinfo=UTC)
    scores(site, Ada=5.0)
    put_in(site, 1, "Ada's", 8.0, at=moved + timedelta(hours=1))
    write(site, more="freezes: 2026-03-02T00:00:00Z, shows: [metrics, members]")
    page = app.test_client().get(BOARD).text
    assert "Frozen:" in page
    assert "2026-03-02" in page
    assert ">5.00<" in page
    assert ">8.00<" not in page
    make_account(site)
    olga = signed_in(app, "Olga")
    assert ">5.00<" in olga.get(BOARD).text, "as others see it"
    assert ">8.00<" in olga.get(CONSOLE).text
    assert "8.0" in olga.get(f"{CONSOLE}/feedback/leaderboard.csv").text
    found = json.loads(olga.get(f"{CONSOLE}/feedback/leaderboard.json").text)
    assert found["submissions"][0]["scores"][0]["score"] == "8.0"


def test_an_organiser_makes_the_cut_and_scores_again_what_is_out_of_date(app, site):
    scores(site, Ada=9.0, Bea=5.0, Cem=5.0)
    make_account(site)
    olga = signed_in(app, "Olga")
    assert "closes at" in olga.get(CONSOLE).text
    write(site, closes=OVER)
    number = put_in(site, 1, "Ada's", 99.0, basis="before", later=-9)
    page = olga.get(CONSOLE).text
    assert "1 submission was scored by an earlier formula or on other images" in page
    assert "Decide when every submission has its score." in page
    assert olga.post(f"{CONSOLE}/cut", team=[1, 2], why="lots").status_code == 422
    olga.post(CONSOLE.replace("board", "submissions/outdated"))
    with site.database.writing() as session:
        job = session.exec(select(Job)).one()
        assert (job.kind, json.loads(job.arguments)) == ("submission", {"submission": number})
        again = the_submission(session, number)
        assert (again.state, again.score, again.job_id) == ("waiting", None, job.id)
        again.state = "failed"
    page = olga.get(CONSOLE).text
    assert "Level at the last place, with room for 1" in page
    refused = olga.post(f"{CONSOLE}/cut", team=[1, 2])
    assert refused.status_code == 422
    assert "write what decides" in refused.text
    assert olga.post(f"{CONSOLE}/cut", team=[1, 2], why="drawn <lots>").status_code == 302
    page = olga.get(CONSOLE).text
    assert "Reason: drawn &lt;lots&gt;" in page
    assert "teams/Bea" in page
    assert "teams/Cem" not in page
    assert [event.event for event in events_of(site)].count("cut made") == 1
