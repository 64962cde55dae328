"""A judge of each kind of study in a real Chromium, from the link to the thank-you page."""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from studyapp.core.judges_file import JudgeLine
from studyapp.sample.serving import serving
from studyapp.services.ground import studies
from studyapp.services.ground.workspace import Workspace, open_workspace
from studyapp.services.people import invitations
from studyapp.services.results.answers import answers_table
from studyapp.services.results.ranking import rank_study
from tests.asked import add_controls, ask
from tests.browser.chromium import chromium, needs_chromium, wait_complete
from tests.conftest import NOW, TEAMS
from tests.services.voting import close

pytestmark = [needs_chromium, pytest.mark.browser]

Judged = tuple[Workspace, str]
"""A study that is open, and its judge's link."""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with chromium() as page:
        yield page


@pytest.fixture
def opened(tiled_study, tmp_path, monkeypatch) -> Iterator[Callable[..., Judged]]:
    """Open and serve a study that asks so, with one judge."""
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    folder = tiled_study(tmp_path / "study")
    add_controls(folder)
    served = []

    def make(settings: str, *conflicts: str) -> Judged:
        ask(folder, settings)
        judge = JudgeLine("Jude", "jude@example.org", conflicts=conflicts)
        workspace = open_workspace(folder)
        with workspace.database.writing() as session:
            token = invitations.invite_judges(session, workspace.key, [judge], now=NOW)[0].token
            studies.open_study(session, now=NOW)
        server = serving(folder)
        served.append((workspace, server))
        return workspace, f"{server.__enter__().url}/j/{token}"

    yield make
    for workspace, server in served:
        server.__exit__(None, None, None)
        workspace.database.close()


def settled(page: Page) -> str | None:
    """Where the judge is, once the page has opened it; None at the end."""
    page.wait_for_function(
        """() => {
          const said = document.querySelector('#progress');
          return said ? !said.textContent.startsWith('Opening') : location.pathname.endsWith('/finish');
        }"""
    )
    return page.evaluate("() => document.querySelector('#progress')?.textContent ?? null")


def judge_all(page: Page, link: str, noun: str, answer: Callable[[], None]) -> int:
    """Go from the link to the end, answering every trial so; return how many counted."""
    page.goto(link)
    page.get_by_role("link", name="Start: read the guidelines").click()
    page.get_by_role("button", name="Continue to the screen check").click()
    page.locator("#suitability[data-exact]").wait_for()  # what it says takes room
    page.get_by_label("An even, fine texture").check()
    for count in page.get_by_label("5", exact=True).all():
        count.check()
    page.get_by_role("button", name="Save and continue").click()
    wait_complete(page)
    judged = 0
    while (said := settled(page)) is not None:
        judged += said.startswith(f"{noun} {judged + 1} of ")
        wait_complete(page)
        answer()
        expect(page.locator("#save")).to_have_text("Saved")
        page.locator("[data-command=next]").click()
        page.wait_for_function(
            "(said) => document.querySelector('#progress')?.textContent !== said", arg=said
        )
    expect(page.get_by_role("heading", name=f"All {judged} {noun.lower()}s are answered")).to_be_visible()
    page.get_by_role("button", name="I am done").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    page.get_by_role("link", name=f"Your {noun.lower()}s").click()
    expect(page.locator("main")).to_contain_text(f"{judged} of {judged} {noun.lower()}s answered")
    return judged


def press(page: Page, *keys: str) -> Callable[[], None]:
    def answer() -> None:
        for key in keys:
            page.keyboard.press(key)

    return answer


def counted(workspace: Workspace) -> tuple[pd.DataFrame, list[str]]:
    """Close the study; return the answers that count and the teams of the final ranking, the best first."""
    close(workspace)
    with workspace.database.reading() as session:
        table = answers_table(session)
        ranking = rank_study(session, workspace).table
    return table[table["kind"] == "main"], ranking["team"].tolist()


# Adaptive studies are walked through by tests/blind_audit, too, and have the same page.
@pytest.mark.parametrize("design", ["balanced", pytest.param("adaptive", marks=pytest.mark.slow)])
def test_pairs(page, opened, design):
    workspace, link = opened(
        f"kind: pairwise, design: {design}, pairs_per_judge: 6, both_bad: true, identical: 1"
    )
    choices = iter("qwerqweqwerqwe")
    judged = judge_all(page, link, "Pair", lambda: page.keyboard.press(next(choices)))
    table, ranking = counted(workspace)
    assert set(ranking) == {*table["team_a"], *table["team_b"]} == {*TEAMS}
    assert len(table) == judged - 1, "the identical pair does not count"
    assert set(table["answer"]) <= {"a", "b", "tie", "bad"}
    assert (table["team_a"] != table["team_b"]).all()
    images = table.sort_values("position")["image"].tolist()
    assert all(one != other for one, other in pairwise(images))


@pytest.mark.slow  # these four pages answer the harness in test_questions.py
@pytest.mark.parametrize(("kind", "hidden"), [("acr", set()), ("acr_hr", {"reference"})])
def test_one_result_at_a_time(page, opened, kind, hidden):
    workspace, link = opened(f"kind: {kind}", "team01", "team02")
    teams = {"team03", "team04"}
    assert judge_all(page, link, "Result", press(page, "4")) == 3 * len(teams | hidden)
    table, ranking = counted(workspace)
    assert set(ranking) == teams
    assert Counter(table["team"]) == dict.fromkeys(teams | hidden, 3)
    assert set(table["score"]) == {4}


@pytest.mark.slow
def test_one_result_against_a_reference(page, opened):
    workspace, link = opened("kind: dcr", "team01", "team02")

    def answer() -> None:
        assert page.locator(".pane:visible .name").all_text_contents() == ["Reference", "1"]
        page.keyboard.press("2")

    assert judge_all(page, link, "Result", answer) == 6
    assert set(counted(workspace)[0]["score"]) == {2}


@pytest.mark.slow
def test_all_on_sliders(page, opened):
    workspace, link = opened("kind: slider, reference: true, anchor: true")

    def answer() -> None:
        rows = page.locator(".slider-row")
        expect(rows).to_have_count(6)
        for slot in range(1, 7):
            press(page, f"{slot}", *f"{slot * 10}", "Enter")()

    assert judge_all(page, link, "Image", answer) == 3
    table, ranking = counted(workspace)
    assert set(ranking) == set(table["team"]) & {*TEAMS}
    assert set(table["team"]) == {*TEAMS, "reference", "anchor"}
    assert (table["score"] == 10 * table["slot"]).all()


@pytest.mark.slow
def test_all_in_order(page, opened):
    workspace, link = opened("kind: ranking")
    assert judge_all(page, link, "Image", press(page, "3", "1", "2", "4", "e")) == 3
    table, ranking = counted(workspace)
    assert set(ranking) == set(table["team"]) & {*TEAMS}
    assert dict(zip(table["slot"], table["rank"], strict=False)) == {3: 1, 1: 2, 2: 3, 4: 3}
