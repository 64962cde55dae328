"""A judge and an organiser in one browser, and an account in several studies of a site."""

import shutil
from contextlib import closing

import pytest

from studyapp.app import create_app
from studyapp.services.ground.site import open_site
from studyapp.services.people import accounts, invitations
from tests.accounts import PASSWORD, make_account
from tests.conftest import NOW
from tests.sqlite_alone import database_url  # noqa: F401 (the same on every database)
from tests.web.test_sign_in import sign_in


@pytest.fixture
def both(browser, links, account):
    """A browser in which June judges and Olga organises."""
    person = browser()
    person.get(f"/j/{links['June']}")
    assert sign_in(person, account).status_code == 302
    return person


def test_judges_pages_see_the_judge_and_the_console_the_organiser(both):
    assert "Spring study" in both.get("/console").text
    trial = both.trial()
    assert both.pick(trial, 1).status_code == 200
    assert both.get("/judge").status_code == 200
    assert both.client.get("/").status_code == 200
    page = both.get("/").text
    assert 'href="/judge"' in page
    assert 'href="/console"' in page


def test_forms_of_both_need_the_token(both):
    both.get("/console")
    assert both.post("/console/pause").status_code == 302
    token, both.token = both.token, "forged"
    assert both.post("/console/resume").status_code == 400
    assert both.pick(both.trial(), 1).status_code == 503, "paused still"
    both.token = token
    assert both.post("/console/resume").status_code == 302


def test_either_goes_on_when_the_other_ends(both, workspace, site):
    with workspace.database.writing() as session:
        invitations.revoke_link(session, "june@example.org", now=NOW)
    assert both.get("/judge").status_code == 404
    assert both.get("/console").status_code == 200


def test_a_disabled_account_leaves_the_judge_alone(both, site):
    with site.database.writing() as session:
        accounts.disable(session, accounts.named(session, "Olga"), now=NOW)
    assert both.get("/console").status_code == 404
    assert both.get("/judge").status_code == 200


def test_the_page_of_sessions_shows_both_and_one_button_ends_both(both, jude):
    page = both.get("/account").text
    assert page.count("this one") == 2
    assert "Jude" in page, "an organiser sees the judges' sessions"
    assert both.post("/logout").status_code == 302
    assert [both.get(path).status_code for path in ("/console", "/judge")] == [401, 401]
    assert jude.get("/judge").status_code == 200


class Tab:
    """A browser's tab, at a site below a path."""

    def __init__(self, application, root: str) -> None:
        self.client, self.root = application.test_client(), root

    def get(self, path: str):
        return self.client.get(self.root + path)

    def sign_in(self, path: str, name: str):
        token = self.get(path).text.partition('name="csrf_token" value="')[2].partition('"')[0]
        form = {"csrf_token": token, "name": name, "password": PASSWORD, "code": ""}
        return self.client.post(self.root + path, data=form)


@pytest.mark.parametrize("root", ["", "/raim"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_account_is_signed_in_in_every_study_and_ends_in_all(root, folder, database_url, tmp_path):  # noqa: F811
    whole = tmp_path / "site"
    for slug in ("track1", "track2"):
        shutil.copytree(folder, whole / "studies" / slug)
    (whole / "site.yaml").write_text("title: RAIM\n")
    with closing(open_site(whole)) as site:
        served = create_app(whole, path=root)
        make_account(site, role="organiser", study="track1")
        ana = make_account(site, "Ana", role="analyst", study="track2")
        tab, hers = Tab(served, root), Tab(served, root)
        answer = tab.sign_in("/s/track1/sign-in", "Olga")
        assert answer.headers["Location"] == f"{root}/"
        cookies = answer.headers.getlist("Set-Cookie")
        assert len([line for line in cookies if line.endswith(f"; Path={root or '/'}; SameSite=Lax")]) == 1
        assert tab.get("/s/track1/console").status_code == 200
        assert tab.get("/s/track2/console").status_code == 404
        with site.database.writing() as session:
            accounts.give_role(session, accounts.named(session, "Olga"), "analyst", "track2")
        assert tab.get("/s/track2/console").status_code == 200
        assert tab.get("/s/track2/console/judges").status_code == 404
        assert "Ana" not in tab.get("/s/track1/account").text, "other accounts are an owner's to see"
        hers.sign_in("/s/track2/sign-in", "Ana")
        assert hers.get("/s/track2/console").status_code == 200
        assert tab.get("/s/track1/console").status_code == 200
        with site.database.writing() as session:
            accounts.disable(session, accounts.numbered(session, ana), now=NOW)
            accounts.remove(session, accounts.named(session, "Olga"))
        assert hers.get("/s/track2/console").status_code == 401
        assert [tab.get(f"/s/{slug}/console").status_code for slug in site.studies()] == [401, 401]
        served.extensions["studyapp"].close()
