"""An organiser's way from zips to images that are ready for judges, by the console's pages, step by step."""

from collections.abc import Callable, Sequence
from pathlib import Path

from playwright.sync_api import Page, expect

Work = Callable[[], object]
"""Does the jobs that wait; with a server that brings a worker, nothing."""


def upload(page: Page, url: str, files: Sequence[Path]) -> None:
    """Choose files on the page of images, and wait until all have arrived."""
    page.goto(f"{url}/console/images")
    page.locator("#choose-files").set_input_files([str(path) for path in files])
    expect(page.get_by_role("heading", name="Handed in")).to_be_visible(timeout=60_000)
    expect(page.locator(".sending-line")).to_have_count(0, timeout=60_000)
    for path in files:
        expect(page.locator("#handed-in")).to_contain_text(path.name)


def take_apart(page: Page, button: str) -> None:
    """Take the zips out of a zip."""
    page.get_by_role("button", name=button).click()
    expect(page.locator("#handed-in")).to_contain_text("taken apart")


def bring_in(page: Page, button: str, work: Work) -> None:
    """Copy what is proposed into the study."""
    page.get_by_role("button", name=button).click()
    finish(page, "#import", work)


def check(page: Page, work: Work) -> None:
    """Check every image."""
    page.get_by_role("button", name="Check all images").click()
    finish(page, "#check", work)


def put_right(page: Page, summary: str, work: Work) -> None:
    """Apply a remedy of the check, after reading what it does."""
    opener = page.locator("summary", has_text=summary).first
    opener.click()
    opener.locator("xpath=..").get_by_role("button", name="Do it").click()
    finish(page, "#check", work)


def prepare(page: Page, work: Work) -> None:
    """Tile the images."""
    page.get_by_role("button", name="Prepare the images").click()
    finish(page, "#tile", work)
    expect(page.get_by_role("link", name="Continue with the judges")).to_be_visible()


def finish(page: Page, section: str, work: Work) -> None:
    """Wait until the section's job is done, and the page has loaded itself again to show what came of it."""
    work()
    expect(page.locator(section)).to_have_attribute("data-job", "done", timeout=60_000)
