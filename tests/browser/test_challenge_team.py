"""A team in Chromium: registers, is let in, grows, hands in over a line that is cut, chooses, compares."""

import functools
import os
import re
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from benchmarks.uploading import Line
from studyapp.sample.serving import serving
from studyapp.services.uploads.receiving import LARGEST_SUBMISSION
from tests.accounts import PASSWORD
from tests.browser.chromium import needs_chromium
from tests.browser.test_accessible import AXE, IN_CI
from tests.browser.test_organiser_pages import CUT_OFF
from tests.browser.test_signing_in import violations
from tests.services.challenge_site import challenge_site
from tests.services.handed_in import PHASE, TRACK, good, png, sixteen_bit, write_large, write_track, zipped

pytestmark = [
    needs_chromium,
    pytest.mark.browser,
    pytest.mark.slow,  # organiser and factsheet are walked in the short form
    pytest.mark.skipif(not AXE.exists() and not IN_CI, reason="axe-core is missing: npm ci --ignore-scripts"),
]
DESK, TABLET = ViewportSize(width=1440, height=900), ViewportSize(width=820, height=1180)
TIMES = "opens: 2026-01-01T00:00:00Z, closes: 2100-01-01T00:00:00Z"
CHALLENGE = f"""\
title: Night
challenge:
  title: Photographs at night
  description: |
    Restore photographs.

    # Rules
    - One account for each person.
  tracks:
    {TRACK}: {{phases: {{{PHASE}: {{title: Feedback, {TIMES}, counts: chosen}}}}}}
    details: {{phases: {{}}}}
"""
HAND_IN = f"/challenge/tracks/{TRACK}/{PHASE}/submissions"


@functools.cache
def files() -> dict[str, bytes]:
    """A good submission."""
    return good(1)


def packed(name: str, data: bytes | None) -> bytes:
    """A good zip, but for one file; None leaves it out."""
    return zipped({key: found for key, found in (files() | {name: data}).items() if found is not None})


def only(change) -> bytes:
    """A good zip whose files have other names."""
    return zipped({change(name): data for name, data in files().items()})


def wrong() -> dict[str, tuple[bytes, str]]:
    """What teams get wrong, and what the page says of it before a byte travels."""
    return {
        "names.zip": (only(lambda name: f"0{name}" if name[0] == "1" else name), "did you mean 101.png?"),
        "others.zip": (only(lambda name: f"x{name}" if name[0] == "1" else name), "has none of the 3 images"),
        "missing.zip": (packed("102.png", None), "102.png: missing"),
        "folder.zip": (only(lambda name: f"results/{name}"), "results/: a folder with files: 3"),
        "size.zip": (packed("102.png", png(1, (24, 48))), "102.png: 24×48 pixels, but it must have 48×48"),
        "jpeg.zip": (packed("102.png", png(1, format="jpeg")), "102.png: not a PNG"),
        "readme.zip": (packed("readme.txt", None), "readme.txt: missing"),
        "lines.zip": (
            packed("readme.txt", b"runtime: fast\n"),
            "readme.txt:1: 'fast' is no number of seconds",
        ),
        "nested.zip": (packed("more.zip", b"PK"), "more.zip: an archive in the zip"),
        "bomb.zip": (packed("102.png", bytes(65 << 20)), "102.png: unpacks to 68,157,440 bytes"),
        "rar.zip": (b"Rar!\x1a\x07\x00" + bytes(500), "rar.zip: not a zip, or cut off"),
        "half.zip": (zipped(files())[:5000], "half.zip: not a zip, or cut off"),
    }


@pytest.fixture
def served(tmp_path, monkeypatch) -> Iterator[tuple[str, str, Line]]:
    """A challenge's address over a line that may be cut, and the organiser's link."""
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    with challenge_site(tmp_path, CHALLENGE) as site:
        write_track(site)
    with serving(tmp_path, workers=1) as server:
        port = int(server.url.rpartition(":")[2])
        with closing(Line(port, [300_000, 1_000_000])) as line:
            url = f"http://127.0.0.1:{line.port}"
            yield url, server.organiser.replace(server.url, url), line


def check(page: Page) -> None:
    """Look at the page as it is on a desk and on a tablet."""
    assert violations(page) == []
    for size in (TABLET, DESK):
        page.set_viewport_size(size)
        assert page.evaluate(CUT_OFF) == []


def account(page: Page, name: str) -> None:
    page.get_by_label("Your name").fill(name)
    page.get_by_label("E-mail").fill(f"{name.casefold()}@example.org")
    for label in ("Password, 12 to 256 characters", "Password again"):
        page.get_by_label(label).fill(PASSWORD)


def choose_file(page: Page, name: str, data: bytes) -> None:
    page.locator("#zip").set_input_files({"name": name, "mimeType": "application/zip", "buffer": data})


def test_a_team_from_registering_to_the_submission_that_counts(served, shared_browsers, tmp_path):
    url, link, line = served
    with (
        shared_browsers.desk().new_context(viewport=DESK) as desk,
        shared_browsers.desk().new_context(viewport=DESK) as other,
        shared_browsers.desk().new_context(viewport=DESK) as third,
    ):
        ada, bo, organiser = desk.new_page(), other.new_page(), third.new_page()
        for page in (ada, bo, organiser):
            page.add_init_script(path=str(AXE))
        desk.grant_permissions(["clipboard-read", "clipboard-write"], origin=url)

        # Ada registers a team, and waits.
        ada.goto(f"{url}/challenge")
        check(ada)
        ada.get_by_role("link", name="Register a team").click()
        check(ada)
        ada.get_by_label("Team name").fill("Owls")
        ada.get_by_label("Spring study").check()
        account(ada, "Ada")
        ada.get_by_role("button", name="Register the team").click()
        expect(ada.get_by_text("have not let your team in yet")).to_be_visible()
        organiser.goto(link)
        organiser.goto(f"{url}/challenge/registrations")
        check(organiser)
        organiser.get_by_role("button", name="Approve").click()
        expect(organiser.get_by_text("approved", exact=True)).to_be_visible()

        # Bo joins by her link.
        ada.goto(f"{url}/challenge/team")
        ada.get_by_role("button", name="Make a new link to join").click()
        ada.get_by_role("button", name="Copy").click()
        expect(ada.get_by_text("Copied.")).to_be_visible()
        check(ada)
        join = ada.evaluate("navigator.clipboard.readText()")
        assert re.fullmatch(rf"{url}/challenge/join/[\w-]+", join)
        bo.goto(join)
        check(bo)
        account(bo, "Bo")
        bo.get_by_role("button", name="Join the team").click()
        expect(bo.get_by_text("Bo (you)")).to_be_visible()

        # What is wrong with a zip is named before a byte of it travels.
        bo.goto(f"{url}/challenge/tracks/{TRACK}")
        check(bo)
        bo.get_by_role("link", name="Hand in results").click()
        sent: list[str] = []
        bo.on("request", lambda request: sent.append(request.url) if "/uploads" in request.url else None)
        for name, (data, said) in wrong().items():
            choose_file(bo, name, data)
            expect(bo.locator("#found .error"), name).to_contain_text(said)
            expect(bo.locator("#send"), name).to_be_disabled()
        check(bo)
        with open(tmp_path / "large.zip", "wb") as file:
            file.truncate(LARGEST_SUBMISSION + 1)
        bo.locator("#zip").set_input_files(tmp_path / "large.zip")
        expect(bo.locator("#found .error")).to_contain_text("larger than the 34,359,738,368 bytes")
        choose_file(bo, "sixteen.zip", packed("102.png", sixteen_bit()))
        expect(bo.locator("#found .warning")).to_contain_text("102.png: 16 bit")
        # One of 5 GB, whose directory is in the form for large files, is read without reading all of it.
        bo.locator("#zip").set_input_files(write_large(tmp_path / "all.zip", files(), 5 << 30))
        expect(bo.locator("#found .good")).to_be_visible()
        assert sent == []

        # Over a line that is cut twice, what a Mac adds included, it arrives once and is scored.
        data = packed("__MACOSX/._101.png", os.urandom(2_000_000))
        choose_file(bo, "good.zip", data)
        expect(bo.locator("#found .good")).to_be_visible()
        bo.get_by_role("button", name="Upload").click()
        bo.wait_for_url("**/challenge/submissions/1", timeout=60_000)
        assert line.cut >= 2
        # Meanwhile Ada has the list open, which is new when the score is there; what she chose stays.
        ada.goto(url + HAND_IN)
        choose_file(ada, "second.zip", zipped(good(2)))
        expect(bo.get_by_text("done", exact=True)).to_be_visible(timeout=60_000)
        expect(ada.get_by_role("row", name="good.zip").get_by_text("counts")).to_be_visible(timeout=60_000)
        check(bo)
        bo.get_by_role("link", name="Compare 101 with the input").click()
        bo.locator("#where").fill("20")
        check(bo)

        # Ada hands in another one, and chooses.
        stuck = re.compile(r"/uploads/[^/]+$")
        ada.route(stuck, lambda route: None if route.request.method == "PATCH" else route.continue_())
        ada.get_by_role("button", name="Upload").click()
        ada.get_by_role("button", name="Stop").click()
        expect(ada.locator("#words")).to_contain_text("press Upload again and it continues")
        expect(ada.get_by_role("button", name="Stop")).to_be_hidden()
        ada.unroute(stuck)
        ada.get_by_role("button", name="Upload").click()
        ada.wait_for_url("**/challenge/submissions/2", timeout=60_000)
        expect(ada.get_by_text("done", exact=True)).to_be_visible(timeout=60_000)
        ada.get_by_role("link", name="All submissions").click()
        expect(ada.locator("tbody tr")).to_have_count(2)
        expect(ada.get_by_text("counts", exact=True)).to_have_count(1)
        for number in (1, 2):
            ada.get_by_role("button", name=f"Choose number {number}").click()
        expect(ada.get_by_role("row", name="second.zip").get_by_text("chosen")).to_be_visible()
        check(ada)

        # Withdrawn, it leaves the other.
        ada.get_by_role("link", name="second.zip").click()
        ada.get_by_text("Withdraw…").click()
        ada.get_by_role("button", name="Withdraw this submission").click()
        expect(ada.get_by_role("row", name="good.zip").get_by_text("chosen")).to_be_visible()
        ada.goto(f"{url}/challenge/tokens")
        check(ada)

        # Signed out in another tab, the page says so and what to do.
        choose = bo.context.new_page()
        bo.goto(url + HAND_IN)
        choose_file(bo, "third.zip", zipped(good(3)))
        expect(bo.locator("#send")).to_be_enabled()
        choose.goto(f"{url}/challenge")
        choose.get_by_role("button", name="Log out on this device").click()
        bo.get_by_role("button", name="Upload").click()
        expect(bo.locator("#words")).to_contain_text("You are signed out. Sign in again")
