"""An organiser in Chromium: rehearse, invite from a list, set a deadline, open, watch a judge at work."""

import csv
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from studyapp.sample.serving import serving
from studyapp.services.ground.workspace import open_workspace
from tests.browser.chromium import needs_chromium
from tests.browser.test_accessible import AXE, IN_CI
from tests.browser.test_organiser_pages import CUT_OFF
from tests.browser.test_signing_in import violations
from tests.services.voting import cast

pytestmark = [
    needs_chromium,
    pytest.mark.browser,
    pytest.mark.skipif(not AXE.exists() and not IN_CI, reason="axe-core is missing: npm ci --ignore-scripts"),
]
DESK, TABLET = {"width": 1440, "height": 900}, {"width": 1024, "height": 768}


@pytest.fixture
def organiser(tiled_study, tmp_path, shared_browsers, monkeypatch) -> Iterator[tuple[Page, str]]:
    """The organiser of a draft whose images are there, signed in."""
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    root = tiled_study(tmp_path / "study")
    with serving(root, draft=True) as server, shared_browsers.desk().new_context(viewport=DESK) as context:
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.url)
        page = context.new_page()
        page.add_init_script(path=str(AXE))
        page.goto(server.organiser)
        yield page, server.url


def check(page: Page) -> None:
    """Look at the page as it is on a desk and on a tablet."""
    assert violations(page) == []
    for size in (TABLET, DESK):
        page.set_viewport_size(size)
        assert page.evaluate(CUT_OFF) == []


def test_from_a_rehearsal_to_a_judge_at_work(organiser, tmp_path):
    page, url = organiser
    # The overview leads on: rehearse first.
    check(page)
    page.get_by_role("link", name="Rehearse as a test judge").click()
    page.get_by_role("button", name="See the study as a judge").click()
    expect(page.get_by_role("link", name="Open as a judge")).to_be_visible()
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    assert re.fullmatch(rf"{url}/j/[\w-]+", page.evaluate("navigator.clipboard.readText()"))
    page.get_by_text("Start over…").click()
    check(page)
    page.get_by_label("Clear what test judges did.").check()
    page.get_by_role("button", name="Clear the rehearsal").click()
    expect(page.get_by_text("The rehearsal is cleared.")).to_be_visible()

    # A list whose letters are not what they seem, then right.
    path = tmp_path / "people.csv"
    lines = ["Имя;Name;E-mail;COI", ";Елена;elena@example.org;team02", ";Jude;jude@example.org;"]
    path.write_bytes("\n".join(lines).encode("cp1251"))
    page.goto(f"{url}/console/judges")
    page.get_by_role("link", name="Invite judges").first.click()
    check(page)
    page.get_by_label("File").set_input_files(path)
    page.get_by_role("button", name="Read the list").click()
    expect(page.get_by_role("cell", name="Елена")).to_have_count(0)
    page.get_by_label("Letters").select_option("cp1251")
    page.get_by_role("button", name="Read again").click()
    expect(page.get_by_role("cell", name="Елена")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Invite 2 judges").click()
    expect(page.get_by_role("heading", name="Personal links")).to_be_visible()
    check(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV").click()
    with open(download.value.path(), encoding="utf-8") as file:
        links = {row["email"]: row["link"] for row in csv.DictReader(file)}
    with page.context.expect_page() as sheet:
        page.get_by_role("button", name="Sheet to print").click()
    expect(sheet.value.get_by_text(links["jude@example.org"])).to_be_visible()
    sheet.value.close()

    # A deadline, shown in the judge's own zone.
    page.goto(f"{url}/console/judges")
    page.get_by_text("Set a deadline").click()
    page.get_by_label("Day").fill("2031-05-31")
    page.get_by_label("Time", exact=True).fill("18:00")
    page.get_by_label("Time zone").fill("Asia/Shanghai")
    page.get_by_role("button", name="Save deadline").click()
    expect(page.get_by_text("2031-05-31 18:00 (Asia/Shanghai)")).to_be_visible()
    check(page)
    page.get_by_role("link", name="Елена").click()
    page.get_by_label("Revoke the link of Елена").click()
    expect(page.get_by_text("The link stops working at once")).to_be_visible()
    check(page)
    page.goto(f"{url}/console/mail/reminder")
    check(page)

    # Open, and watch: the live page follows without being reloaded.
    page.goto(f"{url}/console")
    page.locator("summary", has_text="Open the study").click()
    page.get_by_role("button", name="Open the study").click()
    page.goto(f"{url}/console/live")
    expect(page.locator("#live .figures")).to_contain_text("of 6")
    workspace = open_workspace(tmp_path / "study")
    cast(workspace, "Jude", 1, 1, 2, 3)
    workspace.database.close()
    expect(page.get_by_role("img", name="1 done, 0 begun, 2 open")).to_be_visible(timeout=60_000)
    check(page)
    with page.context.browser.new_context(timezone_id="America/New_York") as context:
        judge = context.new_page()
        judge.goto(links["jude@example.org"])
        expect(judge.locator("time[data-local]")).to_contain_text("06:00")
