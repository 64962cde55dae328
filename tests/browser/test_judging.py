"""A judge in a real Chromium, from the link to the thank-you page, and the organiser to the final ranking."""

import os
import re
import signal
import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from studyapp.sample.serving import Running, serving
from studyapp.services.ground.workspace import Workspace, open_workspace
from studyapp.services.people import invitations
from studyapp.services.results.answers import answers_table
from studyapp.services.results.ranking import rank_study
from tests.browser.chromium import needs_chromium, wait_complete
from tests.conftest import CAST, NOW, TEAMS

pytestmark = [needs_chromium, pytest.mark.browser]


@pytest.fixture
def study(tiled_study, tmp_path, monkeypatch) -> Workspace:
    """A tiled study with two judges, images large enough to zoom."""
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    return open_workspace(tiled_study(tmp_path / "study", size=(640, 480)))


@pytest.fixture
def tokens(study) -> dict[str, str]:
    with study.database.writing() as session:
        invited = invitations.invite_judges(session, study.key, CAST, now=NOW)
    return {item.name: item.token for item in invited}


@pytest.fixture
def chromium(shared_browsers) -> Iterator[Browser]:
    browser = shared_browsers.desk()
    yield browser
    for context in browser.contexts:  # one that a failed test left
        context.close()


@contextmanager
def page_of(browser: Browser, url: str) -> Iterator[Page]:
    """A fresh profile with one page; an error in a script fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(url)
    yield page
    assert not errors, errors
    context.close()


def teams_by_number(study: Workspace, name: str, position: int) -> dict[str, str]:
    """Look up, as the test's secret, which team stands under which number."""
    from sqlmodel import select

    from studyapp.db.tables import Judge, Picture, Team, Trial, TrialSlot

    with study.database.reading() as session:
        rows = session.exec(
            select(TrialSlot.slot, Team.key)
            .join(Trial, Trial.id == TrialSlot.trial_id)
            .join(Judge, Judge.id == Trial.judge_id)
            .join(Picture, Picture.id == TrialSlot.picture_id)
            .join(Team, Team.id == Picture.team_id)
            .where(Judge.name == name, Trial.kind == "main", Trial.position == position)
        )
        return {str(slot): team for slot, team in rows}


def number_of(study: Workspace, name: str, position: int, team: str) -> str:
    return next(number for number, key in teams_by_number(study, name, position).items() if key == team)


def pick_teams(page: Page, study: Workspace, name: str, position: int, teams: list[str]) -> None:
    """Pick these teams by digit keys, as whoever can see through the numbers."""
    expect(page.locator("#progress")).to_contain_text(f"Image {position} of")
    wait_complete(page)
    for team in teams:
        page.keyboard.press(f"Digit{number_of(study, name, position, team)}")
    expect(page.locator("#save")).to_have_text("Saved")


def through_practice(page: Page) -> None:
    page.get_by_role("link", name="Start: read the guidelines").click()
    expect(page.get_by_text("Fidelity")).to_be_visible()
    page.get_by_role("button", name="Continue to the screen check").click()
    page.locator("#suitability[data-exact]").wait_for()  # what it says takes room
    page.get_by_label("An even, fine texture").check()
    for count in page.get_by_label("5", exact=True).all():
        count.check()
    page.get_by_role("button", name="Save and continue").click()
    wait_complete(page)
    for key in ("Digit1", "Digit2", "Digit3"):
        page.keyboard.press(key)
    expect(page.locator("#save")).to_have_text("Saved")
    page.locator("[data-command=next]").click()
    expect(page.locator("#progress")).to_have_text("Image 1 of 3")


def to_the_first_image(page: Page) -> None:
    """Go there at once, as a judge who comes back; the way there is walked from the link to the ranking."""
    trial = page.evaluate("async () => (await (await fetch('/api/trials')).json()).trials[0].trial")
    page.goto(re.sub(r"/judge.*|/j/.*", f"/judge/trial/{trial}", page.url))
    wait_complete(page)
    expect(page.locator("#progress")).to_have_text("Image 1 of 3")


def files_sent(server: Running) -> float:
    """Count how often the server was asked for a script or style, unchanged ones included."""
    with urllib.request.urlopen(f"{server.url}/metrics") as answer:
        told = answer.read().decode()
    route = r'studyapp_requests_total\{[^}]*route="/static/[^}]*\} (\S+)'
    return sum(map(float, re.findall(route, told)))


def test_from_the_link_to_the_ranking(study, tokens, chromium):
    """Read, practise, zoom, pick, reload in the middle, go back and change, finish; then close and rank."""
    wanted = [["team02", "team01", "team03"], ["team02", "team03", "team04"], ["team01", "team02", "team04"]]
    with serving(study.folders.root) as server, page_of(chromium, f"{server.url}/j/{tokens['Jude']}") as page:
        through_practice(page)
        wait_complete(page)
        page.keyboard.press("KeyO")
        expect(page.locator("#scale")).to_contain_text("1:1")
        assert page.locator("[data-command=next]").get_attribute("aria-disabled") == "true"

        first = wanted[0]
        pick_teams(page, study, "Jude", 1, first[:2])
        sent = files_sent(server)
        page.reload()
        wait_complete(page)
        assert files_sent(server) == sent > 60
        expect(page.locator("#podium .who", has_text=number_of(study, "Jude", 1, first[1]))).to_be_visible()
        pick_teams(page, study, "Jude", 1, first[2:])
        page.locator("[data-command=next]").click()

        expect(page.locator("#progress")).to_have_text("Image 2 of 3")
        wrong = ["team04", "team03", "team01"]
        pick_teams(page, study, "Jude", 2, wrong)
        page.keyboard.press("KeyN")
        expect(page.locator("#progress")).to_have_text("Image 3 of 3")
        pick_teams(page, study, "Jude", 3, wanted[2])

        page.locator("[data-command=previous]").click()
        expect(page.locator("#progress")).to_have_text("Image 2 of 3")
        for _ in range(3):
            page.keyboard.press("KeyU")
        pick_teams(page, study, "Jude", 2, wanted[1])
        page.locator("[data-command=next]").click()
        expect(page.locator("#progress")).to_have_text("Image 3 of 3")
        page.locator("[data-command=next]").click()
        page.get_by_role("button", name="I am done").click()
        expect(page.get_by_role("heading", name="Thank you")).to_be_visible()

        with page_of(chromium, server.organiser) as desk:
            expect(desk.get_by_text("3 of 6 complete")).to_be_visible()
            desk.locator("summary", has_text="Close the study").click()
            desk.get_by_label("to confirm").fill("close")
            desk.get_by_role("button", name="Close for good").click()
            desk.get_by_role("link", name="Final ranking").click()
            expect(desk.locator("tbody tr")).to_have_count(4)
            expect(desk.locator("tbody tr").nth(0)).to_contain_text("Second light")
            expect(desk.locator("tbody tr").nth(1)).to_contain_text("Toms team")
            desk.get_by_role("link", name="Report and files").click()
            desk.get_by_role("button", name="Create tables and report").click()
            expect(desk.get_by_role("link", name="report.html")).to_be_visible(timeout=60_000)
            with desk.expect_download() as download:
                desk.get_by_role("link", name="votes.csv").click()
            text = download.value.path().read_text(encoding="utf-8-sig")
            assert text.startswith("judge,image,team,slot,rank")

    with study.database.reading() as session:
        votes = answers_table(session)
        ranking = rank_study(session, study).table
    picked = votes.dropna(subset=["rank"]).sort_values(["position", "rank"])["team"].tolist()
    assert picked == [team for teams in wanted for team in teams]
    assert dict(zip(ranking["team"], ranking["points"], strict=True)) == {
        "team02": 3 + 3 + 2, "team01": 2 + 0 + 3, "team03": 1 + 2 + 0, "team04": 0 + 1 + 1,
    }  # fmt: skip
    assert set(ranking["team"]) == set(TEAMS)


@pytest.mark.slow  # tests/web/test_crowds.py and the torture have many
def test_two_judges_at_once(study, tokens, chromium):
    with (
        serving(study.folders.root) as server,
        page_of(chromium, f"{server.url}/j/{tokens['Jude']}") as jude,
        page_of(chromium, f"{server.url}/j/{tokens['June']}") as june,
    ):
        for page in (jude, june):
            through_practice(page)
        for position in (1, 2, 3):
            pick_teams(jude, study, "Jude", position, ["team01", "team02", "team03"])
            pick_teams(june, study, "June", position, ["team04", "team02", "team01"])
            for page in (jude, june):
                page.locator("[data-command=next]").click()
        for page in (jude, june):
            expect(page.get_by_role("button", name="I am done")).to_be_visible()
    points = _points_after_closing(study)
    assert points == {"team01": 9 + 3, "team02": 6 + 6, "team03": 3, "team04": 9}


def test_a_stale_tab_is_asked_and_loses_nothing(study, tokens, chromium):
    with serving(study.folders.root) as server, page_of(chromium, f"{server.url}/j/{tokens['Jude']}") as one:
        to_the_first_image(one)
        other = one.context.new_page()
        other.goto(one.url)
        wait_complete(other)
        one.keyboard.press("Digit1")
        expect(one.locator("#save")).to_have_text("Saved")
        other.keyboard.press("Digit2")
        dialog = other.get_by_role("dialog")
        expect(dialog).to_contain_text("in another window")
        expect(dialog).to_contain_text("1st: 1.")
        expect(dialog).to_contain_text("1st: 2.")
        other.get_by_role("button", name="Use the answer given here").click()
        expect(other.locator("#save")).to_have_text("Saved")
        one.reload()
        expect(one.locator(".step[data-place='1'] .who")).to_have_text("2")


def test_a_killed_server_loses_no_acknowledged_pick(study, tokens, chromium):
    """SIGKILL after saved picks: what was shown as saved is there, what was not is retried by itself."""
    root = study.folders.root
    with Restarting(root) as server, page_of(chromium, f"{server.url}/j/{tokens['Jude']}") as page:
        to_the_first_image(page)
        picked = ("team03", "team01", "team04")
        pick_teams(page, study, "Jude", 1, list(picked))
        server.kill()
        server.start()
        page.reload()
        wait_complete(page)
        for team in picked:
            expect(page.locator("#podium .who", has_text=number_of(study, "Jude", 1, team))).to_be_visible()
        page.locator("[data-command=next]").click()
        expect(page.locator("#progress")).to_have_text("Image 2 of 3")
        server.kill()
        page.keyboard.press("Digit1")
        expect(page.locator("#save")).to_have_text("Not saved")
        expect(page.locator("#banner")).to_contain_text("kept in this browser")
        server.start()
        expect(page.locator("#save")).to_have_text("Saved", timeout=30_000)
        page.reload()
        expect(page.locator(".step[data-place='1'] .who")).to_have_text("1")


class Restarting:
    """A server that can be killed and started again at the same address."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.url = ""

    def __enter__(self) -> "Restarting":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._serving.__exit__(None, None, None)

    def start(self) -> None:
        port = int(self.url.rsplit(":", 1)[1]) if self.url else None
        self._serving = serving(self.root, port=port)
        self._running: Running = self._serving.__enter__()
        assert self.url in ("", self._running.url), "the port was taken by somebody else"
        self.url = self._running.url

    def kill(self) -> None:
        """Kill the server and its worker without a word."""
        pid = self._running.process.pid
        workers = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        # The parent first: it would start another worker.
        for victim in [pid, *map(int, workers)]:
            os.kill(victim, signal.SIGKILL)
        self._serving.__exit__(None, None, None)
        deadline = time.monotonic() + 10
        while _listening(self.url) and time.monotonic() < deadline:
            time.sleep(0.05)


def _listening(url: str) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(url.rsplit(":", 1)[1])))
        except OSError:
            return True
    return False


def _points_after_closing(study: Workspace) -> dict[str, float]:
    from studyapp.services.ground.studies import close_study

    with study.database.writing() as session:
        close_study(session, now=NOW)
    with study.database.reading() as session:
        table = rank_study(session, study).scores
    return dict(zip(table["team"], table["points"], strict=True))
