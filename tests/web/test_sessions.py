"""Sessions: begun, limited, seen and ended; on the server, whatever the cookie says."""

import re
import time
from contextlib import closing
from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import select

from studyapp.db.site_tables import AccountSession
from studyapp.db.tables import LoginSession, utc_text
from studyapp.services.ground.site import open_site
from studyapp.services.people import account_sessions
from studyapp.services.people.second_factors import new_second_factor
from studyapp.services.people.sessions import ABSOLUTE, FRESH, IDLE, MOST
from studyapp.web.state import now
from tests.accounts import PASSWORD, make_account, owner_token
from tests.conftest import NOW
from tests.sqlite_alone import database_url  # noqa: F401 (the same on every database)
from tests.web.test_second_factor import code
from tests.web.test_sign_in import sign_in

NEW = "five loud geese march"


def cookie(person):
    return person.client.get_cookie(cookie_name_of(person)).value


def cookie_name_of(person) -> str:
    return person.client.application.config["SESSION_COOKIE_NAME"]


def rows(workspace) -> list[LoginSession]:
    with workspace.database.reading() as session:
        return list(session.exec(select(LoginSession)))


def shift(workspace, **fields: timedelta) -> None:
    """Make it so long ago that every session was begun or used."""
    with closing(open_site(workspace.folders.root)) as site:
        for database, table in ((workspace.database, LoginSession), (site.database, AccountSession)):
            with database.writing() as session:
                for row in session.exec(select(table)):
                    for name, ago in fields.items():
                        setattr(row, f"{name}_at", utc_text(now() - ago))
                    session.add(row)


def test_a_log_in_makes_a_new_session_and_ends_the_one_before(browser, links):
    person = browser()
    person.get(f"/j/{links['Jude']}")
    before = cookie(person)
    assert "Log in as June?" in person.get(f"/j/{links['June']}").text
    assert cookie(person) == before
    person.post(f"/j/{links['June']}")
    assert cookie(person) != before
    thief = browser()
    thief.client.set_cookie(cookie_name_of(thief), before)
    assert thief.get("/judge").status_code == 401


@pytest.mark.parametrize(
    ("site", "mine", "asks"),
    [("cross-site", None, True), ("cross-site", "Jude", True), ("same-site", "June", True),
     ("none", "June", False), ("none", None, False), (None, "June", True), (None, "Jude", False),
     (None, None, False)],
)  # fmt: skip
def test_another_page_logs_nobody_in_unasked(site, mine, asks, browser, links):
    """A link of a stranger's page would have a judge vote as somebody else."""
    person = browser()
    if mine:
        person.get(f"/j/{links[mine]}")
    headers = {"Sec-Fetch-Site": site} if site else {}
    answer = person.client.get(f"/j/{links['Jude']}", headers=headers)
    assert ("Log in as Jude?" in answer.text) == asks
    assert answer.status_code == (200 if asks else 302)
    if asks:
        assert person.client.post(f"/j/{links['Jude']}").status_code in (400, 401), (
            "not without the page's token"
        )
        person.token = re.search(r'name="csrf_token" value="([^"]+)"', answer.text)[1]
        assert person.post(f"/j/{links['Jude']}").status_code == 302
    assert person.get("/judge").status_code == 200
    assert "June" not in person.get("/account").text


def test_of_one_link_so_many_sessions_are_kept(browser, links, workspace):
    first = browser()
    first.get(f"/j/{links['Jude']}")
    for _ in range(MOST):
        last = browser()
        last.get(f"/j/{links['Jude']}")
    assert len(rows(workspace)) == MOST
    assert first.get("/judge").status_code == 401
    assert last.get("/judge").status_code == 200


def test_of_one_account_so_many_sessions_are_kept(site):
    olga, tom = make_account(site), make_account(site, "Tom")
    with site.database.writing() as session:
        begin = partial(account_sessions.begin, session, address="192.0.2.7", device="Lynx")
        begin("of Tom", account=tom, now=NOW)
        for number in range(MOST + 1):
            begin(f"{number}", account=olga, now=NOW + timedelta(seconds=number))
    with site.database.looking() as looking:
        live = {
            secret: account_sessions.current(looking, secret, now=NOW) is not None
            for secret in ("of Tom", "0", "1", f"{MOST}")
        }
    assert live == {"of Tom": True, "0": False, "1": True, f"{MOST}": True}


def test_a_log_out_ends_the_session_on_the_server(jude, browser):
    jude.get("/judge")
    stolen = cookie(jude)
    thief = browser()
    thief.client.set_cookie(cookie_name_of(thief), stolen)
    assert thief.get("/judge").status_code == 200
    answer = jude.post("/logout")
    assert answer.status_code == 302
    # Tiles go; answers that are not yet sent lie in the browser's storage and stay.
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert thief.get("/judge").status_code == 401


def test_the_commands_change_of_a_password_ends_all_sessions(eve, account, site):
    sign_in(eve)
    make_account(site)
    assert eve.get("/console").status_code == 401


def test_the_next_printed_link_ends_the_sessions_of_the_one_before(olga, workspace):
    assert olga.get("/console").status_code == 200
    owner_token(workspace.folders.root)
    assert olga.get("/console").status_code == 401


@pytest.mark.parametrize("role", ["judge", "organiser"])
@pytest.mark.parametrize(("field", "limits"), [("used", IDLE), ("begun", ABSOLUTE)])
def test_a_session_ends_by_itself(role, field, limits, jude, olga, workspace):
    person, page = (jude, "/judge") if role == "judge" else (olga, "/console")
    minute = timedelta(minutes=1)
    # Within the limits first, so that the use of this request is not what counts.
    shift(workspace, **{"used": timedelta(0), field: limits[role] - minute})
    assert person.client.get(page).status_code == 200
    shift(workspace, **{"used": timedelta(0), field: limits[role] + minute})
    assert person.client.get(page).status_code == 401


def test_use_is_noted_but_not_with_every_answer(jude, workspace):
    trial = jude.trial()
    tile = trial["slots"][0]["tiles"] + "/0/0_0"
    begun = rows(workspace)[0].used_at
    jude.client.get("/judge")
    assert rows(workspace)[0].used_at == begun
    shift(workspace, used=timedelta(minutes=10))
    long_ago = rows(workspace)[0].used_at
    jude.client.get(tile)
    assert rows(workspace)[0].used_at == long_ago
    answer = jude.client.get("/judge")
    assert rows(workspace)[0].used_at >= begun
    assert "Set-Cookie" not in answer.headers
    assert jude.pick(trial, 1).status_code == 200


def test_a_forged_cookie_is_nothing(eve, jude):
    eve.client.set_cookie(cookie_name_of(eve), cookie(jude)[:-4] + "AAAA")
    assert eve.get("/judge").status_code == 401
    eve.client.set_cookie(cookie_name_of(eve), "no cookie of ours")
    assert eve.get("/judge").status_code == 401


def test_a_clock_that_jumps_back_logs_nobody_out(browser, links, workspace, monkeypatch):
    """The server's clock was an hour ahead at the log-in, and is put right in the middle of the evening."""
    true_time = time.time
    monkeypatch.setattr(time, "time", lambda: true_time() + 3600)
    person = browser()
    person.get(f"/j/{links['Jude']}")
    monkeypatch.undo()
    shift(workspace, begun=-timedelta(hours=1), used=-timedelta(hours=1))
    assert person.pick(person.trial(), 1).status_code == 200
    assert rows(workspace)[0].used_at <= utc_text(now())


def test_those_long_over_are_forgotten(jude, workspace, browser, links):
    shift(workspace, begun=timedelta(days=31), used=timedelta(days=31))
    browser().get(f"/j/{links['June']}")
    assert len(rows(workspace)) == 1


def sessions_of(page: str) -> list[str]:
    table = page.split("<tbody>")[1].split("</tbody>", maxsplit=1)[0]
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in table.split("<tr>")[1:]]


def test_organisers_see_who_is_logged_in(eve, account, olga, jude):
    eve.client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0"
    sign_in(eve)
    lines = sessions_of(eve.get("/account").text)
    assert len(lines) == 3
    mine = next(line for line in lines if line.startswith("Olga password"))
    assert "Firefox on Linux 127.0.0.1" in mine
    assert mine.endswith("this one")
    assert any(line.startswith("owner printed link") for line in lines)
    assert "End all my other sessions" not in eve.get("/account").text, "there are none"
    assert any(line.startswith("Jude personal link another program –") for line in lines), (
        "no judge's address"
    )


def test_judges_see_their_own_only(jude, june, olga, browser, links):
    browser().get(f"/j/{links['Jude']}")
    page = jude.get("/account").text
    assert len(sessions_of(page)) == 2
    for other in ("June", "127.0.0.1", "organiser", "password"):
        assert other not in page


def test_one_session_is_ended_or_all_others(browser, links):
    here, *others = people = [browser() for _ in range(4)]
    for person in people:
        person.get(f"/j/{links['Jude']}")
    keys = re.findall(r'name="session" value="(\w{64})"', here.get("/account").text)
    assert len(keys) == 3
    assert "End all my other sessions" in here.get("/account").text
    assert here.post("/account/end", session=keys[0]).status_code == 200
    assert sorted(person.get("/judge").status_code for person in others) == [200, 200, 401]
    assert here.post("/account/end", session=keys[0]).status_code == 404
    assert here.post("/account/end", session="others").status_code == 200
    assert [person.get("/judge").status_code for person in people] == [200, 401, 401, 401]


def test_nobody_ends_what_is_not_theirs(jude, june, olga, workspace):
    june.get("/judge")
    jude.get("/account")
    for row in rows(workspace):
        jude.post("/account/end", session=row.id)
    assert june.get("/judge").status_code == 200
    assert olga.get("/console").status_code == 200


def test_ending_needs_a_log_in_a_short_while_ago(jude, browser, links, workspace):
    other = browser()
    other.get(f"/j/{links['Jude']}")
    shift(workspace, begun=FRESH + timedelta(minutes=1))
    page = jude.get("/account").text
    assert 'name="session"' not in page
    assert "open your personal link again" in page
    assert jude.post("/account/end", session="others").status_code == 403
    assert other.get("/judge").status_code == 200


def change(person, **fields):
    person.get("/account")
    return person.post("/account/password", **{"old": PASSWORD, "new": NEW, "again": NEW, **fields})


def test_an_organiser_changes_the_password_and_other_sessions_end(account, eve, browser, olga):
    other = browser()
    sign_in(other)
    sign_in(eve)
    assert "Password changed" in change(eve).text
    assert eve.get("/console").status_code == 200
    assert other.get("/console").status_code == 401
    assert olga.get("/console").status_code == 200, "who came by the printed link has no password"
    assert sign_in(browser()).status_code == 401
    assert sign_in(browser(), password=NEW).status_code == 302


@pytest.mark.parametrize(
    ("fields", "status", "why"),
    [
        ({"old": "not the password"}, 403, "is wrong"),
        ({"old": ""}, 403, "is wrong"),
        ({"again": "six loud geese march"}, 400, "passwords differ"),
        ({"new": "password1234", "again": "password1234"}, 400, "leaked passwords"),
        ({"new": "short", "again": "short"}, 400, "5 characters"),
    ],
)
def test_a_change_that_does_not_do_changes_nothing(account, eve, browser, fields, status, why):
    sign_in(eve)
    answer = change(eve, **fields)
    assert (answer.status_code, why in answer.text) == (status, True)
    assert sign_in(browser()).status_code == 302


def test_a_change_needs_the_code_too_and_leaves_the_second_factor(site, eve, browser):
    factor, enrolment = new_second_factor("Olga", "studyapp")
    make_account(site, factor=factor)
    sign_in(eve, code=code(enrolment, steps=-1))
    assert "8 recovery codes are left" in eve.get("/account").text
    assert change(eve).status_code == 403
    assert change(eve, code=code(enrolment)).status_code == 200
    assert sign_in(browser(), password=NEW).status_code == 401
    assert sign_in(browser(), password=NEW, code=code(enrolment, steps=1)).status_code == 302


def test_guessing_the_old_password_is_stopped(account, eve):
    sign_in(eve)
    answers = [change(eve, old=f"guess number {n}").status_code for n in range(11)]
    assert answers == [403] * 10 + [429]


def test_by_the_printed_link_there_is_no_password_to_change(olga, account):
    assert "New password" not in olga.get("/account").text
    assert change(olga).status_code == 400


@pytest.mark.parametrize("role", ["judge", "organiser"])
def test_logging_out_is_in_sight_on_every_page(role, jude, olga):
    trial = f"/judge/trial/{jude.trial()['trial']}"
    judges = ["/judge", "/judge/guidelines", "/judge/screen", "/judge/finish", "/account", trial]
    person, paths = (
        (jude, judges) if role == "judge" else (olga, ["/console", "/account", "/console/regions/001"])
    )
    for path in paths:
        page = person.get(path).text
        # The judging page's room belongs to the images: its script puts the button behind "?".
        assert 'action="/logout"' in page or '"logout": "/logout"' in page, path
