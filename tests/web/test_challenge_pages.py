"""The challenge's pages: who may see and do what, from registering to the console's page of phases."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask

from studyapp.app import create_app
from studyapp.db.site_tables import Submission
from studyapp.db.tables import utc_text
from studyapp.services.challenge import submissions, teams
from studyapp.services.challenge.phases import challenge_of, phase_of
from studyapp.services.ground.site import init_site, open_site
from studyapp.services.jobs import queue
from studyapp.services.people import accounts
from studyapp.study.site_file import SITE_FILE
from studyapp.web.permissions import (
    PERMISSIONS,
    anyone,
    has_own_account,
    in_this_team,
    leads_this_team,
    manages_challenge,
)
from tests.accounts import PASSWORD, make_account, owner_token
from tests.conftest import NOW
from tests.services.challenge_site import CHALLENGE, team
from tests.services.handed_in import hand_in
from tests.sqlite_alone import *  # noqa: F403
from tests.web.conftest import Browser
from tests.web.forms import fields_of
from tests.web.test_sign_in import sign_in

LONG_OPEN = re.sub(r"closes: 2026-03-10T23:59:00Z", "closes: 2096-03-10T23:59:00Z", CHALLENGE).replace(
    "opens: 2026-03-11T00:00:00Z, closes: 2026-03-20T00:00:00Z",
    "opens: 2096-03-11T00:00:00Z, closes: 2096-03-20T00:00:00Z",
)


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    init_site(tmp_path / "site")
    (tmp_path / "site" / SITE_FILE).write_text(LONG_OPEN, encoding="utf-8")
    return tmp_path / "site"


@pytest.fixture
def app(root) -> Iterator[Flask]:
    app = create_app(root)
    yield app
    app.extensions["studyapp"].close()


@pytest.fixture
def owner(app, root) -> Browser:
    browser = Browser(app.test_client())
    browser.get(f"/o/{owner_token(root)}")
    return browser


def fresh(app) -> Browser:
    return Browser(app.test_client())


def account(name):
    return {"name": name, "email": f"{name}@example.org", "password": PASSWORD, "again": PASSWORD}


def register(browser, team, name, **more):
    browser.get("/challenge/register")
    return browser.post("/challenge/register", team=team, track="lowlight", **account(name), **more)


def join_link(page) -> str:
    return re.findall(r"/challenge/(?:join|invited)/[\w-]+", page)[0]


def test_a_team_registers_waits_is_let_in_and_grows(app, owner):
    ada, bo = fresh(app), fresh(app)
    assert "Register a team" in ada.get("/challenge").text
    assert register(ada, "Ours", "Ada").location == "/challenge/team"
    team = ada.get("/challenge/team").location
    assert "have not let your team in yet" in ada.get(team).text
    hand_in_page = "/challenge/tracks/lowlight/feedback/submissions"
    assert ada.get(hand_in_page).location == "/challenge/tracks/lowlight", "which says what she waits for"
    assert bo.get(hand_in_page).status_code == 401
    page = owner.get("/challenge/registrations").text
    assert "Ada@example.org" in page
    assert owner.post("/challenge/registrations/1", verdict="refuse", why="").status_code == 400
    owner.post("/challenge/registrations/1", verdict="refuse", why="Who are you?")
    assert "Who are you?" in ada.get(team).text
    owner.post("/challenge/registrations/1", verdict="approve")
    site = app.extensions["studyapp"].site
    assert "organises, and sees" not in owner.get("/challenge/registrations").text
    with site.database.writing() as session:
        accounts.give_role(session, accounts.named(session, "Ada"), accounts.ORGANISER, "details")
    assert "organises, and sees" in owner.get("/challenge/registrations").text
    with site.database.writing() as session:
        accounts.take_role(session, accounts.named(session, "Ada"), accounts.ORGANISER, "details")
    ada.get(team)
    link = join_link(ada.post(f"{team}/link").text)
    assert link not in ada.get(team).text, "shown once"
    assert "Ours" in bo.get(link).text
    assert bo.post(link, **account("Bo")).status_code == 302
    assert bo.post(link).status_code == 400, "a person twice"
    assert "Bo" in ada.get(team).text
    # Of a member no console is to be seen: signing in leads to the challenge.
    again = fresh(app)
    sign_in(again, "Bo")
    assert again.get("/").location == "/challenge"
    track = again.get("/challenge/tracks/lowlight").text
    assert "Ours" in track
    assert "2 today" in track
    assert (
        again.get(
            "/challenge/registrations",
        ).status_code
        == 404
    )
    assert again.get("/accounts").status_code == 404
    # Renamed, it stays the same team.
    ada.get(team)
    assert ada.post(team, name="Ours, too", affiliation="ETH").status_code == 302
    assert "Ours, too" in again.get("/challenge/tracks/lowlight").text
    ada.post(f"{team}/members", action="hand-over", member=2)
    assert ada.post(f"{team}/link").status_code == 404, "no longer its leader"
    # An organiser can make her the leader again, were Bo not to be reached.
    owner.get("/challenge/registrations")
    assert ada.post("/challenge/registrations/1/leader", member=1).status_code == 404
    assert owner.post("/challenge/registrations/1/leader", member=99).status_code == 404
    assert owner.post("/challenge/registrations/1/leader", member=1).status_code == 302
    assert bo.post(f"{team}/link").status_code == 404
    assert ada.post(f"{team}/members", action="hand-over", member=2).status_code == 302
    assert bo.get(team).status_code == 200
    assert bo.post(f"{team}/members", action="remove", member=1).status_code == 302
    assert ada.get(team).status_code == 404


def test_nobody_is_asked_to_take_part_in_what_is_over(app, root):
    pages = ("/challenge", "/challenge/tracks/lowlight")
    assert all("/challenge/register" in fresh(app).get(page).text for page in pages)
    (root / SITE_FILE).write_text(re.sub(r": 20\d\d-", ": 2016-", CHALLENGE), encoding="utf-8")
    assert not any("/challenge/register" in fresh(app).get(page).text for page in pages)


def test_nothing_is_made_of_a_registration_that_fails(app):
    ada = fresh(app)
    register(ada, "Ours", "Ada")
    for wrong, said in (
        ({"team": "ours", "name": "Bo"}, "already a team"),
        ({"team": "\u202eyna", "name": "Bo"}, "cannot be used"),
        ({"team": "Other", "name": "ada"}, "already an account"),
        ({"team": "Other", "name": "Bo", "track": "nothing"}, "at least one track"),
        ({"team": "Other", "name": "Bo", "again": "another password"}, "passwords differ"),
        ({"team": "Other", "name": "Bo", "email": "bo"}, "e-mail address"),
        ({"team": "Other", "name": "Bo", "password": "short", "again": "short"}, "characters"),
    ):
        bo = fresh(app)
        bo.get("/challenge/register")
        answer = bo.post("/challenge/register", **account("Bo") | {"track": "lowlight"} | wrong)
        assert answer.status_code == 400, wrong
        assert said in answer.text.lower() or said in answer.text, wrong
        assert bo.client.get("/challenge/team").status_code == 401
    # Whoever is in a team of a track is told so, by the name of the team.
    ada.get("/challenge/register")
    second = ada.post("/challenge/register", team="Second", track="lowlight")
    assert "leave the team &#39;Ours&#39; first" in second.text


def test_teams_come_in_as_site_yaml_says_now(app, root, owner):
    owner.get("/challenge/registrations")
    link = join_link(owner.post("/challenge/registrations/invite", note="The authors").text)
    assert "The authors" in owner.get("/challenge/registrations").text
    text = (root / SITE_FILE).read_text(encoding="utf-8")
    (root / SITE_FILE).write_text(text.replace("registration: approval", "registration: invitation"))
    stranger, ada = fresh(app), fresh(app)
    assert "By invitation only" in stranger.get("/challenge/register").text
    stranger.get("/sign-in")
    refused = stranger.post("/challenge/register", team="Ours", track="lowlight", **account("Eve"))
    assert refused.status_code == 400
    ada.get(link)
    assert ada.post(link, team="Ours", track=["lowlight", "details"], **account("Ada")).status_code == 302
    assert "have not let" not in ada.get(ada.get("/challenge/team").location).text
    assert fresh(app).get(link).status_code == 404, "one team, once"
    for forged in ("/challenge/invited/x", "/challenge/join/x", f"{link}x"):
        assert fresh(app).get(forged).status_code == 404
    (root / SITE_FILE).write_text(text.replace("registration: approval", "registration: open"))
    bo = fresh(app)
    register(bo, "Theirs", "Bo")
    assert "have not let" not in bo.get(bo.get("/challenge/team").location).text
    (root / SITE_FILE).write_text("title: Without\n")
    assert stranger.get("/challenge").status_code == 404


def test_a_token_is_shown_once_and_the_way_to_a_second_factor_is_the_usual_one(app):
    ada = fresh(app)
    register(ada, "Ours", "Ada")
    ada.get("/challenge/tokens")
    token = re.findall(
        r'<code class="hash">([\w-]+)</code>', ada.post("/challenge/tokens", name="laptop").text
    )[0]
    page = ada.get("/challenge/tokens").text
    assert "laptop" in page
    assert token not in page
    bo = fresh(app)
    register(bo, "Theirs", "Bo")
    bo.get("/challenge/tokens")
    assert bo.post("/challenge/tokens/1/revoke").status_code == 404
    ada.post("/challenge/tokens/1/revoke")
    assert "laptop" not in ada.get("/challenge/tokens").text
    ada.get("/challenge/tokens")
    assert ada.get(ada.post("/challenge/tokens/second-factor").location).status_code == 200


ROLES = {
    "stranger": (),
    "no team": (has_own_account,),
    "member": (has_own_account, in_this_team),
    "leader": (has_own_account, in_this_team, leads_this_team),
    "other team": (has_own_account,),
    "organiser of a track": (has_own_account, manages_challenge),
    "organiser elsewhere": (has_own_account,),
    "owner by link": (manages_challenge,),
}


def test_every_route_answers_every_visitor_by_the_table(app, owner, root):
    site = app.extensions["studyapp"].site
    people = {"stranger": fresh(app), "owner by link": owner}
    numbers = {}
    for name, role, study in (
        ("no team", None, ""), ("member", None, ""), ("leader", None, ""), ("other team", None, ""),
        ("organiser of a track", "organiser", "lowlight"), ("organiser elsewhere", "organiser", "else"),
    ):  # fmt: skip
        numbers[name] = make_account(site, name, role=role, study=study)
        people[name] = fresh(app)
        sign_in(people[name], name)
    with site.database.writing() as session:
        ours = teams.register(session, numbers["leader"], "A", tracks=["lowlight"], approved=True, now=NOW)
        teams.join(session, numbers["member"], ours, now=NOW)
        teams.register(session, numbers["other team"], "B", tracks=["lowlight"], approved=True, now=NOW)
    values = {"team": ours.id, "track": "lowlight", "token": "x", "number": 1}
    seen = set()
    own = {"pages", "entering", "team", "tokens", "registrations"}
    with app.test_request_context():
        rules = [
            rule
            for rule in app.url_map.iter_rules()
            if rule.endpoint.startswith("challenge.") and rule.endpoint.split(".")[1] in own
        ]
        adapter = app.url_map.bind("localhost")
        requests = [
            (
                rule.endpoint,
                adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments}),
                method,
            )
            for rule in rules
            for method in rule.methods - {"HEAD", "OPTIONS"}
        ]
    for endpoint, address, method in requests:
        for role, browser in people.items():
            predicate = PERMISSIONS[endpoint]
            if predicate is not anyone and predicate not in ROLES[role]:
                expected = {401} if role == "stranger" else {404}
            elif method == "GET":
                expected = {404} if "token" in address or address.endswith("/x") else {200, 302}
                expected |= {200} if endpoint == "challenge.tokens.page" else set()
            else:  # let in, and stopped for want of a form's token
                expected = {401} if role == "stranger" else {400}
            assert browser.client.open(address, method=method).status_code in expected, (
                endpoint,
                role,
                method,
            )
        seen.add(endpoint)
    assert seen == {
        name for name in PERMISSIONS if name.startswith("challenge.") and name.split(".")[1] in own
    }


def test_phases_are_changed_in_the_text_and_two_organisers_do_not_overwrite_each_other(
    app, root, owner, folder
):
    folder.rename(root / "studies" / "lowlight")
    address = "/s/lowlight/console/phases"
    page = owner.get(address).text
    form = fields_of(page, "phase-feedback")
    assert (form["opens"], form["daily"]) == ("2026-02-01T00:00:00", "2")
    with open_site(root).database.reading():
        other_process = open_site(root)
    post = owner.client.post
    changed = form | {"daily": "", "freezes": "2096-03-01T12:00", "shows": ["metrics", "runtime"]}
    assert post(f"{address}/phase/feedback", data=changed).status_code == 302
    text = (root / SITE_FILE).read_text(encoding="utf-8")
    assert "title: RAIM 2026\n" in text
    for site in (app.extensions["studyapp"].site, other_process):
        phase = phase_of(site, "lowlight", "feedback")
        freezes = datetime(2096, 3, 1, 12, tzinfo=UTC)
        assert (phase.daily, phase.shows, phase.freezes) == (None, ("metrics", "runtime"), freezes)
    stale = post(f"{address}/phase/feedback", data=form | {"daily": "9"})
    assert (stale.status_code, "9" in stale.text) == (409, True)
    assert (root / SITE_FILE).read_text(encoding="utf-8") == text
    for wrong, said in (
        ({"closes": "2020-01-01T00:00"}, "closes must be later"),
        ({"daily": "x"}, "whole number"),
    ):
        form = fields_of(owner.get(address).text, "phase-feedback")
        answer = post(f"{address}/phase/feedback", data=form | wrong)
        assert (answer.status_code, said in answer.text) == (422, True), wrong
    for action, frozen in (("freeze", True), ("unfreeze", False)):
        form = fields_of(owner.get(address).text, "phase-feedback")
        assert post(f"{address}/phase/feedback", data=form | {"action": action}).status_code == 302
        assert ("leaderboard frozen" in owner.get("/challenge/tracks/lowlight").text) == frozen
    form = fields_of(owner.get(address).text, "phase-final")
    assert "counts" not in form, "a final phase has no leaderboard"
    assert post(f"{address}/phase/final", data=form | {"title": "Finals"}).status_code == 302
    # One more, before the final one; then it goes again.
    new = {"title": "Warm-up", "name": "warm-up", "opens": "2096-01-01T00:00", "closes": "2096-02-01T00:00"}
    for wrong, said in (
        ({"name": "feedback"}, "already a phase"),
        ({"name": "Warm up"}, "cannot be in an address"),
        ({"kind": "final"}, "only one phase"),
        ({"closes": "soon"}, "is not a moment"),
    ):
        form = fields_of(owner.get(address).text, "add")
        answer = post(f"{address}/add", data=form | new | wrong)
        assert (answer.status_code, said in answer.text.lower() or said in answer.text) == (422, True), wrong
        assert str(root) not in answer.text, "where the site lies is nobody's business"
    form = fields_of(owner.get(address).text, "add")
    assert post(f"{address}/add", data=form | new).status_code == 302
    site = app.extensions["studyapp"].site
    assert list(site.file.challenge.tracks["lowlight"].phases) == ["feedback", "warm-up", "final"]
    ours = team(site, "Ours", "Ada")
    with site.database.writing() as session:
        hand_in(session, site, ours, b"zip", when=datetime(2026, 3, 2, tzinfo=UTC))
    for phase, status, left in (("feedback", 422, 3), ("warm-up", 302, 2)):
        shown = {name: form[name] for name in ("csrf_token",)}
        shown["revision"] = fields_of(owner.get(address).text, "add")["revision"]
        answer = post(f"{address}/phase/{phase}/remove", data=shown)
        assert (answer.status_code, len(site.file.challenge.tracks["lowlight"].phases)) == (status, left)
    form = fields_of(owner.get(address).text, "challenge")
    assert post(address, data=form | {"registration": "open", "top": "5"}).status_code == 302
    assert challenge_of(app.extensions["studyapp"].site).registration == "open"
    other_process.close()


def test_organisers_see_all_submissions_and_try_again_what_failed(app, root, owner, folder):
    folder.rename(root / "studies" / "lowlight")
    site, when = app.extensions["studyapp"].site, datetime(2026, 3, 2, tzinfo=UTC)
    address = "/s/lowlight/console/submissions"
    assert "No submissions yet" in owner.get(address).text
    ours = team(site, "Ours", "Ada")
    with site.database.writing() as session:
        one = hand_in(session, site, ours, b"zip", when=when)
        job = queue.ask(session, "lowlight", "submission", {"submission": one.id}, by="Ada", now=NOW)
        submissions.follow(session, one.id, job.id, "waiting", {}, NOW)
        queue.cancel(session, "lowlight", job.id, now=NOW)
        rows = [
            Submission(team_id=ours, track="lowlight", phase="feedback", number=number, name="a.zip", size=1,
                       sha256="", sent_by=1, arrived_at=utc_text(when), state="done", score=float(number),
                       basis="old" if number == 2 else "new",
                       result=json.dumps({"formula": "by hand"}))
            for number in range(2, 253)
        ]  # fmt: skip
        session.add_all(rows)
    page = owner.get(f"{address}?sort=-score").text
    assert page.count("a.zip") == 100
    assert ">252.0000<" in page
    assert ">2.0000<" not in page
    last = owner.get(f"{address}?sort=-score&page=3").text
    assert last.index(">2.0000<") < last.index("failed</span>"), "what has no score comes last"
    assert owner.get(f"{address}?state=failed").text.count("cancelled before it began") == 1
    assert owner.post(f"{address}/2/again").status_code == 409, "it has a score"
    assert owner.post(f"{address}/999/again").status_code in (404, 409)
    owner.get(address)
    assert owner.post(f"{address}/1/again").status_code == 302
    with site.database.reading() as session:
        row = submissions.the_submission(session, 1)
        assert (row.state, row.problem) == ("waiting", "")
        assert queue.the_job(session, "lowlight", row.job_id).state == "waiting"
    submissions.remove_files(site, 1)
    with site.database.writing() as session:
        submissions.follow(session, 1, job.id, "failed", {"error": "gone"}, NOW)
    owner.get(address)
    assert "hand it in again" in owner.post(f"{address}/1/again").text
    assert "/console/submissions" in owner.get("/s/lowlight/console").text
