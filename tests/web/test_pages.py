"""The judge's and the organiser's pages: who sees what, and what each step leads to."""

import re
from functools import partial

import pytest

from studyapp.services.people import invitations
from studyapp.web.modules import modules_of
from studyapp.web.static_files import static_path
from tests.conftest import NOW
from tests.services.voting import demand
from tests.sqlite_alone import database_url  # noqa: F401 (the same on every database)

JUDGE_PAGES = ("/judge", "/judge/guidelines", "/judge/finish", "/api/trials")
ORGANISER_PAGES = ("/console", "/console/ranking", "/console/reasons", "/console/files/votes.csv")


def answer_all(judge) -> None:
    for position in (1, 2, 3):
        assert judge.pick(judge.trial(position), 1, 2, 3).status_code == 200


def test_error_pages_hold_nothing_that_changes(jude):
    page = jude.get("/judge/trial/none")
    assert page.status_code == 404
    assert "csrf" not in page.text


def test_the_trial_page_names_each_module_that_it_needs(jude):
    page = jude.get(f"/judge/trial/{jude.trial()['trial']}").text
    named = re.findall(r'rel="modulepreload" href="([^"]+)"', page)
    assert named == [static_path(name) for name in modules_of("js/pages/trial.js")]
    assert static_path("js/protocols/top_k.js") in named


def test_judges_are_told_that_looking_is_kept(jude):
    page = " ".join(jude.get("/judge/guidelines").text.split())
    assert "records which part of the images was on your screen and for how long" in page


def test_what_a_study_needs_is_said_before_and_waited_for(jude, workspace):
    shown = jude.trial()
    trial, saved = shown["trial"], partial(jude.pick, shown)
    plain = jude.get("/judge/screen").text
    assert "this study needs" not in plain
    assert "Eyesight" not in plain, "nobody's eyes are tested unless the study says so"
    with workspace.database.writing() as session:
        demand(session, window=(1280, 720), required=("light",), eyes="exported", colour_vision=True)
    for page in ("/judge/guidelines", "/judge/screen"):
        text = " ".join(jude.get(page).text.split())
        assert "a window of at least 1280 × 720 pixels of the screen" in text
    assert "the tables of the study list it under your number" in text
    check = {"kind": "check", "dpr": 1, "width": 1300, "height": 720, "told": {"light": "dim"}}
    read = {"control": True, "protan": 3, "deutan": 2, "tritan": 3}
    for rings, unmet in ((read, ["colour_vision"]), ({**read, "deutan": 3}, [])):
        assert jude.get(f"/judge/trial/{trial}").location.endswith("/judge/screen")
        assert saved(1, 2, 3).json["error"]["code"] == "screen", "a script is led back as the page is"
        answer = jude.client.post(
            "/api/conditions", json={**check, "eyes": {"colour": rings}}, headers={"X-CSRFToken": jude.token}
        )
        assert answer.json == {"saved": True, "unmet": unmet}
    assert jude.get(f"/judge/trial/{trial}").status_code == 200
    assert saved(1, 2, 3).json["revision"] == 1


def test_a_judge_goes_from_link_to_thanks(browser, links):
    jude = browser()
    home = jude.get(f"/j/{links['Jude']}").headers["Location"]
    assert jude.get(home).headers["Location"] == "/judge"
    assert "Start: read the guidelines" in jude.get("/judge").text
    assert "Fidelity" in jude.get("/judge/guidelines").text
    assert jude.post("/judge/guidelines").headers["Location"] == "/judge/screen"
    assert "How many of the five squares" in jude.get("/judge/screen").text
    report = {"kind": "check", "dpr": 1.25, "seen": {"dark": "5"}}
    jude.trial()
    assert (
        jude.client.post("/api/conditions", json=report, headers={"X-CSRFToken": jude.token}).status_code
        == 200
    )
    jude.get("/judge/guidelines")
    practice = jude.post("/judge/guidelines").headers["Location"]
    assert practice.startswith("/judge/trial/")
    assert "practice image" in jude.get("/judge").text
    trial = jude.client.get(practice.replace("/judge/trial", "/api/trials")).json
    jude.token = trial["csrf"]
    assert jude.pick(trial, 4, 3, 2).status_code == 200
    assert "Start with image 1" in jude.get("/judge").text.replace("\n   ", "")
    answer_all(jude)
    page = jude.get("/judge/finish").text
    assert "All 3 images are answered" in page
    digest = page.split('name="digest" value="')[1].split('"')[0]
    assert jude.post("/judge/finish", answered=3, digest=digest).status_code == 302
    assert "Thank you" in jude.get("/judge/finish").text


def test_finishing_needs_every_image(jude):
    jude.pick(jude.trial(2), 1, 2, 3)
    page = jude.get("/judge/finish").text
    assert "2 images still to do" in page
    jude.get("/judge/guidelines")
    answer = jude.post("/judge/finish", answered=1, digest="wrong")
    assert answer.status_code == 409
    assert "changed after this page was shown" in answer.text


def test_finishing_confirms_what_was_shown(jude):
    answer_all(jude)
    page = jude.get("/judge/finish").text
    digest = page.split('name="digest" value="')[1].split('"')[0]
    token = jude.token
    jude.pick(jude.trial(1), 3, 2, 1, base=1)
    jude.token = token
    assert jude.post("/judge/finish", answered=3, digest=digest).status_code == 409
    assert "Thank you" not in jude.get("/judge/finish").text


def test_practice_never_counts(jude, olga, workspace):
    (practice,) = jude.client.get("/api/trials").json["practice"]
    trial = jude.client.get(f"/api/trials/{practice}").json
    jude.token = trial["csrf"]
    jude.pick(trial, 1, 2, 3)
    assert "0 of 6 complete" in olga.get("/console").text


@pytest.mark.parametrize("path", JUDGE_PAGES)
def test_judges_pages_are_for_judges(path, jude, olga, eve):
    assert jude.get(path).status_code == 200
    assert olga.get(path).status_code == 404
    assert eve.get(path).status_code == 401


@pytest.mark.parametrize("path", ORGANISER_PAGES)
def test_organisers_pages_are_for_organisers(path, jude, eve):
    assert jude.get(path).status_code == 404
    assert eve.get(path).status_code == 401


@pytest.mark.parametrize("path", ["/console/open", "/console/close", "/console/judges/link"])
def test_a_judge_cannot_act_as_organiser(path, jude):
    jude.get("/judge/guidelines")
    assert jude.post(path, confirm="close").status_code == 404


def test_a_revoked_link_ends_the_session(jude, links, workspace, eve):
    with workspace.database.writing() as session:
        invitations.revoke_link(session, "Jude@Example.org", now=NOW)
    assert jude.get("/judge").status_code == 401
    assert eve.get(f"/j/{links['Jude']}").status_code == 404


def test_a_reissued_link_finds_the_same_ballots(jude, olga, browser):
    trial = jude.trial()
    jude.pick(trial, 2, 3, 1)
    olga.get("/console")
    page = olga.post("/console/judges/link", action="reissue", email="jude@example.org").text
    token = re.search(r"/j/([\w-]+)", page)[1]
    again = browser()
    again.get(f"/j/{token}")
    assert again.trial()["ballot"]["picks"] == [2, 3, 1]
    assert jude.get("/judge").status_code == 401


@pytest.mark.parametrize(
    ("way", "says"),
    [
        ("j", "ask the organisers for a new one"),
        ("o", "the server prints a new one"),
        ("set-up", "ask an owner for a new one"),
    ],
)
def test_a_made_up_link_is_nothing(eve, way, says):
    answer = eve.get(f"/{way}/made-up")
    assert answer.status_code == 404
    assert says in answer.text


def test_a_judges_link_is_no_organisers_link(eve, links):
    assert eve.get(f"/o/{links['Jude']}").status_code == 404
    assert eve.get("/console").status_code == 401


def test_results_stay_sealed_until_closing(jude, olga):
    answer_all(jude)
    answer = olga.get("/console/ranking")
    assert answer.status_code == 409
    assert "sealed" in answer.text
    page = olga.get("/console").text
    assert "Toms team" not in page
    assert "team01" not in page


def test_closing_wants_the_word(jude, olga):
    answer_all(jude)
    olga.get("/console")
    assert "The study was not closed" in olga.post("/console/close", confirm="yes").text
    assert olga.post("/console/close", confirm="close").status_code == 302
    assert ">closed</span>" in olga.get("/console").text
    assert "This study is closed" in jude.get("/judge").text


def test_a_study_without_ballots_cannot_be_closed(olga):
    olga.get("/console")
    answer = olga.post("/console/close", confirm="close")
    assert answer.status_code == 400
    assert "No answer has been saved" in answer.text


def test_names_cannot_inject_markup(workspace, olga):
    from studyapp.core.judges_file import JudgeLine

    with workspace.database.writing() as session:
        line = JudgeLine("<script>alert(1)</script>", "x@example.org")
        invitations.invite_judges(session, workspace.key, [line], now=NOW)
    page = olga.get("/console/judges").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
