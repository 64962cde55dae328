"""An organiser's whole work in a browser: from an empty site to results, and again without a team.

The real server with its worker, tus-js-client and htmx; judges vote meanwhile. STUDYAPP_PICTURES=FOLDER keeps
each page as a picture, as a desk and a tablet show it (`make screenshots`).
"""

import os
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from studyapp.sample.serving import serving
from studyapp.services.ground.site import init_site
from studyapp.services.ground.workspace import open_workspace
from tests.browser import bringing_images as steps
from tests.browser.chromium import needs_chromium, wait_complete
from tests.browser.test_accessible import AXE, IN_CI
from tests.browser.test_bringing_images import handed_in
from tests.browser.test_organiser_pages import CUT_OFF
from tests.browser.test_signing_in import violations
from tests.services.voting import cast

pytestmark = [
    needs_chromium,
    pytest.mark.browser,
    pytest.mark.slow,  # its parts are walked one by one in the short form
    pytest.mark.skipif(not AXE.exists() and not IN_CI, reason="axe-core is missing: npm ci --ignore-scripts"),
]
DESK, TABLET = {"width": 1440, "height": 900}, {"width": 820, "height": 1180}
PICTURES = os.environ.get("STUDYAPP_PICTURES")


def by_itself() -> None:
    """Do nothing: the server's own worker does the jobs."""


# At the others axe-core looks in test_organiser_pages.py and test_console_judges_walk.py.
ONLY_HERE = ("site", "new-study", "images-proposed", "images-problems", "teams", "jobs", "disqualify")


def look(page: Page, name: str) -> None:
    """Look at a page as a desk and a tablet show it: nothing is cut off, and axe-core finds nothing."""
    page.wait_for_load_state("networkidle")
    expect(page.locator(".console-nav")).to_be_visible()
    assert name not in ONLY_HERE or violations(page) == [], name
    for kind, size in (("tablet", TABLET), ("desk", DESK)):
        page.set_viewport_size(size)
        assert page.evaluate(CUT_OFF) == [], name
        if PICTURES:
            path = f"{PICTURES}/{name}{'-tablet' if kind == 'tablet' else ''}.jpg"
            page.screenshot(path=path, type="jpeg", quality=80, full_page=kind == "tablet")


@contextmanager
def organiser(browser: Browser, link: str) -> Iterator[Page]:
    context = browser.new_context(viewport=DESK)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.add_init_script(path=str(AXE))
    page.goto(link)
    yield page
    assert errors == []
    context.close()


def confirmed(page: Page, summary: str, button: str) -> None:
    """Open what says what follows, and do it."""
    page.locator("summary", has_text=summary).click()
    page.get_by_role("button", name=button, exact=True).click()


def judged(browser: Browser, link: str) -> None:
    """Judge one image as people do: pick three by their numbers."""
    with browser.new_context(viewport=DESK) as context:
        page = context.new_page()
        page.goto(link)
        page.goto(f"{link.partition('/j/')[0]}/judge")
        page.locator("a[href*='/judge/trial/']").first.click()
        wait_complete(page)
        for key in ("Digit2", "Digit1", "Digit3"):
            page.keyboard.press(key)
        expect(page.locator("#save")).to_have_text("Saved")


def exported(page: Page, url: str, *, again: bool = False) -> None:
    page.goto(f"{url}/console/report")
    button = "Update tables and report" if again else "Create tables and report"
    page.get_by_role("button", name=button).click()
    expect(page.locator(".job")).to_be_visible()
    # The page comes again by itself, and its button with it.
    page.get_by_role("button", name="Update tables and report").wait_for(timeout=180_000)


def test_an_organisers_whole_way(tmp_path, shared_browsers, monkeypatch):
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    root = tmp_path / "site"
    init_site(root)
    browser = shared_browsers.desk()
    with serving(root, workers=1) as server, organiser(browser, server.organiser) as page:
        look(page, "site")
        page.get_by_role("link", name="New study").first.click()
        look(page, "new-study")
        page.get_by_label("Title").fill("Spring denoising")
        page.get_by_role("button", name="Create the study").click()
        url = f"{server.url}/s/spring-denoising"
        folder = root / "studies" / "spring-denoising"
        expect(page).to_have_url(f"{url}/console")
        look(page, "draft")

        # Inputs and three teams, as zips with mistakes.
        steps.upload(page, url, handed_in(tmp_path))
        steps.take_apart(page, "Take out its 1 zip")
        look(page, "images-proposed")
        steps.bring_in(page, "Copy 15 images into the study", by_itself)
        (folder / "teams" / "AlphaNet" / "002.png").rename(folder / "teams" / "AlphaNet" / "002_final.png")
        lacking = tmp_path / "made" / "teams" / "team03" / "003.png"
        lacking.rename(folder / "teams" / "Gamma" / "003.png")
        steps.check(page, by_itself)
        look(page, "images-problems")
        steps.put_right(page, "Rename 1 file by its pattern", by_itself)
        steps.prepare(page, by_itself)
        look(page, "images-ready")
        for name in ("teams", "rules", "jobs", "regions"):
            page.goto(f"{url}/console/{name}")
            look(page, name)

        # Rehearse, and start over.
        page.goto(f"{url}/console/rehearsal")
        page.get_by_role("button", name="See the study as a judge").click()
        rehearsing = page.get_by_role("link", name="Open as a judge").get_attribute("href") or ""
        page.get_by_role("button", name="Open for the rehearsal").click()
        judged(browser, rehearsing)
        page.goto(f"{url}/console/rehearsal")
        look(page, "rehearsal")
        page.locator("summary", has_text="Start over").click()
        page.get_by_label("Clear what test judges did.").check()
        page.get_by_role("button", name="Clear the rehearsal").click()
        expect(page.get_by_text("The rehearsal is cleared.")).to_be_visible()

        # Invite three, open, and watch them judge.
        people = tmp_path / "people.csv"
        people.write_text("name;e-mail\nJude;jude@example.org\nJune;june@example.org\nÉva;eva@example.org\n")
        page.goto(f"{url}/console/judges")
        page.get_by_role("link", name="Invite judges").first.click()
        look(page, "invite")
        page.get_by_label("File").set_input_files(people)
        page.get_by_role("button", name="Read the list").click()
        look(page, "list")
        page.get_by_role("button", name="Invite 3 judges").click()
        look(page, "links")
        links = re.findall(rf"{url}/j/[\w-]+", page.content())
        page.goto(f"{url}/console")
        confirmed(page, "Open the study", "Open the study")
        judged(browser, links[0])
        workspace = open_workspace(folder)
        with closing(workspace.database):
            for number, name in enumerate(("Jude", "June", "Éva")):
                for position in range(2 if name == "Jude" else 1, 5):
                    slots = [(number + position + offset) % 3 + 1 for offset in range(3)]
                    cast(workspace, name, position, *slots)
        page.goto(f"{url}/console/live")
        expect(page.locator("#live .figures")).to_contain_text("12")
        look(page, "live")
        page.goto(f"{url}/console/judges")
        look(page, "judges")

        # Pause, go on, close.
        page.goto(f"{url}/console")
        look(page, "open")
        confirmed(page, "Pause", "Pause")
        page.get_by_role("button", name="Resume").click()
        page.locator("summary", has_text="Close the study").click()
        page.get_by_label("Type close to confirm").fill("close")
        page.get_by_role("button", name="Close for good").click()
        look(page, "closed")

        # Results, and again after a disqualification: two teams are left to rank.
        page.goto(f"{url}/console/ranking")
        look(page, "ranking")
        exported(page, url)
        look(page, "report")
        first = (folder / "var" / "exports" / "ranking.csv").read_text("utf-8")
        page.goto(f"{url}/console/actions")
        page.locator("summary", has_text="Disqualify a team").click()
        card = page.locator("section", has=page.locator("h2", has_text="Disqualify a team"))
        expect(card).to_contain_text("Export the results again afterwards")
        card.get_by_label("Team").select_option("Gamma")
        card.get_by_label("Reason, one sentence").fill("trained on the test images")
        look(page, "disqualify")
        card.get_by_role("button", name="Disqualify", exact=True).click()
        exported(page, url, again=True)
        again = (folder / "var" / "exports" / "ranking.csv").read_text("utf-8")
        assert ("Gamma" in first, "Gamma" in again) == (True, False)
        report = page.frame_locator("iframe.report")
        expect(report.get_by_text("Before you read the results")).to_be_visible()
        expect(report.locator(".notes")).to_contain_text("Gamma is disqualified")
        for name in ("ballots", "proof", "reasons", "looking"):
            page.goto(f"{url}/console/{name}")
            look(page, name)
