"""What the real page sends is taken by the real server, and the page says what becomes of it."""

import json
import time

import pytest
from playwright.sync_api import expect
from sqlmodel import col, select

from studyapp.db.tables import Judge, Looking, ViewingConditions
from studyapp.services.ground import studies
from studyapp.services.results import monitoring
from studyapp.services.voting import lifecycle
from tests.browser.chromium import chromium, needs_chromium, wait_complete
from tests.browser.test_later_looking_sent import first_trial, revisions, served
from tests.browser.test_surroundings import recompressed
from tests.conftest import NOW

__all__ = ["served"]  # the fixture
pytestmark = [needs_chromium, pytest.mark.browser]


def step(workspace, act) -> None:
    with workspace.database.writing() as session:
        act(session, now=NOW)


def reports(workspace, count: int) -> list[dict]:
    """Reports of conditions, once there are so many."""
    for _ in range(600):
        with workspace.database.reading() as session:
            query = select(ViewingConditions.body).order_by(col(ViewingConditions.id))
            bodies = [json.loads(body) for body in session.exec(query)]
        if len(bodies) >= count:
            return bodies
        time.sleep(0.1)
    raise AssertionError(f"fewer than {count} reports arrived")


def come_back(page) -> None:
    """What a browser tells a page that is looked at again, and that the network is back."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange')); dispatchEvent(new Event('online'))")


def test_what_the_page_sends_is_taken(served):
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
        check, change = reports(workspace, 2)
        assert (check["kind"], check["seen"]["bright"], check["dpr"]) == ("check", "5", 1)
        assert (change["kind"], change["trial"]) == ("change", trial)
        assert (change["changed"]["width"], change["changed"]["height"]) == (1111, 777)
        page.keyboard.press("Digit2")
        expect(page.locator("#save")).to_have_text("Saved")
        assert refused == []


def test_a_pause_an_outage_and_the_end_are_called_so_and_the_notices_go(served):
    workspace, server, token = served
    with chromium() as page:
        trial = first_trial(page, server, token)
        banner, save = page.locator("#banner"), page.locator("#save")
        page.keyboard.press("Digit2")
        expect(save).to_have_text("Saved")

        step(workspace, lifecycle.pause_study)
        page.keyboard.press("Digit3")
        expect(banner).to_contain_text("The study is paused. Your answers are kept in this browser")
        step(workspace, lifecycle.resume_study)
        come_back(page)
        expect(save).to_have_text("Saved")
        expect(banner).to_be_hidden()

        # Nothing waits to be sent: only asking tells.
        step(workspace, lifecycle.pause_study)
        come_back(page)
        expect(banner).to_have_text(
            "The study is paused. Your answers are kept in this browser and sent when it resumes."
        )
        step(workspace, lifecycle.resume_study)
        come_back(page)
        expect(banner).to_be_hidden()

        page.context.set_offline(True)
        page.keyboard.press("Digit4")
        expect(banner).to_contain_text("The server cannot be reached")
        expect(save).to_have_text("Not saved")
        page.context.set_offline(False)
        expect(save).to_have_text("Saved")
        expect(banner).to_be_hidden()

        step(workspace, studies.close_study)
        page.keyboard.press("u")
        expect(banner).to_contain_text("Your last answers were not saved and do not count")
        come_back(page)
        page.keyboard.press("u")
        expect(page.locator("#message")).to_contain_text(
            "The study is closed. Answers can no longer be changed."
        )
    assert [body["answer"]["picks"] for body in revisions(workspace, trial)] == [[2], [2, 3], [2, 3, 4]]


def test_reasons_a_problem_and_the_end_arrive_as_the_page_sends_them(served):
    workspace, server, token = served
    refused: list[str] = []
    with chromium() as page:
        page.goto(f"{server.url}/j/{token}")
        trials = page.evaluate("async () => (await (await fetch('/api/trials')).json()).trials")
        first = trials[0]["trial"]
        tiles = page.evaluate(
            f"async () => (await (await fetch('/api/trials/{first}')).json()).slots[1].tiles"
        )
        page.route(f"**{tiles}/**", lambda route: route.fulfill(status=503, body="out of order"))
        page.on("response", lambda answer: refused.extend([answer.url] * (400 <= answer.status < 500)))
        page.goto(f"{server.url}/judge/trial/{first}")
        page.get_by_role("button", name="Report").click()
        for key in ("Digit1", "Digit3", "Digit4"):
            page.keyboard.press(key)
        page.locator("[data-command=reasons]").click()
        for name in ("Use what is in view", "Sharpness", "severe", "better"):
            page.locator("#reasons").get_by_role("button", name=name).click()
        page.locator("#reasons textarea").fill("Sharp, not harsh: \u00e9\U0001f600")
        page.get_by_role("button", name="Close", exact=True).click()
        for number in (2, 3):
            page.locator("[data-command=next]").click()
            expect(page.locator("#progress")).to_have_text(f"Image {number} of 3")
            wait_complete(page)
            for key in ("Digit1", "Digit2", "Digit3"):
                page.keyboard.press(key)
        page.locator("[data-command=next]").click()
        page.get_by_role("button", name="I am done").click()
        expect(page.locator("h1")).to_have_text("Thank you")
    assert refused == []
    last = revisions(workspace, first)[-1]
    assert last["answer"]["picks"] == [1, 3, 4]
    (reason,) = last["reasons"]
    assert (reason["slot"], reason["text"]) == (4, "Sharp, not harsh: \u00e9\U0001f600")
    assert reason["rect"] == [0, 0, 900, 700]
    assert (reason["region"], reason["attribute"], reason["direction"]) == (None, "Sharpness", "better")
    with workspace.database.reading() as session:
        looked = [json.loads(body) for body in session.exec(select(Looking.body))]
        assert session.exec(select(Judge.finished_at).where(Judge.name == "Jude")).one()
    assert [2] in [body["reported"] for body in looked]


def test_organisers_learn_that_pictures_were_changed_on_their_way(served):
    workspace, server, token = served

    def recompress(route):
        answer = route.fetch()
        route.fulfill(response=answer, body=recompressed(answer.body()))

    with chromium() as page:
        page.route("**/t/**", recompress)
        trial = first_trial(page, server, token)
        expect(page.locator("#message")).to_contain_text("changed on their way")
        (report,) = reports(workspace, 1)
        assert (report["kind"], report["trial"]) == ("altered", trial)
    with workspace.database.reading() as session:
        assert [judge.altered for judge in monitoring.study_status(session).judges] == [True, False]
