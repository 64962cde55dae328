"""What was looked at after the last pick reaches the server: on going on, on leaving, and after an outage."""

import json

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import col, select

from studyapp.db.tables import BallotEvent, LaterLooking, Trial
from studyapp.sample.serving import Running
from studyapp.services.ground.workspace import Workspace
from tests.browser.chromium import chromium, needs_chromium, wait_complete
from tests.browser.conftest import Served

pytestmark = [needs_chromium, pytest.mark.browser]


@pytest.fixture
def served(served_study) -> Served:
    """An open study that is served, and Jude's token."""
    return served_study(size=(900, 700))


def first_trial(page: Page, server: Running, token: str) -> str:
    page.goto(f"{server.url}/j/{token}")
    trial = page.evaluate("async () => (await (await fetch('/api/trials')).json()).trials[0].trial")
    page.goto(f"{server.url}/judge/trial/{trial}")
    wait_complete(page)
    return trial


def look_on(page: Page) -> None:
    """Pick, see it saved, then look at a part at 1:1 for a while."""
    for key in ("Digit2", "Digit4", "Digit1"):
        page.keyboard.press(key)
    expect(page.locator("#save")).to_have_text("Saved")
    page.keyboard.press("o")
    wait_complete(page)
    page.wait_for_timeout(1500)


def later(workspace: Workspace, page: Page, count: int) -> list[dict]:
    """Reports that no ballot carried, once there are so many."""
    bodies = []
    for _ in range(50):
        with workspace.database.reading() as session:
            bodies = session.exec(select(LaterLooking.body).order_by(col(LaterLooking.id))).all()
        if len(bodies) >= count:
            break
        page.wait_for_timeout(100)
    return [json.loads(body) for body in bodies]


def revisions(workspace: Workspace, trial: str) -> list[dict]:
    with workspace.database.reading() as session:
        query = select(BallotEvent.body).join(Trial).where(Trial.public_id == trial)
        return [json.loads(body) for body in session.exec(query.order_by(col(BallotEvent.revision)))]


def test_going_on_and_closing_the_page_send_it_and_make_no_ballot(served):
    workspace, server, token = served
    with chromium() as page:
        trial = first_trial(page, server, token)
        look_on(page)
        before = revisions(workspace, trial)
        page.keyboard.press("n")
        expect(page.locator("#progress")).to_have_text("Image 2 of 3")
        (report,) = later(workspace, page, 1)
        assert report["path"][-1][3] == 1
        assert sum(report["map"]["cells"]) / 1000 == pytest.approx(report["seconds"], abs=0.3)
        wait_complete(page)
        page.wait_for_timeout(1300)
        page.goto("about:blank")  # without a pick
        assert len(later(workspace, page, 2)) == 2
        assert revisions(workspace, trial) == before


def test_an_outage_costs_nothing_but_time(served):
    workspace, server, token = served
    with chromium() as page:
        first_trial(page, server, token)
        look_on(page)
        page.context.set_offline(True)
        page.evaluate("dispatchEvent(new Event('pagehide'))")
        page.wait_for_timeout(200)
        assert later(workspace, page, 0) == []
        expect(page.locator("#banner")).to_be_hidden()
        expect(page.locator("#save")).to_have_text("Saved")
        kept = page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('studyapp.looking.'))")
        assert len(kept) == 1
        page.context.set_offline(False)
        assert len(later(workspace, page, 1)) == 1
        page.wait_for_timeout(200)
        assert page.evaluate("localStorage.length") == 0
