"""Organisers' passwords, and how often somebody may try."""

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner

from studyapp.cli import main
from studyapp.errors import StudyError
from studyapp.services.people import accounts, signing_in
from studyapp.services.people.passwords import check_password
from tests.accounts import PASSWORD, make_account
from tests.conftest import NOW
from tests.sqlite_alone import database_url  # noqa: F401


def kept(site, name="Olga"):
    """Return the row of an account."""
    with site.database.reading() as session:
        return accounts.find(session, name)


def sign_in(person, name="Olga", password=PASSWORD, code=""):
    person.get("/sign-in")
    return person.post("/sign-in", name=name, password=password, code=code)


def test_an_organiser_signs_in(eve, account):
    answer = sign_in(eve)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/?entered=organiser")
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
def test_a_weak_password_is_refused(site, password, why):
    with pytest.raises(StudyError, match=why):
        signing_in.set_password(site.database, "Olgaorganiser", password, title=site.title, now=NOW)
    assert kept(site, "Olgaorganiser") is None


@pytest.mark.parametrize(
    "password",
    ["123qweasdzxc", "1q2w3e4r5t6y", "qwertyuiopasdf", "passwordpassword", "123456789987654321",
     "correcthorsebatterystaple", "administrator", "qwertyuiop123", "chickenwing101", "iloveyouforever"],
)  # fmt: skip
def test_the_list_holds_common_passwords_of_every_length(password):
    with pytest.raises(StudyError, match="leaked passwords"):
        check_password(password, "Olga")


def test_passwords_are_kept_as_argon2_hashes_for_the_owners_eyes(site, account):
    path = site.folders.site_database
    assert path.parent.stat().st_mode & 0o077 == 0
    assert kept(site).password.startswith("$argon2id$")
    site.close()
    assert PASSWORD.encode() not in path.read_bytes()


def test_who_is_removed_or_disabled_signs_in_no_more(site, account):
    make_account(site, "Oscar")
    with site.database.writing() as session:
        accounts.remove(session, accounts.named(session, "Olga"))
        accounts.disable(session, accounts.named(session, "Oscar"), now=NOW)
    for name in ("Olga", "Oscar"):
        assert signing_in.sign_in(site.database, name, PASSWORD, "", now=NOW) is None
    with site.database.writing() as session:
        accounts.enable(session, accounts.named(session, "Oscar"))
    assert signing_in.sign_in(site.database, "Oscar", PASSWORD, "", now=NOW)


def test_a_hash_with_weaker_parameters_is_made_anew_by_signing_in(site, eve, account, real_hashes):
    """Tom, who does not sign in, keeps his."""
    old = PasswordHasher(time_cost=1, memory_cost=8192).hash(PASSWORD)
    make_account(site, "Tom")
    with site.database.writing() as session:
        for name in ("Olga", "Tom"):
            row = accounts.named(session, name)
            row.password = old
            session.add(row)
    assert sign_in(eve).status_code == 302
    assert kept(site, "Tom").password == old
    assert kept(site).password.startswith("$argon2id$v=19$m=65536,t=3,")
    assert sign_in(eve).status_code == 302


def run(folder, *options, said=None):
    return CliRunner().invoke(main, ["account", str(folder), *options], input=said)


def test_the_command_makes_lists_and_removes_accounts(folder, site, olga, eve):
    made = run(folder, "--set-password", "Olga", "--no-second-factor", said=f"{PASSWORD}\n")
    assert (made.exit_code, made.stdout) == (0, "")
    assert run(folder).stdout == "Olga  active  owner  no second factor\n"
    assert olga.get("/console").status_code == 200, "who came by the printed link goes on"
    assert sign_in(eve).status_code == 302
    assert run(folder, "--set-password", "olga", "--no-second-factor", said=f"{PASSWORD}\n").exit_code == 0
    assert eve.get("/console").status_code == 401, "a new password ends the account's sessions"
    sign_in(eve)
    assert run(folder, "--remove", "Olga").exit_code == 0
    assert eve.get("/console").status_code == 401
    assert "accounts: none" in run(folder, "--remove", "Olga").output
    assert "12 to 256" in run(folder, "--set-password", "Olga", said="short\n").output


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--set-password", "Olga", "--remove", "Olga"), "one thing to do"),
        (("--events", "--remove", "Olga"), "one thing to do"),
        (("--no-second-factor",), "works only together with --set-password"),
        (("--email", "o@example.org"), "works only together with --invite"),
        (("--grant", "Olga"), "say which --role"),
        (("--remove", "Olga", "--role", "owner"), "--role works only"),
        (("--grant", "Olga", "--role", "owner", "--study", "x"), "--study works only"),
        (("--grant", "Olga", "--role", "analyst", "--study", "x"), "leave --study out"),
    ],
)
def test_the_command_refuses_what_makes_no_sense(folder, options, says):
    done = run(folder, *options)
    assert done.exit_code == 2
    assert says in done.output


def test_the_command_gives_and_takes_roles(folder, site, eve):
    run(folder, "--set-password", "Ana", "--no-second-factor", "--role", "analyst", said=f"{PASSWORD}\n")
    assert run(folder).stdout == "Ana  active  analyst  no second factor\n"
    sign_in(eve, "Ana")
    assert eve.get("/console/judges").status_code == 404
    run(folder, "--grant", "Ana", "--role", "organiser")
    assert eve.get("/console/judges").status_code == 200, "at once"
    run(folder, "--revoke", "Ana", "--role", "organiser")
    run(folder, "--revoke", "Ana", "--role", "analyst")
    assert eve.get("/console").status_code == 404
    run(folder, "--disable", "Ana")
    assert eve.get("/console").status_code == 401
    assert "Ana  disabled" in run(folder).stdout
