"""Organisers' passwords, and how often somebody may try."""

import json

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner

from studyapp.cli import main
from studyapp.errors import StudyError
from studyapp.services.people import organisers
from studyapp.services.people.account_file import read_accounts
from studyapp.services.people.passwords import check_password
from tests.conftest import NOW
from tests.sqlite_alone import database_url  # noqa: F401

PASSWORD = "seven quiet herons wade"


@pytest.fixture
def account(workspace) -> str:
    organisers.set_password(workspace.folders, "Olga", PASSWORD)
    return "Olga"


def sign_in(person, name="Olga", password=PASSWORD, code=""):
    person.get("/sign-in")
    return person.post("/sign-in", name=name, password=password, code=code)


def test_an_organiser_signs_in(eve, account):
    answer = sign_in(eve)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/console")
    assert eve.get("/console").status_code == 200
    assert eve.get("/judge").status_code == 404


@pytest.mark.parametrize(
    ("name", "password"),
    [("Olga", "seven quiet herons"), ("Olga", ""), ("Tom", PASSWORD), ("", ""), ("Olga", PASSWORD * 50)],
)
def test_a_wrong_name_and_a_wrong_password_look_the_same(eve, account, name, password):
    answer = sign_in(eve, name, password)
    assert answer.status_code == 401
    assert "Wrong name, password or code." in answer.text
    assert eve.get("/console").status_code == 401


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


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "5 characters"),
        ("x" * 300, "300 characters"),
        ("aababababbaba", "easy to guess"),
        ("password1234", "leaked passwords"),
        ("PassWord1234", "leaked passwords"),
        ("1qaz2wsx3edc4rfv", "leaked passwords"),
        ("studyapp2026!", "easy to guess"),
        ("Olgaorganiser123", "easy to guess"),
    ],
)
def test_a_weak_password_is_refused(workspace, password, why):
    with pytest.raises(StudyError, match=why):
        organisers.set_password(workspace.folders, "Olgaorganiser", password)


@pytest.mark.parametrize(
    "password",
    ["123qweasdzxc", "1q2w3e4r5t6y", "qwertyuiopasdf", "passwordpassword", "123456789987654321",
     "correcthorsebatterystaple", "administrator", "qwertyuiop123", "chickenwing101", "iloveyouforever"],
)  # fmt: skip
def test_the_list_holds_common_passwords_of_every_length(password):
    with pytest.raises(StudyError, match="leaked passwords"):
        check_password(password, "Olga")


def test_passwords_are_kept_as_argon2_hashes_for_the_owners_eyes(workspace, account):
    path = workspace.folders.organisers
    assert path.stat().st_mode & 0o777 == 0o600
    assert "$argon2id$" in path.read_text()
    assert PASSWORD not in path.read_text()
    assert organisers.account_names(workspace.folders) == ["Olga"]
    organisers.remove_account(workspace.folders, "Olga")
    assert not organisers.sign_in(workspace.folders, "Olga", PASSWORD, "", now=NOW)


def test_a_hash_with_weaker_parameters_is_made_anew_by_signing_in(workspace, eve, real_hashes):
    """Tom, who does not sign in, keeps his."""
    old = PasswordHasher(time_cost=1, memory_cost=8192).hash(PASSWORD)
    workspace.folders.organisers.write_text(json.dumps({name: {"password": old} for name in ("Olga", "Tom")}))
    assert sign_in(eve).status_code == 302
    accounts = read_accounts(workspace.folders)
    assert accounts["Tom"].password == old
    assert accounts["Olga"].password.startswith("$argon2id$v=19$m=65536,t=3,")
    assert sign_in(eve).status_code == 302


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"Olga": 3}', '{"Olga": "plain words"}', '{"Olga": {"pass": ""}}']
)
def test_a_damaged_file_lets_nobody_in_and_says_so(workspace, text):
    workspace.folders.organisers.write_text(text)
    with pytest.raises(StudyError, match="is damaged"):
        organisers.sign_in(workspace.folders, "Olga", PASSWORD, "", now=NOW)


def test_the_command_makes_lists_and_removes_accounts(folder, workspace, olga, eve):
    def run(*options, said=None):
        return CliRunner().invoke(main, ["organiser", str(folder), *options], input=said)

    made = run("--set-password", "Olga", "--no-second-factor", said=f"{PASSWORD}\n")
    assert (made.exit_code, made.stdout) == (0, "")
    assert run().stdout == "Olga\n"
    assert olga.get("/console").status_code == 401
    assert sign_in(eve).status_code == 302
    assert run("--remove", "Olga").exit_code == 0
    assert eve.get("/console").status_code == 401
    assert "accounts: none" in run("--remove", "Olga").output
    assert "12 to 256" in run("--set-password", "Olga", said="short\n").output
    assert "give only one of" in run("--set-password", "Olga", "--remove", "Olga").output
    assert "works only together with --set-password" in run("--no-second-factor").output
