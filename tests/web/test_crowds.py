"""Many at once, or one in many disguises: limits that cannot be walked around, and lines that are counted."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests

from studyapp.errors import StudyError
from studyapp.services.people import passwords, signing_in
from studyapp.services.people.passwords import check_password
from studyapp.web.entrance.limits import Turns, place
from studyapp.web.security import policy_of_report
from studyapp.web.security_log import MOST_A_MINUTE
from tests.accounts import PASSWORD, events_of
from tests.web.test_sign_in import sign_in

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@on_sqlite
def test_of_many_who_sign_in_at_once_few_wait(app, account, monkeypatch):
    """While one check hangs, all others of the place are told to come back, and nobody waits behind them."""
    began, go_on = threading.Semaphore(0), threading.Event()

    def slow(*_: object) -> bool:
        began.release()
        return not go_on.wait(60)

    monkeypatch.setattr(signing_in, "is_password", slow)
    form = {"name": "Olga", "password": "a guess of mine", "code": ""}

    def attempt(_: int):
        client = app.test_client()
        token = client.get("/sign-in").text.partition('name="csrf_token" value="')[2].partition('"')[0]
        return client.post("/sign-in", data={**form, "csrf_token": token})

    with ThreadPoolExecutor(2) as waiting, ThreadPoolExecutor(8) as others:
        held = [waiting.submit(attempt, n) for n in range(2)]
        assert all(began.acquire(timeout=60) for _ in held)
        answers = list(others.map(attempt, range(20)))
        go_on.set()
        done = [future.result().status_code for future in held]
    assert {answer.status_code for answer in answers} == {429}
    assert {answer.headers["Retry-After"] for answer in answers} == {"5"}
    assert set(done) <= {401, 429}


def test_turns_are_shared_among_places():
    turns = Turns(3, 2)
    with turns.turn("a"), turns.turn("a"), turns.turn("b"):
        with pytest.raises(TooManyRequests), turns.turn("a"):
            pass
        with pytest.raises(ServiceUnavailable), turns.turn("c"):
            pass
    with turns.turn("c"):
        pass


def test_a_household_of_ipv6_is_one_place():
    assert place("2001:db8::1") == place("2001:db8::ffff:1") != place("2001:db8:0:1::1")
    assert place("::ffff:192.0.2.1") == place("192.0.2.1") != place("192.0.2.2")
    assert place("fe80::1%eth0") == place("fe80::2")


DISGUISES = ("Olga", " " * 90 + "olga", "OLGA", "\tOlga\u3000", "\uff2flga", "oLgA")


@on_sqlite
def test_a_name_is_one_name_in_every_disguise(browser, account):
    """Each guess comes from another address, so that the name's own limit is what stops them."""
    answers = []
    for number in range(22):
        person = browser()
        person.client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        answers.append(sign_in(person, DISGUISES[number % len(DISGUISES)], password="a guess").status_code)
    assert answers == [401] * 20 + [429] * 2


@on_sqlite
def test_the_name_may_be_typed_in_any_case(browser, account):
    person = browser()
    assert sign_in(person, " olga ").status_code == 302
    assert "Olga" in person.get("/account").text


@on_sqlite
def test_a_flood_of_any_kind_is_counted_and_not_written_out(jude, links, site):
    for _ in range(MOST_A_MINUTE + 40):
        jude.client.get("/console")
    noted = events_of(site)
    of_kind = [item for item in noted if item.event == "not permitted"]
    assert len(of_kind) <= 2 * MOST_A_MINUTE  # the minute may end in between
    assert len(of_kind) < MOST_A_MINUTE + 40 or sum(item.facts.get("left_out", 0) for item in of_kind)
    assert [item for item in noted if item.event == "logged in"]


@pytest.mark.parametrize(
    "password",
    ["ntire2026ntire", "RAIM-challenge-2026", "SpringStudy2026!",
     "spring study spring", "Olga-Olga-2026", "NTIRE CVPR 2026 raim"],
)  # fmt: skip
def test_a_password_out_of_the_studys_own_words_is_refused(password):
    with pytest.raises(StudyError, match=r"easy to guess|leaked passwords"):
        check_password(password, "Olga", "Spring study")


def test_one_of_other_words_is_taken():
    for password in (PASSWORD, "spring herons wade", "2026 quiet blue kettles"):
        check_password(password, "Olga", "Spring study")
    assert len(PASSWORD) >= passwords.SHORTEST


def test_a_report_may_use_its_own_styles_and_nothing_else():
    drawn = '<svg><style type="text/css">*{fill: red}</style></svg>'
    policy = policy_of_report(
        f"<html><style>p {{ color: red }}</style>{drawn}{drawn}<script>x</script></html>"
    )
    # The hash is that of `printf 'p { color: red }' | openssl dgst -sha256 -binary | base64`.
    assert "style-src 'sha256-" in policy
    assert policy.count("'sha256-") == 2
    assert "unsafe" not in policy.replace("; style-src-attr 'unsafe-inline';", ";"), (
        "plots have style attributes"
    )
    assert "script" not in policy
    assert policy.startswith("default-src 'none'")


@on_sqlite
def test_before_closing_the_ranking_says_when_it_will_be_there(olga):
    answer = olga.client.get("/console/ranking")
    assert answer.status_code == 409
    assert "sealed until the study is closed" in answer.text
    assert "studyapp close" not in answer.text, "a command is no help on a page"
    assert 'href="/console"' in answer.text
