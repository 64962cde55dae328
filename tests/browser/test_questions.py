"""The questions beside the best few, in a real Chromium: pairs, scores, sliders, rankings."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import (
    TWO_FRAMES,
    chromium,
    leave,
    needs_chromium,
    panes,
    wait_complete,
    wrong_pixels,
)
from tests.browser.harness import PAIR, QUESTIONS, WORDS, Harness, trial_of

pytestmark = [pytest.mark.browser, needs_chromium]

ELSEWHERE: dict[str, tuple[dict[str, Any], str]] = {
    "pairwise": ({"choice": "b"}, "2 is better."),
    "acr": ({"score": 1}, "1, Bad."),
    "dcr": ({"score": 5}, "5, Imperceptible."),
    "slider": ({"scores": [1, 2, 3, 4]}, "1: 1, 2: 2, 3: 3, 4: 4."),
    "ranking": ({"groups": [[4], [3], [2], [1]]}, "1st: 4, 2nd: 3, 3rd: 2, 4th: 1."),
}
"""An answer given in another window, and how it is said."""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with chromium() as page:
        yield page


@contextmanager
def asked(page: Page, question: dict[str, Any], candidates: int, **extra: Any) -> Iterator[Harness]:
    """Two trials of this question, the first on the screen."""
    trials = [trial_of(candidates, 400, 300, **extra) for _ in range(2)]
    with Harness(trials, question=question) as harness:
        page.goto(f"{harness.url}/judge/trial/t0")
        wait_complete(page)
        yield harness
        leave(page)


def keys(page: Page, pressed: str) -> None:
    for key in pressed.split():
        page.keyboard.press(key)


def saved(page: Page) -> None:
    expect(page.locator("#save")).to_have_text("Saved")


def pressed(page: Page) -> list[str]:
    """The choices that are marked below the pictures."""
    return [text.strip() for text in page.locator(".choice[aria-pressed=true]").all_text_contents()]


def test_a_pair_stands_left_and_right_of_its_input(page):
    with asked(page, PAIR, 2) as harness:
        shown = panes(page)
        assert [pane.slot for pane in shown] == [1, 0, 2]
        assert len({pane.top for pane in shown}) == 1
        expect(page.locator("#progress")).to_have_text("Pair 1 of 2")
        expect(page.locator("[data-command=shortlist]")).to_be_hidden()
        keys(page, "Enter")
        expect(page.locator("#message")).to_contain_text("Choose an answer first")
        for key, choice, label in [
            ("q", "a", "◂ 1 is better"),
            ("w", "tie", "No difference"),
            ("e", "b", "2 is better ▸"),
            ("r", "bad", "Both are bad"),
            ("1", "a", "◂ 1 is better"),
            ("2", "b", "2 is better ▸"),
        ]:
            keys(page, key)
            saved(page)
            assert pressed(page) == [label]
            assert harness.ballots["t0"]["choice"] == choice
        keys(page, "u")
        saved(page)
        assert harness.ballots["t0"]["choice"] == "a"
        expect(page.locator(".pane[data-slot='1'] .place")).to_have_attribute("aria-pressed", "true")
        page.get_by_role("button", name="Candidate 2 is better").click()
        saved(page)
        assert harness.ballots["t0"]["choice"] == "b"
        keys(page, "q q")
        saved(page)
        assert harness.ballots["t0"]["revision"] == 9, "the same again is no revision"


def test_why_the_better_one_is_better_takes_four_keys(page):
    with asked(page, PAIR, 2, asks_why=WORDS) as harness:
        keys(page, "e y g s +")
        saved(page)
        (reason,) = harness.ballots["t0"]["reasons"]
        assert (reason["slot"], reason["region"], reason["direction"]) == (2, "Global", "better")


def test_only_what_the_study_offers_is_asked(page):
    with asked(page, {**PAIR, "ties": False, "both_bad": False}, 2) as harness:
        assert page.locator(".choice").all_text_contents() == ["◂ 1 is better", "2 is better ▸"]
        keys(page, "w r")
        assert harness.ballots == {}
        keys(page, "?")
        expect(page.locator("#help")).not_to_contain_text("Both are bad")


def test_a_pair_blinks_in_place_and_is_answered_there(page):
    with asked(page, PAIR, 2) as harness:
        keys(page, "b")
        wait_complete(page)
        (first,) = panes(page)
        keys(page, "2")
        wait_complete(page)
        (second,) = panes(page)
        place = ("left", "top", "width", "height")
        assert [getattr(first, side) for side in place] == [getattr(second, side) for side in place]
        assert (first.slot, second.slot) == (1, 2)
        assert harness.ballots == {}, "in blink a digit looks"
        page.keyboard.down("x")
        page.wait_for_function("() => document.querySelector('.pane:not([hidden])').dataset.slot === '1'")
        page.keyboard.up("x")
        page.keyboard.down(" ")
        expect(page.locator(".pane:not([hidden]) .busy")).to_have_text("showing the input")
        page.keyboard.up(" ")
        keys(page, "e")
        saved(page)
        assert harness.ballots["t0"]["choice"] == "b"
        keys(page, "Enter")
        expect(page.locator("#progress")).to_have_text("Pair 2 of 2")
        wait_complete(page)
        assert [pane.slot for pane in panes(page)] == [1], "who blinks goes on blinking"
        keys(page, "q")
        expect(page.locator("#message")).to_contain_text("You have not seen candidate 2 yet")
        keys(page, "2")
        wait_complete(page)
        keys(page, "q")
        saved(page)
        assert harness.ballots["t1"]["choice"] == "a"


def test_the_next_pair_is_there_before_it_is_wanted(page):
    with asked(page, PAIR, 2) as harness:
        keys(page, "v")
        page.wait_for_function(
            """() => ['/t/1-1/', '/t/1-2/'].every((tiles) =>
              performance.getEntriesByType('resource').some(({name}) => name.includes(tiles)))"""
        )
        keys(page, "1 Enter")
        expect(page.locator("#progress")).to_have_text("Pair 2 of 2")
        before = {path for path in harness.requests if path.startswith("/t/1-")}
        wait_complete(page)
        assert {path for path in harness.requests if path.startswith("/t/1-")} == before


def test_two_without_the_input_stay_so_for_the_next_pair(page):
    with asked(page, PAIR, 2) as harness:
        keys(page, "v")
        wait_complete(page)
        keys(page, "1")
        saved(page)
        keys(page, "Enter")
        expect(page.locator("#progress")).to_have_text("Pair 2 of 2")
        wait_complete(page)
        assert [pane.slot for pane in panes(page)] == [1, 2]
        assert harness.ballots["t0"]["choice"] == "a"
        assert pressed(page) == []
        keys(page, "p")
        expect(page.locator("#progress")).to_have_text("Pair 1 of 2")
        assert pressed(page) == ["◂ 1 is better"]


@pytest.mark.parametrize(("kind", "unseen"), [("pairwise", 2), ("acr", 1), ("dcr", 0), ("slider", 3)])
def test_nothing_is_said_of_a_picture_that_was_not_drawn(page, kind, unseen):
    candidates, question, answer = QUESTIONS[kind]
    with Harness([trial_of(candidates, 400, 300)], question=question) as harness:
        harness.fail.add(f"/t/0-{unseen}")
        page.goto(f"{harness.url}/judge/trial/t0")
        page.locator(".pane").first.wait_for()
        expect(page.locator(".pane[data-complete]")).to_have_count(panes_without(page, unseen))
        keys(page, answer)
        expect(page.locator("#message")).to_contain_text(re.compile("is still loading|did not load"))
        assert harness.ballots == {}
        leave(page)


def panes_without(page: Page, slot: int) -> int:
    return len([pane for pane in panes(page) if pane.slot != slot])


def test_a_picture_that_cannot_be_loaded_is_reported_and_then_answered(page):
    trial = trial_of(2, 400, 300, rule={"see_all_at_1_1": False})
    with Harness([trial], question=PAIR) as harness:
        harness.fail.add("/t/0-2")
        page.goto(f"{harness.url}/judge/trial/t0")
        expect(page.locator(".pane-note:visible")).to_contain_text("did not load", timeout=15_000)
        keys(page, "q")
        expect(page.locator("#message")).to_contain_text("Candidate 2 did not load")
        page.get_by_role("button", name="Report").click()
        keys(page, "q")
        saved(page)
        assert harness.ballots["t0"]["looking"]["reported"] == [2]
        leave(page)


def test_digits_are_the_scale_where_one_picture_is_rated(page):
    with asked(page, QUESTIONS["acr"][1], 1) as harness:
        assert [pane.slot for pane in panes(page)] == [1]
        keys(page, "7")
        expect(page.locator("#message")).to_contain_text("There is no score 7")
        keys(page, "2 4")
        saved(page)
        assert harness.ballots["t0"]["score"] == 4
        assert pressed(page) == ["4 Good"]
        page.get_by_role("button", name="5 Excellent").click()
        saved(page)
        assert harness.ballots["t0"]["score"] == 5
        keys(page, "v")
        wait_complete(page)
        assert [pane.slot for pane in panes(page)] == [0, 1]
        keys(page, "g")
        page.keyboard.down("x")
        expect(page.locator(".pane:not([hidden]) .busy")).to_have_text("showing the input")
        page.keyboard.up("x")
        expect(page.locator(".pane:not([hidden]) .busy")).to_be_hidden()
        keys(page, "3 Enter")
        expect(page.locator("#progress")).to_have_text("Result 2 of 2")
        assert harness.ballots["t0"]["score"] == 3


def test_a_reference_is_called_so(page):
    with asked(page, QUESTIONS["dcr"][1], 1) as harness:
        assert page.locator(".pane:visible .name").all_text_contents() == ["Reference", "1"]
        expect(page.locator(".choice").first).to_have_text("1 Very annoying")
        keys(page, "d")
        wait_complete(page)
        assert [pane.slot for pane in panes(page)] == [0, 1]
        keys(page, "g 1")
        saved(page)
        assert harness.ballots["t0"]["score"] == 1
        page.keyboard.down(" ")
        expect(page.locator(".pane[data-slot='1'] .busy")).to_have_text("showing the reference")
        page.keyboard.up(" ")


def value(page: Page, slot: int) -> str:
    return page.locator(f".slider-row[data-slot='{slot}'] .value").input_value()


def order(page: Page) -> list[str | None]:
    return [row.get_attribute("data-slot") for row in page.locator(".slider-row").all()]


def test_values_are_typed_slid_and_sorted(page):
    with asked(page, QUESTIONS["slider"][1], 4) as harness:
        keys(page, "3 7 2 Enter")
        saved(page)
        assert harness.ballots["t0"]["scores"] == [None, None, 72, None]
        keys(page, "q Shift+w")
        saved(page)
        assert harness.ballots["t0"]["scores"][2] == 81
        slider = page.get_by_label("Candidate 1, from 0 to 100")
        slider.click()
        saved(page)
        assert harness.ballots["t0"]["scores"][0] == 50, "where it stands is a value too, once it is pressed"
        before = harness.ballots["t0"]["revision"]
        box = slider.bounding_box()
        assert box
        middle = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + box["width"] / 2, middle)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] - 7, middle, steps=8)
        page.mouse.up()
        saved(page)
        assert harness.ballots["t0"]["scores"][0] == 100
        assert harness.ballots["t0"]["revision"] == before + 1, "sliding is one step"
        keys(page, "End")
        expect(page.locator("#scale")).to_contain_text("1:1")
        assert value(page, 1) == "100", "after the mouse the keys are the page's again"
        keys(page, "u")
        saved(page)
        assert value(page, 1) == "50"
        slider.focus()
        keys(page, "ArrowRight")
        saved(page)
        assert value(page, 1) == "51"
        slider.blur()
        keys(page, "t")
        assert order(page) == ["3", "1", "2", "4"]
        assert [pane.slot for pane in panes(page)] == [0, 3, 1, 2, 4]
        keys(page, "2 1 n 0 1 Enter")
        expect(page.locator("#message")).to_contain_text("101 is not a whole number")
        assert value(page, 2) == ""
        keys(page, "n")
        expect(page.locator("#message")).to_contain_text("Still to rate: 2 and 4")
        keys(page, "2 0 Enter 4 9 9 Enter n")
        expect(page.locator("#progress")).to_have_text("Image 2 of 2")
        assert harness.ballots["t0"]["scores"] == [51, 0, 81, 99]
        assert order(page) == ["1", "2", "3", "4"]
        assert [value(page, slot) for slot in (1, 2, 3, 4)] == ["", "", "", ""]


def test_a_value_that_was_just_slid_is_not_lost_by_leaving(page):
    with asked(page, QUESTIONS["slider"][1], 4) as harness:
        keys(page, "1 6 4 Enter")
        page.reload()
        wait_complete(page)
        saved(page)
        assert value(page, 1) == "64"
        assert harness.ballots["t0"]["scores"] == [64, None, None, None]


def ranks(page: Page) -> str:
    """The groups as they stand: "3 | 1 2"."""
    groups = page.locator(".rank").all()
    return " | ".join(" ".join(group.locator(".chip").all_text_contents()) for group in groups)


def test_an_order_is_made_by_numbers_keys_and_dragging(page):
    with asked(page, QUESTIONS["ranking"][1], 4) as harness:
        keys(page, "3 1 2")
        saved(page)
        assert ranks(page) == "3 | 1 | 2"
        keys(page, "e")
        assert ranks(page) == "3 | 1 2"
        keys(page, "q")
        assert ranks(page) == "3 | 2 | 1"
        keys(page, "Enter")
        expect(page.locator("#message")).to_contain_text("Candidate 2 is already 2nd")
        keys(page, "n")
        expect(page.locator("#message")).to_contain_text("Still to rank: 4")
        page.locator(".chip", has_text="4").drag_to(page.locator(".gap").first)
        assert ranks(page) == "4 | 3 | 2 | 1"
        page.locator(".chip", has_text="1").drag_to(page.locator(".rank .ordinal").first)
        saved(page)
        assert harness.ballots["t0"]["groups"] == [[1, 4], [3], [2]]
        expect(page.locator(".pane[data-slot='4'] .place")).to_have_text("1st =")
        keys(page, "u u u")
        assert ranks(page) == "3 | 1 2"


@pytest.mark.parametrize("kind", QUESTIONS)
def test_answering_moves_nothing_and_a_reload_brings_the_answer_back(page, kind):
    candidates, question, answer = QUESTIONS[kind]
    where = """() => [
      ...document.querySelectorAll('.pane:not([hidden]), .bar, .foot, .side, .choice, .slider-row')
    ].map((node) => Object.values(node.getBoundingClientRect().toJSON()).map(Math.round))"""
    with asked(page, question, candidates) as harness:
        before = page.evaluate(where)
        keys(page, answer)
        saved(page)
        page.evaluate(TWO_FRAMES)
        assert page.evaluate(where) == before
        given = harness.ballots["t0"]
        page.reload()
        wait_complete(page)
        keys(page, "u")
        page.wait_for_function("() => document.querySelector('#save').textContent === 'Saved'")
        field = next(name for name in ("choice", "score", "scores", "groups") if name in given)
        assert harness.ballots["t0"]["revision"] == given["revision"] + 1
        assert harness.ballots["t0"][field] != given[field]


@pytest.mark.parametrize("kind", QUESTIONS)
def test_nothing_is_answered_after_the_study_has_closed(page, kind):
    candidates, question, answer = QUESTIONS[kind]
    with asked(page, question, candidates, open=False, state="closed") as harness:
        keys(page, answer)
        for control in page.locator(".choice, .slider-row input").all():
            expect(control).to_be_disabled()
        expect(page.locator("#banner")).to_contain_text("The study is closed")
        assert harness.ballots == {}


def test_pixels_are_exact_beside_what_is_answered():
    """The strip and the panel leave the pictures an area that begins and ends anywhere."""
    with chromium(dpr=1.25) as page:
        for kind in ("pairwise", "slider"):
            candidates, question, _ = QUESTIONS[kind]
            trial = trial_of(candidates, 900, 700)
            sources = {0: trial.input.pixels, **{n: c.pixels for n, c in enumerate(trial.candidates, 1)}}
            with Harness([trial], question=question) as harness:
                page.goto(f"{harness.url}/judge/trial/t0")
                wait_complete(page)
                for view in "gvb":
                    keys(page, f"{view} o" if view != "g" else "o")
                    wait_complete(page)
                    assert set(wrong_pixels(page, sources).values()) == {0.0}, (kind, view)


@pytest.mark.parametrize("kind", QUESTIONS)
def test_an_answer_of_another_window_is_asked_about(page, kind):
    candidates, question, answer = QUESTIONS[kind]
    other, said = ELSEWHERE[kind]
    with asked(page, question, candidates) as harness:
        harness.refuse = (
            409,
            {"error": {"code": "stale"}, "current": {"revision": 5, "complete": True, **other}},
        )
        keys(page, answer)
        expect(page.locator("#conflict")).to_contain_text("in another window")
        expect(page.locator("#conflict dd").first).to_have_text(said)
        harness.refuse = None
        page.get_by_role("button", name="Use the answer saved there").click()
        saved(page)
        field, value = next(iter(other.items()))
        shown = page.evaluate("async () => (await import('/static/js/pages/trial.js')).page.answer.value")
        assert shown[field] == value
        keys(page, "Escape u")


def test_a_break_is_suggested_between_two_trials_and_can_be_put_off(page):
    with asked(page, PAIR, 2, break_after=0.001) as harness:
        keys(page, "q")
        saved(page)
        expect(page.locator("#rest-note")).to_be_hidden()
        keys(page, "Enter")
        expect(page.locator("#rest-note")).to_contain_text("A short break rests your eyes")
        expect(page.locator("#progress")).to_have_text("Pair 2 of 2")
        wait_complete(page)
        page.get_by_role("button", name="Take a break").click()
        keys(page, "e r")
        page.get_by_role("button", name="Continue judging").click()
        expect(page.locator("#rest-note")).to_be_hidden()
        assert "t1" not in harness.ballots, "nothing is answered during a break"
        keys(page, "e")
        saved(page)
        keys(page, "p")
        expect(page.locator("#progress")).to_have_text("Pair 1 of 2")
        page.locator("#rest-note").get_by_role("button", name="Not now").click()
        expect(page.locator("#rest-note")).to_be_hidden()
        assert [harness.ballots[name]["choice"] for name in ("t0", "t1")] == ["a", "b"]
