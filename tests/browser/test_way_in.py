"""What the pages say beside the pictures: what a judge skipped, and how long the rest will take."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlmodel import col, select

from studyapp.db.tables import Judge, Trial
from studyapp.services.ground.workspace import Workspace
from tests.browser.chromium import chromium, needs_chromium, wait_complete
from tests.browser.conftest import Served
from tests.conftest import NOW
from tests.services.voting import picked, save_ballot

pytestmark = [needs_chromium, pytest.mark.browser]

SECONDS_EACH = (70, 3 * 3600, 80, 90)
"""Between the answers of one judge; the long one is a break."""


@pytest.fixture
def served(served_study) -> Served:
    """An open study of twelve small images that is served, and Jude's token."""
    return served_study(images=tuple(f"{number:03}" for number in range(1, 13)))


def trials(workspace: Workspace) -> list[str]:
    query = select(Trial.public_id).join(Judge).where(Judge.name == "Jude", Trial.kind == "main")
    with workspace.database.reading() as session:
        return list(session.exec(query.order_by(col(Trial.position))))


def judged(workspace: Workspace) -> list[str]:
    """Answer the first images, each as long after the one before as SECONDS_EACH says; return all trials."""
    order = trials(workspace)
    moment = NOW
    with workspace.database.writing() as session:
        jude = session.exec(select(Judge.id).where(Judge.name == "Jude")).one()
        assert jude is not None
        for trial, seconds in zip(order, (0, *SECONDS_EACH), strict=False):
            moment += timedelta(seconds=seconds)
            save_ballot(session, picked(jude, trial, f"{trial:0>16}"[:64], 0, (1, 2, 3), at=moment))
    return order


def test_what_was_skipped_is_said_once_and_hinders_nothing(served):
    workspace, server, token = served
    with chromium() as page:
        page.goto(f"{server.url}/j/{token}")
        page.goto(f"{server.url}/judge/trial/{trials(workspace)[0]}")
        wait_complete(page)
        note = page.locator("#skipped")
        expect(note).to_contain_text(
            "Not done yet: Read the guidelines · Check your screen · Try the practice image"
        )
        page.keyboard.press("Digit2")
        expect(page.locator("#save")).to_have_text("Saved")

        note.get_by_role("link", name="Read the guidelines").click()
        page.locator("form button.primary").click()
        page.wait_for_url("**/judge/screen")
        page.goto(f"{server.url}/judge/trial/{trials(workspace)[0]}")
        expect(note).to_contain_text("Not done yet: Check your screen · Try the practice image")
        note.get_by_role("button", name="Close this note").click()
        expect(note).to_be_hidden()
        page.reload()
        wait_complete(page)
        expect(note).to_be_hidden()


def test_the_time_that_is_left_follows_from_the_own_pace(served):
    workspace, server, token = served
    order = judged(workspace)
    with chromium() as page:
        page.goto(f"{server.url}/j/{token}")
        page.goto(f"{server.url}/judge")
        expect(page.locator("main")).to_contain_text("5 of 12 images answered. (about 10 min left)")
        page.goto(f"{server.url}/judge/trial/{order[5]}")
        wait_complete(page)
        expect(page.locator("#left")).to_have_text(" · about 10 min left")
        expect(page.locator("#answered")).to_have_text("5 done")
