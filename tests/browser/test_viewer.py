"""The judging page's interactions, on images of the harness."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import (
    TWO_FRAMES,
    chromium,
    leave,
    needs_chromium,
    panes,
    screenshot,
    wait_complete,
)
from tests.browser.harness import WORDS, Harness, trial_of

pytestmark = [pytest.mark.browser, needs_chromium]


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with chromium() as page:
        yield page


@pytest.fixture
def two(page: Page) -> Iterator[Harness]:
    """Two trials of five candidates, the first on the screen."""
    with Harness([trial_of(5), trial_of(5)]) as harness:
        page.goto(f"{harness.url}/judge/trial/t0")
        wait_complete(page)
        yield harness
        leave(page)


def picks(page: Page) -> str:
    return " ".join(page.locator(".step .who").all_text_contents())


def keys(page: Page, *names: str) -> None:
    for name in names:
        page.keyboard.press(name)


def until(page: Page, condition: Callable[[], bool]) -> None:
    """Wait until something is so on the server's side; the page works meanwhile."""
    for _ in range(600):
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it never came to that")


def test_places_by_digits_by_keys_and_by_mouse(page, two):
    keys(page, "5", "2")
    assert picks(page) == "5 2 –"
    keys(page, "4", "q")
    assert picks(page) == "4 5 2"
    page.get_by_role("button", name="1st place for candidate 1").click()
    assert picks(page) == "1 4 5"
    keys(page, "Backspace")
    assert picks(page) == "4 5 2"
    page.get_by_role("button", name="2nd 5: click to remove").click()
    assert picks(page) == "4 2 –"
    expect(page.locator("#save")).to_have_text("Saved")
    assert two.ballots["t0"]["picks"] == [4, 2]


def test_numbers_can_be_dragged_onto_the_podium(page, two):
    def drag(source: str, place: int) -> None:
        page.locator(source).hover()
        page.mouse.down()
        page.locator(f".step[data-place='{place}']").hover()
        page.mouse.up()

    drag(".pane[data-slot='3'] .name", 1)
    drag(".pane[data-slot='5'] .name", 2)
    assert picks(page) == "3 5 –"
    drag(".pane[data-slot='1'] .name", 1)
    assert picks(page) == "1 3 5"
    drag(".step[data-place='3']", 1)
    assert picks(page) == "5 1 3"


def test_a_place_above_a_gap_and_an_early_next_are_refused_with_the_reason(page, two):
    keys(page, "ArrowRight")
    page.locator(".pane[data-slot='2'] .pane-view").click()
    keys(page, "e")
    expect(page.locator("#message")).to_have_text("1st place is still empty. Fill it before 3rd place.")
    keys(page, "n")
    expect(page.locator("#message")).to_have_text("Still to pick: 1st, 2nd and 3rd.")
    assert page.url.endswith("t0")


def test_numbers_of_two_digits_are_typed_as_they_are_printed(page):
    with Harness([trial_of(23, width=300, height=200)]) as harness:
        page.goto(f"{harness.url}/judge/trial/t0")
        wait_complete(page)
        message = page.locator("#message")
        keys(page, "3")
        assert picks(page) == "3 – –", "a digit that begins no longer number never waits"
        keys(page, "2")
        expect(message).to_have_text("2_ Enter for 2, another digit for 20 to 23. Escape cancels.")
        keys(page, "Backspace")
        expect(message).to_be_hidden()
        assert picks(page) == "3 – –", "Backspace takes the number back, not the pick"
        keys(page, "2", "3")
        assert picks(page) == "3 23 –"
        keys(page, "1", "Enter")
        assert picks(page) == "3 23 1", "Enter takes it as it stands"
        keys(page, "u", "2")
        expect(page.locator(".step[data-place='3'] .who")).to_have_text("2")  # after a second without a digit
        keys(page, "u", "2", "9")
        expect(message).to_have_text("There is no candidate 29.")
        keys(page, "0", "7")
        assert picks(page) == "3 23 7"
        keys(page, "u", "1", "h", "h")
        assert picks(page) == "3 23 1", "another key ends the number"
        keys(page, "u", "1")
        page.locator("[data-command=zoom-in]").click()
        assert picks(page) == "3 23 1", "so does a click"
        keys(page, "?")
        expect(page.locator("#help")).to_contain_text("1 0 to 2 3")
        leave(page)


def test_azerty_digits_and_place_keys(page, two):
    """On AZERTY the digit row prints & and é, and the keys under it A, Z and E."""
    for code, key in [("Digit1", "&"), ("Digit2", "é"), ("KeyQ", "a")]:
        page.evaluate(
            """([code, key]) => document.body.dispatchEvent(
              new KeyboardEvent('keydown', { code, key, bubbles: true }))""",
            [code, key],
        )
    assert picks(page) == "2 1 –"


NO_VOTES = [
    ("End", "Numpad1"),
    ("ArrowDown", "Numpad2"),
    ("PageDown", "Numpad3"),
    ("Clear", "Numpad5"),
    ("Insert", "Numpad0"),
    ("Dead", "Digit2"),
    ("Process", "Numpad2"),
    ("Process", "Enter"),
    ("Process", ""),
    ("", ""),
    ("Unidentified", ""),
    ("constructor", ""),
]
VOTES = [
    ("2", "Numpad2"),
    ("2", ""),
    ("Process", "Digit2"),
    ("Unidentified", "Digit2"),
    ("\u0662", "Digit2"),
    ("\uff12", ""),
    ("é", "Digit2"),
]
PRESS = """([key, code, more]) => {
  for (const type of ['keydown', 'keyup']) {
    const event = new KeyboardEvent(type, { key, code, bubbles: true, cancelable: true, ...more });
    document.body.dispatchEvent(event);
  }
}"""


def test_what_is_no_digit_is_no_vote_and_what_is_one_is(page, two):
    for key, code in NO_VOTES:
        page.evaluate(PRESS, [key, code, {}])
        assert picks(page) == "– – –", (key, code)
    for more in (
        {"shiftKey": True},
        {"altKey": True},
        {"ctrlKey": True},
        {"isComposing": True},
        {"repeat": True},
    ):
        page.evaluate(PRESS, ["!" if "shiftKey" in more else "1", "Digit1", more])
        assert picks(page) == "– – –", more
    page.evaluate(PRESS, ["¹", "Digit1", {"modifierAltGraph": True}])
    assert picks(page) == "– – –"
    for key, code in VOTES:
        page.evaluate(PRESS, [key, code, {}])
        assert picks(page) == "2 – –", (key, code)
        page.evaluate(PRESS, ["Process", "KeyU", {}])
        assert picks(page) == "– – –", "undo works under an input method"


def test_a_key_without_its_release_is_a_held_key(page, two):
    """Remote desktops send no `repeat`: keys that go down again and again are held."""
    for _ in range(5):
        for key, code in (("u", "KeyU"), ("3", "Digit3")):
            page.evaluate(
                """([key, code]) => document.body.dispatchEvent(
                  new KeyboardEvent('keydown', { code, key, bubbles: true }))""",
                [key, code],
            )
    assert picks(page) == "3 – –"


def test_the_candidate_that_is_pointed_at_is_chosen_by_enter(page, two):
    page.mouse.move(0, 0)
    page.mouse.move(2, 2)
    for slot in (2, 4):
        page.locator(f".pane[data-slot='{slot}'] .pane-view").hover()
        expect(page.locator(".pane.current")).to_have_attribute("data-slot", str(slot))
    keys(page, "Enter")
    assert picks(page) == "4 – –"
    keys(page, "3")
    assert picks(page) == "4 3 –", "the pointer does not change what a digit means"
    keys(page, "c", "Enter")
    assert picks(page) == "4 3 –", "C goes on from where the keys were"
    expect(page.locator("#message")).to_have_text("Candidate 4 is already 1st.")
    keys(page, "q")
    assert picks(page) == "4 3 –", "a place that it has already is not taken off"


def test_the_second_click_of_a_double_click_takes_nothing_back(page, two):
    keys(page, "5", "3")
    page.get_by_role("button", name="1st place for candidate 2").dblclick()
    assert picks(page) == "2 5 3"
    page.get_by_role("button", name="1st 2: click to remove").dblclick()
    assert picks(page) == "5 3 –"
    page.get_by_role("button", name="Blink").dblclick()
    expect(page.get_by_role("button", name="Blink")).to_have_attribute("aria-pressed", "true")


def test_nothing_is_picked_before_it_is_drawn(page):
    with Harness([trial_of(4), trial_of(4)]) as harness:
        harness.fail.add("/t/0-")
        page.goto(f"{harness.url}/judge/trial/t0")
        page.locator("html[data-ready]").wait_for(state="attached")
        keys(page, "1", "2", "3")
        expect(page.locator("#message")).to_contain_text("Candidate 3 is still loading")
        page.get_by_role("button", name="1st place for candidate 2").click()
        assert picks(page) == "– – –"
        assert harness.ballots == {}
        harness.fail.clear()
        wait_complete(page)
        keys(page, "1", "2", "3")
        assert picks(page) == "1 2 3"
        leave(page)


def test_keys_meant_for_the_image_before_do_not_answer_the_next(page, two):
    page.wait_for_function(
        "() => performance.getEntriesByType('resource').some(({name}) => name.includes('/t/1-5/'))"
    )
    keys(page, "1", "2")
    page.keyboard.down("3")
    keys(page, "n", "4", "5", "q")
    expect(page.locator("#progress")).to_have_text("Image 2 of 2")
    page.keyboard.down("3")
    assert picks(page) == "– – –", "held since the image before"
    page.keyboard.up("3")
    keys(page, "3")
    assert picks(page) == "3 – –"


def test_c_goes_through_the_candidates_without_picking(page, two):
    keys(page, "c", "c", "k", "Shift+C", "Shift+C", "k", "s")
    assert [pane.slot for pane in panes(page)] == [0, 2, 5]
    assert picks(page) == "– – –"
    keys(page, "b", "c")
    assert [pane.slot for pane in panes(page)] == [1]


def test_views_keep_position_and_scale(page, two):
    keys(page, "o", "ArrowRight", "ArrowDown")
    wait_complete(page)
    before = panes(page)[0]
    for key in ("b", "v", "d", "g"):
        keys(page, key)
        wait_complete(page)
        now = panes(page)[0]
        assert (now.scale, round(now.cx), round(now.cy)) == (
            1,
            round(before.cx),
            round(before.cy),
        ) or key != "g"
        assert now.scale == 1


def test_blink_shows_in_place_and_space_shows_the_input(page, two):
    keys(page, "b", "o", "3")
    wait_complete(page)
    third = screenshot(page)
    keys(page, "4", "3")
    wait_complete(page)
    assert (screenshot(page)[110:] == third[110:]).all(), "the same candidate comes back to the same pixels"
    page.keyboard.down("Space")
    wait_complete(page)
    expect(page.locator(".pane:not([hidden]) .busy")).to_have_text("showing the input")
    assert (screenshot(page)[200:, 300:900] != third[200:, 300:900]).any()
    page.keyboard.up("Space")
    wait_complete(page)
    assert (screenshot(page)[110:] == third[110:]).all()


def test_alternating_the_last_two(page, two):
    keys(page, "b", "1", "3")
    page.keyboard.down("x")
    pane = page.locator(".pane:not([hidden])")
    for slot in ("1", "3", "1"):
        expect(pane).to_have_attribute("data-slot", slot)
    page.keyboard.up("x")


def test_the_divider_moves_by_mouse_and_by_keys(page, two):
    keys(page, "d")
    divider = page.get_by_role("slider", name="Divider")
    divider.focus()
    keys(page, "ArrowLeft", "ArrowLeft")
    assert divider.get_attribute("aria-valuenow") == "46"
    box = divider.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 12, 400)
    page.mouse.down()
    page.mouse.move(320, 400)
    page.mouse.up()
    assert divider.get_attribute("aria-valuenow") == "25"


def test_the_map_leads_to_a_spot(page, two):
    keys(page, "m", "o")
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.25)
    wait_complete(page)
    pane = panes(page)[0]
    assert (pane.cx, pane.cy) == pytest.approx((0.75 * 900, 0.25 * 700), abs=8)


def test_two_fingers_zoom_and_one_pans(page, two):
    cdp = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[int, int]) -> None:
        cdp.send(
            "Input.dispatchTouchEvent",
            {
                "type": kind,
                "touchPoints": [{"x": x, "y": y, "id": index} for index, (x, y) in enumerate(points)],
            },
        )

    touch("touchStart", (180, 180), (220, 180))
    for spread in range(0, 160, 20):
        touch("touchMove", (180 - spread, 180), (220 + spread, 180))
    touch("touchEnd")
    wait_complete(page)
    before = panes(page)[0]
    assert before.scale >= 1
    assert before.scale == int(before.scale), "a pinch ends on an exact scale"
    touch("touchStart", (200, 200))
    for step in range(0, 60, 10):
        touch("touchMove", (200 - step, 200))
    touch("touchEnd")
    wait_complete(page)
    assert panes(page)[0].cx > before.cx


def test_all_panes_move_in_the_same_frame(page, two):
    keys(page, "o")
    wait_complete(page)
    mismatches = page.evaluate(
        """async () => {
          const { stage } = await import('/static/js/pages/trial.js');
          let wrong = 0;
          for (let step = 0; step < 40; step += 1) {
            stage.panBy(-3, 2);
            await new Promise((done) => requestAnimationFrame(done));
            await new Promise((done) => requestAnimationFrame(done));
            const drawn = stage.visible.map(({ viewer }) => viewer.drawnView());
            wrong += new Set(drawn.map((view) => JSON.stringify(view))).size !== 1;
          }
          return wrong;
        }"""
    )
    assert mismatches == 0


def test_going_on_and_back_keeps_each_answer_with_its_image(page, two):
    keys(page, "1", "2", "3", "n")
    expect(page.locator("#progress")).to_have_text("Image 2 of 2")
    expect(page.locator("#answered")).to_have_text("1 done")
    keys(page, "5", "4", "3")
    expect(page.locator("#answered")).to_have_text("2 done")
    expect(page.locator("#save")).to_have_text("Saved")
    page.go_back()
    expect(page.locator("#progress")).to_have_text("Image 1 of 2")
    assert picks(page) == "1 2 3"
    assert two.ballots["t0"]["picks"] == [1, 2, 3]
    assert two.ballots["t1"]["picks"] == [5, 4, 3]


def test_the_next_images_first_view_is_there_before_it_is_wanted(page, two):
    page.wait_for_function(
        "() => performance.getEntriesByType('resource').some(({name}) => name.includes('/t/1-5/'))"
    )
    wanted = {path for path in two.requests if path.startswith("/t/1-")}
    assert len(wanted) == 6
    keys(page, "1", "2", "3", "n")
    wait_complete(page)
    assert {path for path in two.requests if path.startswith("/t/1-")} == wanted


def retry_now(page: Page) -> None:
    """Press the button, unless the page was faster to try again by itself."""
    page.locator("#banner button", has_text="Retry now").evaluate_all(
        "(all) => all.forEach((b) => b.click())"
    )


def test_a_network_that_fails_and_comes_back(page, two):
    two.fail.add("/t0/ballot")
    keys(page, "4")
    expect(page.locator("#save")).to_have_text("Not saved")
    expect(page.locator("#banner")).to_contain_text("kept in this browser")
    keys(page, "2")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    wait_complete(page)
    assert picks(page) == "4 2 –", "unsaved picks survive a reload"
    expect(page.locator("#save")).to_have_text("Not saved")
    two.fail.clear()
    retry_now(page)
    expect(page.locator("#save")).to_have_text("Saved")
    assert two.ballots["t0"]["picks"] == [4, 2]


@pytest.mark.parametrize(
    ("status", "code", "state", "remedy"),
    [
        (409, "closed", "Not saved", "The study is closed"),
        (401, "logged_out", "Not saved", "Open your personal link"),
        (422, "invalid", "Not saved", "Reload the page"),
    ],
)
def test_each_refusal_says_what_to_do(page, two, status, code, state, remedy):
    two.refuse = (status, {"error": {"code": code, "message": "The study has ended."}})
    keys(page, "4")
    expect(page.locator("#save")).to_have_text(state)
    expect(page.locator("#banner")).to_contain_text(remedy)
    if code == "closed":
        keys(page, "2")
        assert picks(page) == "4 – –"
        expect(page.locator("#message")).to_contain_text("can no longer be changed")
    if code == "logged_out":
        two.refuse = None
        page.get_by_role("button", name="Retry now").click()
        expect(page.locator("#save")).to_have_text("Saved")
    page.on("dialog", lambda dialog: dialog.accept())


def test_an_answer_left_behind_is_told_and_sent(page, two):
    two.fail.add("/t0/ballot")
    keys(page, "4", "2", "1", "n")
    expect(page.locator("#progress")).to_have_text("Image 2 of 2")
    expect(page.locator("#banner")).to_contain_text("Another of your answers is not saved yet")
    keys(page, "5")
    expect(page.locator("#save")).to_have_text("Saved")
    two.fail.clear()
    retry_now(page)
    expect(page.locator("#banner")).to_be_hidden()
    # The first answer goes again under its own key, then the newest.
    until(page, lambda: two.ballots["t0"]["picks"] == [4, 2, 1])
    assert two.ballots["t1"]["picks"] == [5]


def test_an_image_that_does_not_load_blocks_until_it_is_seen_or_reported(page, two):
    two.fail.add("/t/0-3/1/")
    keys(page, "o")
    note = page.locator(".pane[data-slot='3'] .pane-note")
    expect(note).to_contain_text("Part of this image did not load", timeout=15_000)
    keys(page, "1", "2", "3", "n")
    expect(page.locator("#message")).to_contain_text("Candidate 3 did not load completely")
    assert page.url.endswith("t0")
    two.fail.clear()
    note.get_by_role("button", name="Retry").click()
    expect(note).to_be_hidden()
    wait_complete(page)
    keys(page, "n")
    expect(page.locator("#progress")).to_have_text("Image 2 of 2")


def test_an_image_that_never_loads_can_be_reported(page):
    with Harness([trial_of(3, rule={"see_all_at_1_1": False}), trial_of(3)]) as harness:
        harness.fail.add("/t/0-2/")
        page.goto(f"{harness.url}/judge/trial/t0")
        page.get_by_role("button", name="Report").click(timeout=15_000)
        keys(page, "1", "3", "2", "n")
        expect(page.locator("#progress")).to_have_text("Image 2 of 2")
        assert harness.ballots["t0"]["looking"]["reported"] == [2]
        leave(page)


def test_the_rule_that_all_be_seen_at_full_size(page):
    with Harness([trial_of(2, rule={"see_all_at_1_1": True}), trial_of(2)], places=1) as harness:
        page.goto(f"{harness.url}/judge/trial/t0")
        wait_complete(page)
        page.evaluate("import('/static/js/pages/trial.js').then(({ stage }) => stage.goTo(450, 350, 1 / 3))")
        keys(page, "1", "n")
        expect(page.locator("#message")).to_contain_text("Look at every candidate at 1:1 first")
        keys(page, "o")
        wait_complete(page)
        page.wait_for_timeout(600)  # what is on the screen for less does not count as seen
        keys(page, "n")
        expect(page.locator("#progress")).to_have_text("Image 2 of 2")
        until(page, lambda: harness.ballots["t0"]["looking"]["path"][-1][3] == 1)
        evidence = harness.ballots["t0"]["looking"]
        assert 0 < evidence["slots"]["1"]["seen"] <= 1
        assert evidence["path"][-1][3] == 1
        leave(page)


def test_a_reason_in_four_keys_goes_with_the_ballot(page):
    with Harness([trial_of(4, asks_why={**WORDS, "required": 2}), trial_of(4)]) as harness:
        page.goto(f"{harness.url}/judge/trial/t0")
        wait_complete(page)
        keys(page, "3", "1", "2", "n")
        message = page.locator("#message")
        expect(message).to_have_text("Say why first (press Y): this study asks for 2 reasons.")
        keys(page, "y", "h", "t", "-")  # about candidate 2, the last that was chosen
        expect(page.locator("[data-at='given-0']")).to_have_text("2: Hair · Texture: worse")
        expect(page.locator("[data-command='next']")).to_have_attribute(
            "title", "Say why first (press Y): 1 more reason is needed."
        )
        # By number, drawn, with severity and a sentence; what means nothing is said, and nothing is picked.
        keys(page, "y", "q")
        expect(message).to_have_text("Q means nothing here. Candidate 2: Where?")
        keys(page, "4", "Enter")
        wait_complete(page)
        pane = page.locator(".pane[data-slot='4'] .pane-view").bounding_box()
        assert pane is not None
        page.mouse.move(pane["x"] + 60, pane["y"] + 80)
        page.mouse.down()
        page.mouse.move(pane["x"] + 120, pane["y"] + 120, steps=3)
        page.mouse.up()
        keys(page, "n", "Backspace", "c", "4", "b")
        expect(page.locator("[data-at='given-1']")).to_have_text("4: Drawn · Color: better (severe)")
        page.keyboard.press("Shift+Y")
        page.keyboard.type("Like the input's.")
        keys(page, "Enter", "n")
        expect(page.locator("#progress")).to_have_text("Image 2 of 2")
        until(page, lambda: harness.ballots["t0"]["complete"])
        worse, better = harness.ballots["t0"]["reasons"]
        blank = {"region": None, "rect": None, "severity": None, "text": None}
        assert worse == {**blank, "slot": 2, "region": "Hair", "attribute": "Texture", "direction": "worse"}
        x, y, width, height = better.pop("rect")
        assert min(x, y, width, height) > 0
        assert (x + width <= 900, y + height <= 700) == (True, True)
        assert better == {
            "slot": 4, "region": None, "attribute": "Color", "direction": "better", "severity": 4,
            "text": "Like the input's.",
        }  # fmt: skip
        assert harness.ballots["t0"]["picks"] == [3, 1, 2]
        keys(page, "p")
        expect(page.locator("#progress")).to_have_text("Image 1 of 2")
        keys(page, "y", "Escape")
        expect(page.locator("[data-at='given-1']")).to_be_visible()
        page.locator("[data-at='remove-0']").click()
        until(page, lambda: len(harness.ballots["t0"]["reasons"]) == 1)
        assert not harness.ballots["t0"]["complete"]
        leave(page)


def test_regions_come_first_and_by_a_key(page):
    regions = [[100, 100, 200, 150], [600, 400, 30, 20]]
    with Harness([trial_of(4, regions=regions)]) as harness:
        page.goto(f"{harness.url}/judge/trial/t0")
        wait_complete(page)
        first = panes(page)[0]
        assert (first.cx, first.cy, first.scale >= 1) == (200, 175, True)
        keys(page, "j")
        wait_complete(page)
        second = panes(page)[0]
        assert (second.cx, second.cy) == (615, 410)
        assert second.scale > 4
        leave(page)


def test_a_click_moves_nothing_and_h_hides_the_controls(page, two):
    before = panes(page)[0]
    keys(page, "h")
    page.evaluate(TWO_FRAMES)
    expect(page.locator("#bar")).to_be_hidden()
    assert panes(page)[0].top == 0
    keys(page, "h")
    page.evaluate(TWO_FRAMES)
    assert panes(page)[0] == before


def test_all_views_by_the_mouse_alone(page, two):
    page.get_by_role("button", name="Blink").click()
    page.locator("[data-number='2']").click()
    page.locator("[data-number='4']").click()
    pane = page.locator(".pane:not([hidden])")
    page.locator("[data-command=alternate]").hover()
    page.mouse.down()
    expect(pane).to_have_attribute("data-slot", "2")
    page.mouse.up()
    page.locator("[data-command=peek]").hover()
    page.mouse.down()
    expect(pane.locator(".busy")).to_have_text("showing the input")
    page.mouse.up()
    expect(pane.locator(".busy")).to_be_hidden()
    page.locator("[data-command=zoom-in]").click()
    page.locator("[data-command=zoom-in]").click()
    wait_complete(page)
    assert panes(page)[0].scale >= 1
    page.get_by_role("button", name="Grid").click()
    page.locator("[data-command=help]").click()
    page.get_by_role("button", name="Hide controls").click()
    expect(page.locator("#bar")).to_be_hidden()
    page.get_by_role("button", name="Show controls").click()
    expect(page.locator("#bar")).to_be_visible()
    expect(page.get_by_role("button", name="Show controls")).to_be_hidden()


def test_every_panel_can_be_switched_off_and_on_again(page, two):
    switch = """(act) => import('/static/js/pages/trial.js').then(({ panels }) => {
      for (const panel of Object.values(panels)) panel[act]();
      return Object.keys(panels).length;
    })"""
    keys(page, "m", "b", "1", "2")
    expect(page.locator("#map")).to_be_visible()
    assert page.evaluate(switch, "disable") > 20
    for place in ("#map", "#divider", "#banner", "#message", ".number-row"):
        expect(page.locator(place)).to_be_hidden()
    for name in ("g", "5", "?", "n", "h"):
        keys(page, name)
    page.locator("[data-command=next]").click(force=True)
    assert [pane.slot for pane in panes(page)] == [2], "the view stays"
    assert picks(page) == "– – –"
    expect(page.locator("#help")).to_be_hidden()
    page.evaluate(switch, "enable")
    keys(page, "g")
    wait_complete(page)
    keys(page, "1", "2", "3", "m")
    expect(page.locator("#map")).to_be_visible()
    assert picks(page) == "1 2 3"
    keys(page, "n")
    expect(page.locator("#progress")).to_have_text("Image 2 of 2")


def test_a_panel_that_is_off_takes_its_command_along(page, two):
    page.evaluate("import('/static/js/pages/trial.js').then(({ panels }) => panels.map.disable())")
    keys(page, "m", "g")
    expect(page.locator("#map")).to_be_hidden()
    expect(page.get_by_role("button", name="Map")).to_be_hidden()
    keys(page, "?")
    expect(page.locator("#help")).to_contain_text("Continue to the next one")
    expect(page.locator("#help")).not_to_contain_text("map of the whole image")


def test_the_question_can_be_taken_away_and_asked_again(page, two):
    ask = "(act) => import('/static/js/pages/trial.js').then(({ page }) => page.question()[act]())"
    keys(page, "4", "2")
    until(page, lambda: two.ballots.get("t0", {}).get("picks") == [4, 2])
    saved = dict(two.ballots["t0"])
    page.evaluate(ask, "disable")
    keys(page, "1", "q", "Enter")
    expect(page.locator(".step, .place")).to_have_count(0)
    expect(page.locator(".pane.current")).to_have_attribute("data-slot", "1")
    keys(page, "?")
    expect(page.locator("#help")).to_contain_text("Continue to the next one")
    expect(page.locator("#help")).not_to_contain_text("free place")
    keys(page, "?")
    assert two.ballots["t0"] == saved
    page.evaluate(ask, "enable")
    assert picks(page) == "4 2 –"
    keys(page, "1")
    assert picks(page) == "4 2 1"


def test_changing_views_raises_no_false_alarm(page, two):
    """The bar takes another height with the view, and the panes another size in the same frame."""
    page.evaluate(
        """() => {
          window.said = [];
          const place = document.getElementById('message');
          new MutationObserver(() => window.said.push(place.textContent)).observe(place, { childList: true });
        }"""
    )
    for key in ("b", "g", "v", "b", "d", "g", "o", "b", "g", "h", "h"):
        keys(page, key)
        page.evaluate(TWO_FRAMES)
    assert page.evaluate("window.said") == []
