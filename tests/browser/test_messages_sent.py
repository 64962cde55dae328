"""What the real page sends is taken by the real server, and a study that pauses says so."""

import json

from playwright.sync_api import expect
from sqlmodel import select

from studyapp.db.tables import ViewingConditions
from studyapp.services import lifecycle
from tests.browser.chromium import chromium, needs_chromium
from tests.browser.test_later_looking_sent import first_trial, served
from tests.conftest import NOW

__all__ = ["served"]  # the fixture
pytestmark = [needs_chromium]


def step(workspace, act) -> None:
    with workspace.database.writing() as session:
        act(session, now=NOW)


def reports(workspace, page, count: int) -> list[dict]:
    bodies = []
    for _ in range(200):
        with workspace.database.reading() as session:
            bodies = session.exec(select(ViewingConditions.body).order_by(ViewingConditions.id)).all()
        if len(bodies) >= count:
            break
        page.wait_for_timeout(100)
    return [json.loads(body) for body in bodies]


def test_what_the_page_sends_is_taken_and_a_pause_is_called_one(served):
    workspace, server, token = served
    refused: list[str] = []
    with chromium() as page:
        page.on("response", lambda answer: refused.extend([answer.url] * (answer.status >= 400)))
        trial = first_trial(page, server, token)
        page.goto(f"{server.url}/judge/screen")
        for name, value in (("checkerboard", "even"), ("dark", "4"), ("bright", "5")):
            page.locator(f"input[name={name}][value='{value}']").check()
        page.locator("#send").click()
        page.wait_for_url("**/judge/trial/**")
        page.goto(f"{server.url}/judge/trial/{trial}")
        page.wait_for_selector("html[data-ready]")
        page.set_viewport_size({"width": 1111, "height": 777})
        check, change = reports(workspace, page, 2)
        assert (check["kind"], check["seen"]["bright"], check["dpr"]) == ("check", "5", 1)
        assert (change["kind"], change["trial"]) == ("change", trial)
        assert (change["changed"]["width"], change["changed"]["height"]) == (1111, 777)
        page.keyboard.press("Digit2")
        expect(page.locator("#save")).to_have_text("Saved")
        assert refused == []

        step(workspace, lifecycle.pause_study)
        page.keyboard.press("Digit3")
        banner = page.locator("#banner")
        expect(banner).to_contain_text("The study is paused. Your picks are kept in this browser")
