"""A site: many studies on one server, each with its own judges, and accounts that reach all of them."""

import re
from collections.abc import Iterator
from contextlib import closing

import pytest
from flask import Flask
from sqlalchemy import text

from studyapp.app import create_app
from studyapp.cli import running
from studyapp.core.judges_file import JudgeLine
from studyapp.services.ground.new_study import new_study
from studyapp.services.ground.site import Site, init_site, open_site
from studyapp.services.ground.studies import the_study
from studyapp.services.ground.workspace import begin_study, init_folder, open_workspace
from studyapp.services.people import invitations
from studyapp.web.static_files import static_path
from tests.accounts import PASSWORD, make_account, owner_token
from tests.conftest import NOW
from tests.sqlite_alone import *  # noqa: F403
from tests.web.conftest import Browser


@pytest.fixture
def root(folder, tmp_path, monkeypatch):
    """Return the folder of a site with one prepared study, track1."""
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    root = tmp_path / "site"
    init_site(root)
    folder.rename(root / "studies" / "track1")
    return root


@pytest.fixture
def site(root) -> Iterator[Site]:
    with closing(open_site(root)) as opened:
        yield opened


@pytest.fixture
def app(site) -> Iterator[Flask]:
    app = create_app(site.root)
    yield app
    app.extensions["studyapp"].close()


@pytest.fixture
def owner(app, site) -> Browser:
    browser = Browser(app.test_client())
    browser.get(f"/o/{owner_token(site.root)}")
    return browser


def judge_link(site: Site, study: str, name: str) -> str:
    workspace = open_workspace(site.study_root(study))
    with closing(workspace.database), workspace.database.writing() as session:
        line = JudgeLine(name, f"{name}@example.org")
        return invitations.invite_judges(session, workspace.key, [line], now=NOW)[0].token


def test_an_owner_makes_a_study_and_goes_on_in_its_console(owner, site):
    assert "track1" in owner.get("/").text
    owner.get("/new")
    made = owner.post("/new", title="Spur 2: Größe", address="", protocol="pairwise")
    assert (made.status_code, made.location) == (302, "/s/spur-2-grosse/console")
    console = owner.get(made.location)
    assert console.status_code == 200
    assert "Spur 2: Größe" in console.text
    assert site.studies() == ["spur-2-grosse", "track1"]
    owner.get("/new")
    again = owner.post("/new", title="Spur 2: Größe", address="", protocol="pairwise")
    assert again.status_code == 400
    assert "there is already a study" in again.text.lower()
    assert 'value="Spur 2: Größe"' in again.text, "what was typed stays"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"title": "", "address": "a", "protocol": "top_k"}, "title cannot be used"),
        ({"title": "去噪", "address": "", "protocol": "top_k"}, "Write an address"),
        ({"title": "T", "address": "A B", "protocol": "top_k"}, "cannot be used"),
        ({"title": "T", "address": "a", "protocol": "vote"}, "hoose how judges are asked"),
    ],
)
def test_what_cannot_be_a_study_is_said_in_words(owner, site, form, said):
    owner.get("/new")
    answer = owner.post("/new", **form)
    assert answer.status_code == 400
    assert said.lower() in answer.text.lower()
    assert site.studies() == ["track1"]


def test_a_judge_of_one_study_is_nobody_elsewhere(app, site):
    new_study(site, "track2", title="Track 2", kind="top_k")
    judge = Browser(app.test_client())
    assert judge.get(f"/s/track1/j/{judge_link(site, 'track1', 'jude')}").status_code == 302
    assert judge.get("/s/track1/judge").status_code == 200
    trial = judge.get("/s/track1/api/trials").json["trials"][0]["trial"]
    links = judge.get(f"/s/track1/api/trials/{trial}").json["links"]
    assert {link[:10] for link in links.values() if link} == {"/s/track1/"}
    assert judge.get("/s/track2/judge").status_code == 401
    assert judge.get("/s/track1/console").status_code in (401, 404)
    assert judge.get("/new").status_code == 401
    assert "track1" not in judge.get("/").text


def test_an_account_sees_the_studies_in_which_it_has_a_role(app, site):
    new_study(site, "track2", title="Second track", kind="top_k")
    make_account(site, "Otto", role="organiser", study="track2")
    otto = Browser(app.test_client())
    otto.get("/sign-in")
    assert otto.post("/sign-in", name="Otto", password=PASSWORD, code="").location == "/"
    page = otto.get("/").text
    assert "Second track" in page
    assert "track1" not in page
    assert otto.get("/s/track2/console").status_code == 200
    assert otto.get("/s/track1/console").status_code == 404
    assert otto.get("/new").status_code == 404
    otto.get("/s/track2/console")
    assert otto.post("/s/track2/logout").status_code == 302
    assert otto.get("/s/track2/console").status_code == 401


def test_a_judge_and_an_owner_share_a_browser(owner, site):
    assert owner.get(f"/s/track1/j/{judge_link(site, 'track1', 'jude')}").status_code in (200, 302)
    assert owner.get("/s/track1/judge").status_code == 200
    assert owner.get("/s/track1/console").status_code == 200
    cookies = owner.client._cookies.values()
    paths = {cookie.path for cookie in cookies if cookie.key.startswith("studyapp-")}
    assert paths == {"/", "/s/track1"}


def test_a_site_below_a_path_keeps_every_address_below_it(site):
    app = create_app(site.root, path="/raim")
    try:
        browser = Browser(app.test_client())
        entered = browser.get(f"/raim/o/{owner_token(site.root)}")
        assert entered.location == "/raim/"
        for path in ("/raim/", "/raim/new", "/raim/accounts", "/raim/s/track1/console", "/raim/account"):
            page = browser.get(path)
            assert page.status_code == 200, path
            found = re.findall(r'(?:href|src|action)="(/[^"]*)"', page.text)
            assert found
            assert [address for address in found if not address.startswith("/raim/")] == []
            # One address in all studies, so that a browser keeps one copy.
            files = [address for address in found if "/static/" in address]
            assert f"/raim{static_path('css/base.css')}" in files
            assert all(address.startswith(f"/raim{static_path('')}") for address in files)
            assert {browser.get(address).status_code for address in files} == {200}
        assert browser.get(f"/raim/s/track1{static_path('css/base.css')}").status_code == 404
    finally:
        app.extensions["studyapp"].close()


def test_a_study_that_cannot_be_opened_leaves_the_others_alone(owner, site):
    new_study(site, "track2", title="Track 2", kind="top_k")
    (site.study_root("track2") / "study.yaml").write_text("title: [", encoding="utf-8")
    assert "cannot be opened" in owner.get("/").text
    answer = owner.get("/s/track2/console")
    assert (answer.status_code, "cannot be served" in answer.text) == (503, True)
    assert owner.get("/s/track1/console").status_code == 200
    for path in ("/s/nothing/console", "/s/..%2f..%2fsite/console", "/s/TRACK1/console", "/s//console"):
        assert owner.get(path).status_code in (404, 308), path


def test_a_study_that_was_removed_is_gone_at_once(owner, site):
    assert owner.get("/s/track1/console").status_code == 200
    site.study_root("track1").rename(site.root / "away")
    assert owner.get("/s/track1/console").status_code == 404


def test_a_copy_asks_no_database_but_those_in_its_folder(root, monkeypatch):
    monkeypatch.setenv("STUDYAPP_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    app = create_app(root, apart=True)
    browser = Browser(app.test_client())
    assert [browser.get(path).status_code for path in ("/", "/readyz", "/s/track1/")] == [200] * 3
    app.extensions["studyapp"].close()


def test_a_lone_study_has_no_page_for_new_studies(folder, links):
    app = create_app(folder)
    assert Browser(app.test_client()).get("/new").status_code == 404
    app.extensions["studyapp"].close()


@pytest.mark.postgres
def test_on_postgresql_each_study_has_its_own_schema(tmp_path, postgres, monkeypatch):
    postgres.copies += 1
    postgres.execute(f"CREATE DATABASE whole_site_{postgres.copies}")
    monkeypatch.setenv("STUDYAPP_DATABASE_URL", postgres.database(f"whole_site_{postgres.copies}"))
    init_site(tmp_path / "site")
    app = create_app(tmp_path / "site")
    owner = Browser(app.test_client())
    owner.get(f"/o/{owner_token(tmp_path / 'site')}")
    for name in ("one", "two"):
        owner.get("/new")
        owner.post("/new", title=f"Study {name}", address=name, protocol="top_k")
        assert f"Study {name}" in owner.get(f"/s/{name}/console").text
    with app.extensions["studyapp"].site.database.reading() as session:
        schemas = session.execute(
            text("SELECT schemaname FROM pg_tables WHERE tablename = 'study'")
        ).scalars()
        assert sorted(schemas) == ["study_one", "study_two"]
    app.extensions["studyapp"].close()


@pytest.mark.parametrize(
    ("invited", "state", "said"),
    [(False, "draft", "no judges are invited yet"), (True, "open", "the study is now open")],
)
def test_serving_opens_a_study_whose_judges_are_invited_and_leaves_another_to_its_console(
    folder, workspace, capsys, invited, state, said
):
    if invited:
        with workspace.database.writing() as session:
            invitations.invite_judges(session, workspace.key, [JudgeLine("J", "j@example.org")], now=NOW)
    running._open_study(folder, draft=False)
    assert said in capsys.readouterr().err
    with workspace.database.reading() as session:
        assert the_study(session).state == state


def test_serving_a_draft_without_images_leaves_it_to_its_console(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    init_folder(tmp_path / "draft", with_teams=False)
    begin_study(tmp_path / "draft")
    running._open_study(tmp_path / "draft", draft=False)
    assert "no images yet" in capsys.readouterr().err


def test_the_short_address_leads_organisers_to_the_console(owner):
    assert owner.get("/s/track1/organiser").text.startswith("<!doctype html>")
    assert owner.get("/s/track1/organiser").status_code == 200
