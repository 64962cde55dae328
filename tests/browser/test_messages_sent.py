"""What the real page sends is taken by the real server, and the page says what becomes of it."""

import json
import time

import pytest
from playwright.sync_api import expect
from sqlmodel import col, select

from studyapp.db.tables import Judge, Looking, ViewingConditions
from studyapp.services.ground import studies
from studyapp.services.results import monitoring
from studyapp.services.results.conditions import conditions_table
from studyapp.services.voting import lifecycle
from tests.browser.chromium import chromium, needs_chromium, wait_complete
from tests.browser.test_later_looking_sent import first_trial, revisions, served
from tests.browser.test_surroundings import recompressed
from tests.conftest import NOW
from tests.services.voting import demand

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


def measure(page) -> None:
    page.locator("#slider").focus()
    page.keyboard.press("ArrowRight")
    page.locator("#fits").press("Enter")


def fill_in_the_check(page) -> None:
    """Answer everything by keyboard, as somebody who reads no ring."""
    for closed in page.locator("#answers details > summary").all():
        closed.press("Enter")
    measure(page)
    page.locator("#told-distance").fill("60")
    for name, value in (
        ("light", "dim"), ("brightness", "middle"), ("blue_light", "off"), ("auto_brightness", "unsure"),
        ("panel", "oled"),
    ):  # fmt: skip
        page.locator(f"#told-{name}").select_option(value)
    for part, keys in (("#acuity", 2), ("#colours", 13)):
        page.locator(f"{part} .start").press("Enter")
        for _ in range(keys):
            page.keyboard.press("Enter")  # on "I cannot see it", which has the focus
        expect(page.locator(f"{part} .result")).not_to_be_empty()
    for name, value in (("checkerboard", "even"), ("dark", "4"), ("bright", "5")):
        page.locator(f"input[name={name}][value='{value}']").check()


def test_what_the_page_sends_is_taken_and_what_the_study_needs_is_waited_for(served):
    workspace, server, token = served
    refused: list[str] = []
    with workspace.database.writing() as session:
        demand(session, window=(1300, 760), required=("light", "acuity"), eyes="exported")
    with chromium() as page:
        page.on("response", lambda answer: refused.extend([answer.url] * (answer.status >= 400)))
        page.set_viewport_size({"width": 1280, "height": 720})
        page.goto(f"{server.url}/j/{token}")
        trial = page.evaluate("async () => (await (await fetch('/api/trials')).json()).trials[0].trial")
        page.goto(f"{server.url}/judge/trial/{trial}")
        page.wait_for_url("**/judge/screen")  # nobody begins before the check
        fill_in_the_check(page)
        page.locator("#send").click()
        expect(page.locator("#problem")).to_contain_text("Your answers are saved, but something is missing")
        expect(page.locator("#problem")).to_contain_text(
            "at least 1300 × 760 pixels of the screen; yours has 1280 × 720"
        )
        page.set_viewport_size({"width": 1400, "height": 900})
        expect(page.locator("#limits")).to_be_hidden()
        page.locator("#send").click()
        # This browser's screen is as large as its window, so it is another one now.
        expect(page.locator("#problem")).to_contain_text("your answer here: size of the screen")
        measure(page)
        page.locator("#send").click()
        page.wait_for_url("**/judge/trial/**")
        reports(workspace, 3)
        page.goto(f"{server.url}/judge/trial/{trial}")
        reports(workspace, 4)
        page.evaluate("document.documentElement.style.zoom = 1.5")  # as an extension may do it
        expect(page.locator("#message")).to_contain_text("resamples the picture")
        page.set_viewport_size({"width": 1111, "height": 777})
        expect(page.locator("#limits")).to_contain_text("yours has 1111 × 777. Make it larger")
        small, check, *opened, change = reports(workspace, 5)
        assert (small["width"], check["width"], check["kind"]) == (1280, 1400, "check")
        assert (check["seen"]["bright"], check["dpr"]) == ("5", 1)
        assert check["px_per_mm"] == pytest.approx(3.79, abs=0.02)
        assert check["told"] == {
            "size_by": "card", "distance_cm": 60, "light": "dim", "brightness": "middle", "blue_light": "off",
            "auto_brightness": "unsure", "panel": "oled",
        }  # fmt: skip
        assert {report["exact"] for report in (small, check, *opened)} == {"yes"}
        assert [(report["kind"], report["px_per_mm"]) for report in opened] == [
            ("opened", check["px_per_mm"])
        ] * 2
        assert (change["kind"], change["trial"]) == ("change", trial)
        changed = change["changed"]
        assert (changed["width"], changed["height"], changed["exact"]) == (1111, 777, "no")
        assert changed["px_per_mm"] is None, "a screen that nobody has measured"
        page.keyboard.press("Digit2")
        expect(page.locator("#save")).to_have_text("Saved")
        assert refused == []
        with workspace.database.writing() as session:  # amended while the page is open
            demand(session, window=(2000, 760))
        page.keyboard.press("Digit3")
        expect(page.locator("#banner")).to_contain_text("passed the screen check of this study")
        with workspace.database.writing() as session:
            demand(session, window=(1300, 760), required=("light", "acuity"), eyes="exported")
        page.locator("#banner button").click()
        expect(page.locator("#save")).to_have_text("Saved")
    with workspace.database.reading() as session:
        rows = conditions_table(session).astype(object).fillna("").to_dict("records")
    assert [row["kind"] for row in rows] == ["check", "check", "opened", "opened", "change"]
    assert (rows[1]["light"], rows[1]["acuity"], rows[1]["colours"]) == ("dim", 0, "unclear")
    assert rows[1]["pixels_per_degree"] == pytest.approx(39.7, abs=0.3)
    assert rows[2]["pixels_per_degree"] == rows[1]["pixels_per_degree"]
    assert [row["outside"] for row in rows] == ["window", "", "", "", "window"]
    assert (rows[4]["trial"], rows[4]["changed"]) == (trial, " ".join(sorted(changed)))


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
        kinds = {(report["kind"], report["trial"]) for report in reports(workspace, 2)}
        assert ("altered", trial) in kinds
    with workspace.database.reading() as session:
        assert [judge.altered for judge in monitoring.study_status(session).judges] == [True, False]
