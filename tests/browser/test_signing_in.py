"""An organiser in a real Chromium: signing in with a code, changing the password, ending sessions."""

import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, Page, expect
from pyotp import TOTP

from studyapp.sample.serving import Running, serving
from studyapp.services.ground.site import open_site
from studyapp.services.ground.workspace import open_workspace
from studyapp.services.people import invitations
from studyapp.services.people.second_factors import Enrolment, new_second_factor
from tests.accounts import make_account
from tests.browser.chromium import needs_chromium, wait_complete
from tests.browser.test_accessible import AXE, IN_CI, RULES
from tests.conftest import CAST, NOW

pytestmark = [
    needs_chromium,
    pytest.mark.browser,
    pytest.mark.skipif(not AXE.exists() and not IN_CI, reason="axe-core is missing: npm ci --ignore-scripts"),
]
PASSWORD, NEW = "seven quiet herons wade", "five loud geese march"


@pytest.fixture
def chromium(shared_browsers) -> Iterator[Browser]:
    browser = shared_browsers.desk()
    yield browser
    for context in browser.contexts:  # one that a failed test left
        context.close()


@pytest.fixture
def study(folder, monkeypatch):
    """Return a study with a judge's link and an organiser who has a second factor."""
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    workspace = open_workspace(folder)
    with workspace.database.writing() as session:
        jude, _ = invitations.invite_judges(session, workspace.key, CAST, now=NOW)
    factor, enrolment = new_second_factor("Olga", "studyapp")
    with closing(open_site(folder)) as site:
        make_account(site, factor=factor)
    workspace.database.close()
    with serving(folder) as server:
        yield server, enrolment, jude.token


def open_page(browser: Browser, url: str) -> Page:
    """A fresh profile with one page, and axe in it before the content security policy applies."""
    page = browser.new_context(viewport={"width": 1200, "height": 800}).new_page()
    page.add_init_script(path=str(AXE))
    page.goto(url)
    return page


def violations(page: Page) -> list[str]:
    page.wait_for_load_state()  # with its styles, without which everything is small and close
    found = page.evaluate("(tags) => axe.run(document, { runOnly: tags })", RULES)
    return [f"{rule['id']}: {node['html'][:140]}" for rule in found["violations"] for node in rule["nodes"]]


def codes(enrolment: Enrolment) -> tuple[str, str]:
    """The code of now and the next one: both work for a while yet, however slow what comes is."""
    now = int(time.time())
    first, second = (TOTP(enrolment.secret).at(now, counter_offset=steps) for steps in (0, 1))
    return first, second


def sign_in(
    browser: Browser, server: Running, password: str, given: str, *, page: Page | None = None
) -> Page:
    """Sign in on a page that is there, or in a fresh profile."""
    if page:
        page.goto(f"{server.url}/sign-in")
    else:
        page = open_page(browser, f"{server.url}/sign-in")
    page.get_by_label("Name").fill("Olga")
    page.get_by_label("Password").fill(password)
    page.get_by_label("Code").fill(given)
    page.get_by_role("button", name="Sign in").click()
    return page


def test_an_organiser_signs_in_changes_the_password_and_ends_sessions(study, chromium):
    server, enrolment, token = study
    refused = sign_in(chromium, server, PASSWORD, "12345")
    expect(refused.get_by_role("alert")).to_have_text("Wrong name, password or code.")
    assert violations(refused) == []

    first, second = codes(enrolment)
    page = sign_in(chromium, server, PASSWORD, first, page=refused)
    expect(page.get_by_role("heading", name="Spring study")).to_be_visible()
    expect(page.get_by_role("button", name="Log out")).to_be_in_viewport()
    other = sign_in(chromium, server, PASSWORD, enrolment.recovery[0])
    judge = open_page(chromium, f"{server.url}/j/{token}")

    page.get_by_role("link", name="Your sessions").click()
    expect(page.get_by_text("7 recovery codes are left")).to_be_visible()
    assert violations(page) == []
    page.get_by_label("Old password").fill(PASSWORD)
    page.get_by_label("New password, ").fill(NEW)
    page.get_by_label("New password again").fill(NEW)
    page.get_by_label("Code").fill(second)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("status")).to_contain_text("Password changed")
    other.reload()
    expect(other.get_by_role("heading")).to_contain_text("You are not signed in")

    page.get_by_role("button", name="End the session of Jude").click()
    expect(page.get_by_role("status")).to_contain_text("Session ended")
    judge.reload()
    expect(judge.get_by_role("heading")).to_contain_text("You are not logged in")
    judge.goto(f"{server.url}/j/{token}")
    judge.get_by_role("link", name="Your sessions").click()
    expect(judge.get_by_role("heading", name="Your sessions")).to_be_visible()
    assert violations(judge) == []
    judge.get_by_role("button", name="Log out").click()
    expect(judge.get_by_role("heading", name="Image study")).to_be_visible()

    again = sign_in(chromium, server, NEW, enrolment.recovery[1], page=other)
    expect(again.get_by_role("heading").first).to_have_text("Spring study")


def test_a_judge_logs_out_from_the_judging_page(study, chromium):
    server, _, token = study
    page = open_page(chromium, f"{server.url}/j/{token}")
    page.get_by_role("link", name="Practice image").click()
    wait_complete(page)
    page.get_by_role("button", name="Show all keys").click()
    page.get_by_role("button", name="Log out on this device").click()
    expect(page.get_by_role("heading", name="Image study")).to_be_visible()
    page.goto(f"{server.url}/judge")
    expect(page.get_by_role("heading")).to_contain_text("You are not logged in")
