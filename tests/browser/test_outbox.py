"""Answers outlive the browser: offline, picks, SIGKILL, the same profile again, online: each saved once."""

import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Error, expect
from sqlmodel import select

from studyapp.db.tables import BallotEvent, Trial
from studyapp.sample.serving import serving
from studyapp.services.ground.workspace import Workspace, open_workspace
from studyapp.services.people import invitations
from tests.browser.chromium import EXECUTABLE, FLAGS, browsers, needs_chromium, wait_complete
from tests.conftest import CAST, NOW

pytestmark = [needs_chromium, pytest.mark.browser]

STORED = """async () => {
  const database = await new Promise((done, failed) => {
    const opening = indexedDB.open('studyapp');
    opening.onsuccess = () => done(opening.result);
    opening.onerror = () => failed(opening.error);
  });
  const values = await new Promise((done) => {
    const all = database.transaction('answers').objectStore('answers').getAll();
    all.onsuccess = () => done(all.result);
  });
  database.close();
  const records = values.map((value) => JSON.parse(value));
  return records.map(({ flying, waiting }) => (waiting ?? flying.body).picks);
}"""


@pytest.fixture
def study(tiled_study, tmp_path, monkeypatch) -> Workspace:
    """A tiled study."""
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    return open_workspace(tiled_study(tmp_path / "study", size=(320, 240)))


@contextmanager
def browser_with(profile: Path) -> Iterator[BrowserContext]:
    """A Chromium on a profile that stays; it may be killed inside."""
    with browsers() as running:
        context = running.playwright.chromium.launch_persistent_context(
            str(profile), executable_path=str(EXECUTABLE), args=FLAGS, viewport={"width": 1280, "height": 800}
        )
        try:
            yield context
        finally:
            with suppress(Error):  # it was killed
                context.close()


def kill_browser(profile: Path) -> None:
    """Kill every process of the Chromium that runs on this profile."""
    victims = [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if _runs_on(pid, profile)]
    assert victims
    for pid in victims:
        with suppress(ProcessLookupError):  # it ended with another
            os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while any(_runs_on(pid, profile) for pid in victims) and time.monotonic() < deadline:
        time.sleep(0.05)
    for name in ("SingletonLock", "SingletonSocket", "SingletonCookie"):
        (profile / name).unlink(missing_ok=True)


def test_answers_outlive_a_killed_browser(study, tmp_path):
    """Nothing but the disk is left of the first browser, seconds after the picks were made."""
    with study.database.writing() as session:
        token = invitations.invite_judges(session, study.key, CAST, now=NOW)[0].token
    profile = tmp_path / "profile"
    with serving(study.folders.root) as server:
        with browser_with(profile) as context:
            page = context.pages[0]
            page.goto(f"{server.url}/j/{token}")
            trial = page.evaluate("async () => (await (await fetch('/api/trials')).json()).trials[0].trial")
            address = f"{server.url}/judge/trial/{trial}"
            page.goto(address)
            wait_complete(page)
            context.set_offline(True)
            for key in ("Digit2", "Digit4", "Digit1"):
                page.keyboard.press(key)
            expect(page.locator("#save")).to_have_text("Not saved")
            expect(page.locator("#banner")).to_contain_text("kept in this browser")
            assert page.evaluate(STORED) == [[2, 4, 1]]
            kill_browser(profile)
        with browser_with(profile) as context:
            page = context.pages[0]
            # The cookie may have died with the browser; the personal link opens the same study.
            page.goto(f"{server.url}/j/{token}")
            page.goto(address)
            expect(page.locator("#save")).to_have_text("Saved")
            expect(page.locator("#podium")).to_have_text(re.compile(r"1st 2\s*2nd 4\s*3rd 1"))
            assert page.evaluate(STORED) == []
            page.reload()
            expect(page.locator("#podium")).to_have_text(re.compile(r"1st 2\s*2nd 4\s*3rd 1"))
    with study.database.reading() as session:
        query = select(BallotEvent).join(Trial).where(Trial.public_id == trial)
        bodies = [event.body for event in session.exec(query.order_by(BallotEvent.revision))]
    assert '"picks":[2,4,1]' in bodies[-1]
    # The first pick was in flight; the other two waited behind it and went as one.
    assert len(bodies) == 2


def _runs_on(pid: int, profile: Path) -> bool:
    try:
        return str(profile).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
