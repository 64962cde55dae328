"""WCAG 2.2 AA where it applies, as far as axe-core can tell, and the keyboard's way through the page."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import TWO_FRAMES, chromium, leave, needs_chromium, wait_complete
from tests.browser.harness import QUESTIONS, WORDS, Harness, trial_of

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
IN_CI = bool(os.environ.get("CI"))

pytestmark = [
    pytest.mark.browser,
    needs_chromium,
    pytest.mark.skipif(not AXE.exists() and not IN_CI, reason="axe-core is missing: npm ci --ignore-scripts"),
]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with (
        Harness([trial_of(5, asks_why=WORDS, regions=[[10, 10, 50, 50]])]) as harness,
        chromium() as page,
    ):
        # The content security policy keeps foreign scripts out; axe comes in before it applies.
        page.add_init_script(path=str(AXE))
        page.goto(f"{harness.url}/judge/trial/t0")
        wait_complete(page)
        yield page


def violations(page: Page) -> list[str]:
    page.evaluate(TWO_FRAMES)
    found = page.evaluate("(tags) => axe.run(document, { runOnly: tags })", RULES)
    return [
        f"{rule['id']}: {node['html'][:140]} {node['failureSummary'][:200]}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("keys", ["1 2", "b", "d", "g k s m", "l", "?", "g 3 y"])
def test_no_violation_that_axe_finds(page: Page, keys: str) -> None:
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    for key in keys.split():
        page.keyboard.press(key)
    assert violations(page) == []
    page.keyboard.press("Escape")


@pytest.mark.parametrize("kind", QUESTIONS)
def test_no_violation_whatever_is_asked(page: Page, kind: str) -> None:
    candidates, question, answer = QUESTIONS[kind]
    trial = trial_of(candidates, 400, 300, asks_why=WORDS, break_after=0.001)
    with Harness([trial, trial], question=question) as harness:
        page.goto(f"{harness.url}/judge/trial/t0")
        wait_complete(page)
        for key in answer.split():
            page.keyboard.press(key)
        assert violations(page) == []
        if kind == "pairwise":
            page.keyboard.press("Enter")
            page.get_by_role("button", name="Take a break").wait_for()
            assert violations(page) == []
            page.get_by_role("button", name="Take a break").click()
            assert violations(page) == []
        leave(page)


def test_the_check_page(page: Page) -> None:
    with Harness([trial_of(1)]) as harness:
        page.goto(f"{harness.url}/judge/conditions")
        for closed in page.locator("#answers details > summary").all():
            closed.click()
        page.locator("#fits").click()
        page.locator("#told-distance").fill("60")
        for part in ("#acuity", "#colours"):
            page.locator(f"{part} .start").click()
        assert violations(page) == []


def test_every_control_can_be_reached_and_shows_its_focus(page: Page) -> None:
    with Harness([trial_of(3)]) as harness:
        page.goto(f"{harness.url}/judge/trial/t0")
        wait_complete(page)
        wanted = page.evaluate(
            """() => [...document.querySelectorAll('button, a[href]')]
              .filter((control) => control.checkVisibility() && !control.disabled).length"""
        )
        reached = set()
        for _ in range(wanted + 3):
            page.keyboard.press("Tab")
            reached.add(
                page.evaluate(
                    """() => {
                      const control = document.activeElement;
                      if (control === document.body) return null;
                      const { outlineWidth, outlineStyle } = getComputedStyle(control);
                      const shown = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
                      if (!shown) throw new Error(control.outerHTML);
                      return control.id || control.outerHTML;
                    }"""
                )
            )
        assert len(reached - {None}) >= wanted
