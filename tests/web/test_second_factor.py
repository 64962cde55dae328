"""The second factor of organisers: who has it signs in with it, once with each code."""

import os
import pty
import re
import subprocess
import sys
import threading
import time

import pytest
from click.testing import CliRunner
from pyotp import TOTP

from studyapp.cli import main
from studyapp.services.people import signing_in
from studyapp.services.people.second_factors import SecondFactor, new_second_factor
from tests.accounts import PASSWORD, events_of, make_account
from tests.conftest import NOW
from tests.sqlite_alone import database_url  # noqa: F401
from tests.web.test_sign_in import kept, sign_in


@pytest.fixture
def enrolment(site):
    """Make Olga's account with a second factor; return what she was shown."""
    factor, shown = new_second_factor("Olga", "studyapp: Spring study")
    make_account(site, factor=factor)
    return shown


def factor_of(site) -> SecondFactor | None:
    return signing_in.second_factor_of(kept(site))


def code(enrolment, *, steps=0):
    return TOTP(enrolment.secret).at(int(time.time()), counter_offset=steps)


def test_the_password_alone_does_not_do(eve, enrolment):
    assert sign_in(eve).status_code == 401
    refused = sign_in(eve, code="000000" if code(enrolment) != "000000" else "000001")
    assert refused.status_code == 401
    assert "Wrong name, password or code." in refused.text
    assert sign_in(eve, code=code(enrolment)).status_code == 302
    assert eve.get("/console").status_code == 200


def test_the_code_alone_does_not_do_and_is_not_used_up(eve, enrolment):
    right = code(enrolment)
    assert sign_in(eve, password="not the password", code=right).status_code == 401
    assert sign_in(eve, code=right).status_code == 302


def test_a_code_works_once(browser, enrolment):
    right = code(enrolment, steps=1)
    assert sign_in(browser(), code=right).status_code == 302
    assert sign_in(browser(), code=right).status_code == 401
    # Nor does an earlier one, which somebody may have seen.
    assert sign_in(browser(), code=code(enrolment)).status_code == 401


def test_of_two_at_the_same_moment_one_gets_in(site, enrolment):
    right, moment = TOTP(enrolment.secret).at(NOW), NOW
    answers = []

    def attempt() -> None:
        answers.append(signing_in.sign_in(site.database, "Olga", PASSWORD, right, now=moment))

    people = [threading.Thread(target=attempt) for _ in range(4)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(answer is not None for answer in answers) == [False, False, False, True]


@pytest.mark.parametrize(("steps", "let_in"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_clocks_may_differ_by_one_step(site, enrolment, steps, let_in):
    given = TOTP(enrolment.secret).at(NOW, counter_offset=steps)
    assert (signing_in.sign_in(site.database, "Olga", PASSWORD, given, now=NOW) is not None) is let_in


def test_a_recovery_code_works_once_however_it_is_typed(browser, enrolment, site):
    first, second, *_ = enrolment.recovery
    assert sign_in(browser(), code=first.lower().replace("-", " ")).status_code == 302
    assert sign_in(browser(), code=first).status_code == 401
    assert sign_in(browser(), code=second).status_code == 302
    assert len(factor_of(site).recovery) == 6


def test_recovery_codes_are_kept_as_hashes_and_nothing_is_logged(eve, enrolment, site):
    sign_in(eve, code=code(enrolment))
    sign_in(eve, code=enrolment.recovery[0])
    log = repr(events_of(site))
    for text in (kept(site).second_factor.upper(), log.upper()):
        for secret in enrolment.recovery:
            assert secret.replace("-", "") not in text.replace("-", "")
    assert enrolment.secret not in log
    # 120 random bits each, so that a plain hash is enough.
    assert all(re.fullmatch(r"([A-Z2-7]{6}-){3}[A-Z2-7]{6}", secret) for secret in enrolment.recovery)
    assert len(set(enrolment.recovery)) == 8


def test_guessing_codes_is_stopped_as_guessing_passwords_is(browser, enrolment):
    for n in range(20):
        person = browser()
        person.client.environ_base["REMOTE_ADDR"] = f"192.0.2.{n}"
        assert sign_in(person, code=f"{n:06}").status_code == 401
    person = browser()
    person.client.environ_base["REMOTE_ADDR"] = "192.0.2.99"
    assert sign_in(person, code=code(enrolment)).status_code == 429


def run(folder, *options, said=""):
    return CliRunner().invoke(main, ["account", str(folder), *options], input=said)


def test_a_new_account_has_a_second_factor_unless_it_is_declined(folder, site, eve):
    made = run(folder, "--set-password", "Olga", said=f"{PASSWORD}\n")
    secret = re.search(r"authenticator app: ([A-Z2-7]{32})\n", made.stdout)[1]
    assert re.search(rf"otpauth://totp/studyapp%20Spring%20study:Olga\?secret={secret}&", made.stdout)
    assert len(re.findall(r"^  (?:[A-Z2-7]{6}-?){4}$", made.stdout, re.M)) == 8
    assert PASSWORD not in made.output
    assert sign_in(eve).status_code == 401
    assert sign_in(eve, code=TOTP(secret).now()).status_code == 302
    # A new password leaves it as it is, and declining takes it away.
    assert "authenticator" not in run(folder, "--set-password", "Olga", said=f"{PASSWORD} too\n").output
    assert factor_of(site).secret == secret
    run(folder, "--set-password", "Olga", "--no-second-factor", said=f"{PASSWORD}\n")
    assert factor_of(site) is None


def test_a_lost_app_is_replaced_on_the_machine(folder, enrolment, eve):
    sign_in(eve, code=code(enrolment))
    made = run(folder, "--second-factor", "Olga")
    assert made.exit_code == 0
    assert eve.get("/console").status_code == 401
    assert sign_in(eve, code=enrolment.recovery[0]).status_code == 401
    secret = re.search(r"authenticator app: ([A-Z2-7]{32})\n", made.stdout)[1]
    assert sign_in(eve, code=TOTP(secret).now()).status_code == 302
    assert "there is no account 'Tom'" in run(folder, "--second-factor", "Tom").output


def test_at_a_terminal_it_counts_only_when_a_code_shows_that_the_app_has_it(folder, site):
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "studyapp.cli", "account", str(folder), "--set-password", "Olga"]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        terminal = Terminal(ours)
        for question in ("Password: ", "Repeat for confirmation: "):
            terminal.until(question)
            terminal.type(PASSWORD)
        shown = terminal.until("by the app now: ")
        assert "▀" in shown, "the QR code"
        assert PASSWORD not in shown
        secret = re.search(r"authenticator app: ([A-Z2-7]{32})", shown)[1]
        terminal.type("12345")
        terminal.until("this code is wrong")
        assert kept(site) is None
        terminal.until("by the app now: ")
        terminal.type(TOTP(secret).now())
        terminal.until("sessions of this account have ended")
        assert process.wait(30) == 0
    os.close(ours)
    factor = factor_of(site)
    assert factor.secret == secret
    assert factor.used_step > 0, "the code that was typed is used up"


class Terminal:
    """Our end of a terminal at which a command runs."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.said = ""

    def until(self, words: str) -> str:
        """Read on until these words; return what was said up to them."""
        data = self.said.encode()
        while words.encode() not in data:
            data += os.read(self.descriptor, 4096)
        before, _, self.said = data.decode(errors="replace").partition(words)
        return before

    def type(self, line: str) -> None:
        os.write(self.descriptor, f"{line}\n".encode())
