"""The owner's page of accounts, and what somebody who is invited does with the link."""

import re
from datetime import timedelta

import pytest
from pyotp import TOTP

from studyapp.services.people import accounts, sign_in_links
from tests.accounts import PASSWORD, events_of, make_account
from tests.sqlite_alone import database_url  # noqa: F401 (the same on every database)
from tests.web.test_sign_in import kept, sign_in

NEW = "five loud geese march"


def invited(olga, name="Ana", role="analyst ", **more) -> str:
    """Invite somebody; return the path of the link that the page shows."""
    olga.get("/accounts")
    answer = olga.post("/accounts/invite", name=name, role=role, **more)
    assert answer.status_code == 200
    return link_of(answer.text)


def link_of(page: str) -> str:
    return re.search(r">http://localhost(/set-up/[^<]+)<", page)[1]


def choose(person, link, password=NEW, **fields):
    person.get(link)
    return person.post(link, **{"password": password, "again": password, "alone": "on", **fields})


def test_who_is_invited_chooses_a_password_and_is_in(olga, eve, browser, site, workspace):
    link = invited(olga, email="ana@example.org")
    assert kept(site, "Ana").password is None
    assert "invited" in olga.get("/accounts").text
    assert sign_in(browser(), "Ana", "").status_code == 401, "no password is none"
    assert choose(eve, link).status_code == 302
    assert eve.get("/console").status_code == 200
    assert eve.get("/console/judges").status_code == 404, "an analyst"
    assert browser().get(link).status_code == 404, "it works once"
    assert sign_in(browser(), "Ana", NEW).status_code == 302
    assert link.removeprefix("/set-up/") not in repr(events_of(site))
    assert "Ana" not in repr(events_of(site))


def test_the_second_factor_is_set_up_with_the_password(olga, eve, browser, site):
    link = invited(olga)
    secret = re.search(r'name="secret" value="([A-Z2-7]+)"', eve.get(link).text)[1]
    form = {"password": NEW, "again": NEW, "secret": secret}
    for code in ("", "12345", "abc"):
        refused = eve.post(link, **form, code=code)
        assert refused.status_code == 400
        assert "The code is wrong" in refused.text
        assert secret in refused.text, "the app goes on with the same"
    assert eve.post(link, **(form | {"secret": "no secret"}), code="123456").status_code == 400
    assert kept(site, "Ana").password is None
    shown = eve.post(link, **form, code=TOTP(secret).now())
    codes = re.findall(r"<code>((?:[A-Z2-7]{6}-?){4})</code>", shown.text)
    assert len(codes) == 8
    assert eve.get("/console").status_code == 200
    assert sign_in(browser(), "Ana", NEW).status_code == 401
    assert sign_in(browser(), "Ana", NEW, code=codes[0]).status_code == 302


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"again": "another password of mine"}, "two passwords differ"),
        ({"password": "short", "again": "short"}, "5 characters"),
    ],
)
def test_what_does_not_do_changes_nothing(olga, eve, site, fields, says):
    link = invited(olga)
    answer = choose(eve, link, **fields)
    assert answer.status_code == 400
    assert says in answer.text
    assert kept(site, "Ana").password is None
    assert choose(eve, link).status_code == 302


def test_a_new_link_replaces_a_lost_password_and_ends_sessions(olga, eve, browser, site):
    number = make_account(site, "Ana", role="analyst")
    sign_in(eve, "Ana")
    olga.get("/accounts")
    first, second = (link_of(olga.post(f"/accounts/{number}/link").text) for _ in range(2))
    assert eve.get("/console").status_code == 200, "until it is used, the old ones work"
    person = browser()
    assert person.get(first).status_code == 404, "replaced by the second"
    assert choose(person, second).status_code == 302
    assert eve.get("/console").status_code == 401
    assert sign_in(browser(), "Ana", PASSWORD).status_code == 401


def test_a_link_is_too_old_after_a_week(olga, eve, site, monkeypatch):
    link = invited(olga)
    monkeypatch.setattr(sign_in_links, "SET_UP_WITHIN", timedelta(seconds=-1))
    assert "too old" in eve.get(link).text.lower()


def test_an_account_is_disabled_at_once_and_enabled_again(olga, eve, site):
    number = make_account(site, "Ana", role="organiser")
    sign_in(eve, "Ana")
    assert eve.get("/console/judges").status_code == 200
    olga.get("/accounts")
    assert olga.post(f"/accounts/{number}/disable").status_code == 302
    assert eve.get("/console").status_code == 401
    assert sign_in(eve, "Ana").status_code == 401
    assert olga.post(f"/accounts/{number}/enable").status_code == 302
    assert sign_in(eve, "Ana").status_code == 302


def test_roles_are_given_and_taken_with_effect_at_once(olga, eve, site):
    number = make_account(site, "Ana", role=None)
    sign_in(eve, "Ana")
    assert eve.get("/console").status_code == 404
    olga.get("/accounts")
    olga.post(f"/accounts/{number}/roles", role="organiser ")
    assert eve.get("/console/judges").status_code == 200
    assert eve.get("/accounts").status_code == 404
    olga.post(f"/accounts/{number}/roles", role="owner")
    assert eve.get("/accounts").status_code == 200
    for role in ("owner", "organiser "):
        olga.post(f"/accounts/{number}/roles/take", role=role)
    assert eve.get("/console").status_code == 404
    for nonsense in ("", "king", "organiser track9", "owner track1"):
        assert olga.post(f"/accounts/{number}/roles", role=nonsense).status_code == 400


def test_owners_cannot_lock_themselves_out(eve, account, site):
    sign_in(eve)
    number = kept(site).id
    page = eve.get("/accounts").text
    assert "(you)" in page
    assert f"/accounts/{number}/disable" not in page
    assert eve.post(f"/accounts/{number}/disable").status_code == 400
    assert eve.post(f"/accounts/{number}/roles/take", role="owner").status_code == 400
    assert eve.get("/accounts").status_code == 200


def test_nobody_is_invited_twice_or_under_no_name(olga, account, site):
    olga.get("/accounts")
    for name in (" OLGA ", "", "x" * 81, "a\nb"):
        answer = olga.post("/accounts/invite", name=name, role="owner")
        assert answer.status_code == 400
        assert "Nobody was invited" in answer.text
    with site.database.reading() as session:
        assert [item.name for item in accounts.listed(session)] == ["Olga"]
    assert olga.post("/accounts/999/disable").status_code == 404
