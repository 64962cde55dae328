"""Organisers' passwords, and the limits of every session."""

import time

import pytest
from click.testing import CliRunner

from studyapp.cli import main
from studyapp.errors import StudyError
from studyapp.services import organisers
from studyapp.web.login import ABSOLUTE, IDLE
from tests.conftest import NOW

PASSWORD = "seven quiet herons wade"


@pytest.fixture
def account(workspace) -> str:
    organisers.set_password(workspace.folders, "Olga", PASSWORD)
    return "Olga"


def sign_in(person, name="Olga", password=PASSWORD):
    person.get("/sign-in")
    return person.post("/sign-in", name=name, password=password)


def cookie(person):
    return person.client.get_cookie("studyapp").value


def test_an_organiser_signs_in(eve, account):
    answer = sign_in(eve)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/organiser")
    assert eve.get("/organiser").status_code == 200
    assert eve.get("/judge").status_code == 404


@pytest.mark.parametrize(
    ("name", "password"),
    [("Olga", "seven quiet herons"), ("Olga", ""), ("Tom", PASSWORD), ("", ""), ("Olga", PASSWORD * 50)],
)
def test_a_wrong_name_and_a_wrong_password_look_the_same(eve, account, name, password):
    answer = sign_in(eve, name, password)
    assert answer.status_code == 401
    assert "Name and password do not fit." in answer.text
    assert eve.get("/organiser").status_code == 401


def test_without_accounts_nobody_signs_in(eve, workspace):
    assert sign_in(eve).status_code == 401


def test_guessing_is_stopped_even_with_the_right_password_at_last(eve, account):
    answers = [sign_in(eve, password=f"guess number {n}").status_code for n in range(10)]
    assert answers == [401] * 10
    assert sign_in(eve).status_code == 429
    assert "Too many attempts" in eve.post("/sign-in", name="Olga", password=PASSWORD).text


def test_guessing_one_name_from_many_addresses_is_stopped(browser, account):
    for n in range(20):
        person = browser()
        person.client.environ_base["REMOTE_ADDR"] = f"192.0.2.{n}"
        assert sign_in(person, password="not the password").status_code == 401
    person = browser()
    person.client.environ_base["REMOTE_ADDR"] = "192.0.2.99"
    assert sign_in(person).status_code == 429


def test_guessing_links_is_stopped(eve, jude):
    answers = [eve.get(f"/j/guess{n}").status_code for n in range(31)]
    assert answers == [404] * 30 + [429]
    assert jude.get("/judge").status_code == 200


def test_signing_in_again_and_again_is_not_limited(browser, links):
    for _ in range(35):
        assert browser().get(f"/j/{links['Jude']}").status_code == 302


def test_a_log_in_makes_a_new_session_and_ends_the_one_before(browser, links):
    person = browser()
    person.get(f"/j/{links['Jude']}")
    before = cookie(person)
    person.get(f"/j/{links['June']}")
    assert cookie(person) != before
    thief = browser()
    thief.client.set_cookie("studyapp", before)
    assert thief.get("/judge").status_code == 401


def test_a_log_out_ends_the_session_on_the_server(jude, browser):
    jude.get("/judge")
    stolen = cookie(jude)
    thief = browser()
    thief.client.set_cookie("studyapp", stolen)
    assert thief.get("/judge").status_code == 200
    assert jude.post("/logout").status_code == 302
    assert thief.get("/judge").status_code == 401


def test_a_changed_password_ends_all_sessions(eve, account, workspace):
    sign_in(eve)
    with workspace.database.writing() as session:
        organisers.end_sessions(session, now=NOW)
    assert eve.get("/organiser").status_code == 401


@pytest.mark.parametrize("role", ["judge", "organiser"])
@pytest.mark.parametrize("limit", ["idle", "absolute"])
def test_a_session_ends_by_itself(role, limit, jude, olga):
    person, page = (jude, "/judge") if role == "judge" else (olga, "/organiser")
    field, bound = ("used", IDLE[role]) if limit == "idle" else ("born", ABSOLUTE[role])
    for beyond, status in ((-60, 200), (60, 401)):
        with person.client.session_transaction() as session:
            session[field] = time.time() - bound.total_seconds() - beyond
            session["used" if field == "born" else "born"] = time.time()
        assert person.client.get(page).status_code == status


def test_use_is_noted_but_not_with_every_answer(jude):
    trial = jude.trial()
    tile = trial["slots"][0]["tiles"] + "/0/0_0"
    assert "Set-Cookie" not in jude.client.get("/judge").headers
    with jude.client.session_transaction() as session:
        session["used"] = time.time() - 600
    assert "Set-Cookie" not in jude.client.get(tile).headers
    assert "Set-Cookie" in jude.client.get("/judge").headers
    assert jude.pick(trial, 1).status_code == 200


def test_a_forged_cookie_is_nothing(eve, jude):
    eve.client.set_cookie("studyapp", cookie(jude)[:-4] + "AAAA")
    assert eve.get("/judge").status_code == 401


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "5 characters"),
        ("x" * 300, "300 characters"),
        ("aaaaaaaaaaaaaaa", "easily guessed"),
        ("password1234", "easily guessed"),
        ("Olgaorganiser123", "easily guessed"),
    ],
)
def test_a_weak_password_is_refused(workspace, password, why):
    with pytest.raises(StudyError, match=why):
        organisers.set_password(workspace.folders, "Olgaorganiser", password)


def test_passwords_are_kept_as_argon2_hashes_for_the_owners_eyes(workspace, account):
    path = workspace.folders.organisers
    assert path.stat().st_mode & 0o777 == 0o600
    assert "$argon2id$" in path.read_text()
    assert PASSWORD not in path.read_text()
    assert organisers.account_names(workspace.folders) == ["Olga"]
    organisers.remove_account(workspace.folders, "Olga")
    assert not organisers.is_password(workspace.folders, "Olga", PASSWORD)


def test_the_command_makes_lists_and_removes_accounts(folder, workspace, olga, eve):
    def run(*options, said=None):
        return CliRunner().invoke(main, ["organiser", str(folder), *options], input=said)

    assert run("--set-password", "Olga", said=f"{PASSWORD}\n").exit_code == 0
    assert run().stdout == "Olga\n"
    assert olga.get("/organiser").status_code == 401
    assert sign_in(eve).status_code == 302
    assert run("--remove", "Olga").exit_code == 0
    assert eve.get("/organiser").status_code == 401
    assert "the accounts are none" in run("--remove", "Olga").output
    assert "12 to 256" in run("--set-password", "Olga", said="short\n").output
