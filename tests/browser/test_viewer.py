"""The judging page's interactions, on images of the harness."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import TWO_FRAMES, chromium, needs_chromium, panes, screenshot, wait_complete
from tests.browser.harness import Harness, trial_of

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
        page.goto("about:blank")


def picks(page: Page) -> str:
    return " ".join(page.locator(".step .who").all_text_contents())


def keys(page: Page, *names: str) -> None:
    for name in names:
        page.keyboard.press(name)


def test_places_by_digits_by_keys_and_by_mouse(page, two):
    keys(page, "5", "2")
    assert picks(page) == "E B –"
    keys(page, "4", "q")
    assert picks(page) == "D E B"
    page.get_by_role("button", name="1: 1st place for A").click()
    assert picks(page) == "A D E"
    keys(page, "Backspace")
    assert picks(page) == "D E B"
    page.get_by_role("button", name="2nd E: take it off").click()
    assert picks(page) == "D B –"
    expect(page.locator("#save")).to_have_text("Saved")
    assert two.ballots["t0"]["picks"] == [4, 2]


def test_letters_can_be_dragged_onto_the_podium(page, two):
    def drag(source: str, place: int) -> None:
        page.locator(source).hover()
        page.mouse.down()
        page.locator(f".step[data-place='{place}']").hover()
        page.mouse.up()

    drag(".pane[data-slot='3'] .letter", 1)
    drag(".pane[data-slot='5'] .letter", 2)
    assert picks(page) == "C E –"
    drag(".pane[data-slot='1'] .letter", 1)
    assert picks(page) == "A C E"
    drag(".step[data-place='3']", 1)
    assert picks(page) == "E A C"


def test_a_place_above_a_gap_and_an_early_next_are_refused_with_the_reason(page, two):
    keys(page, "ArrowRight")
    page.locator(".pane[data-slot='2'] .pane-view").click()
    keys(page, "e")
    expect(page.locator("#message")).to_have_text("1st is still empty: choose 1st before 3rd.")
    keys(page, "n")
    expect(page.locator("#message")).to_have_text("Choose 1st, 2nd and 3rd first.")
    assert page.url.endswith("t0")


def test_the_keys_of_more_than_nineteen_candidates(page):
    with Harness([trial_of(23, width=300, height=200)]) as harness:
        page.goto(f"{harness.url}/judge/trial/t0")
        wait_complete(page)
        message = page.locator("#message")
        keys(page, "3", "0")
        assert picks(page) == "C – –", "a digit alone never waits"
        expect(message).to_have_text("__: two digits, 10 (J) to 23 (W). Escape takes it back.")
        keys(page, "Numpad2", "h")
        keys(page, "h")
        assert picks(page) == "C – –", "another key gives the number up"
        keys(page, "0", "2")
        expect(message).to_have_text("2_: one more digit, 0 T, 1 U, 2 V, 3 W. Escape takes it back.")
        page.wait_for_timeout(6500)
        expect(message).to_be_visible()
        keys(page, "Backspace")
        expect(message).to_be_hidden()
        assert picks(page) == "C – –", "Backspace takes the number back, not the pick"
        keys(page, "0", "2", "3", "0", "1", "0")
        assert picks(page) == "C W J"
        keys(page, "0", "2", "9")
        expect(message).to_have_text("There is no candidate 29.")
        keys(page, "0")
        page.locator(".pane[data-slot='2'] .pane-view").click()
        expect(message).to_be_hidden()
        keys(page, "g", "?")
        expect(page.locator("#help")).to_contain_text("the same for K to W (0 2 3)")
        page.goto("about:blank")


def test_azerty_digits_and_place_keys(page, two):
    """On AZERTY the digit row prints & and é, and the keys under it A, Z and E."""
    for code, key in [("Digit1", "&"), ("Digit2", "é"), ("KeyQ", "a")]:
        page.evaluate(
            """([code, key]) => document.body.dispatchEvent(
              new KeyboardEvent('keydown', { code, key, bubbles: true }))""",
            [code, key],
        )
    assert picks(page) == "B A –"


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
    seen = set()
    for _ in range(14):
        seen.add(page.locator(".pane:not([hidden])").get_attribute("data-slot"))
        page.wait_for_timeout(110)
    page.keyboard.up("x")
    assert seen == {"1", "3"}


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
    assert picks(page) == "A B C"
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


def test_a_network_that_fails_and_comes_back(page, two):
    two.fail.add("/t0/ballot")
    keys(page, "4")
    expect(page.locator("#save")).to_have_text("Not saved")
    expect(page.locator("#banner")).to_contain_text("will retry in")
    keys(page, "2")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    wait_complete(page)
    assert picks(page) == "D B –", "unsaved picks survive a reload"
    expect(page.locator("#save")).to_have_text("Not saved")
    two.fail.clear()
    page.get_by_role("button", name="Retry now").click()
    expect(page.locator("#save")).to_have_text("Saved")
    assert two.ballots["t0"]["picks"] == [4, 2]


@pytest.mark.parametrize(
    ("status", "code", "state", "remedy"),
    [
        (409, "closed", "Closed", "The study has ended."),
        (401, "login", "Not saved", "Open your personal link"),
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
        assert picks(page) == "D – –"
        expect(page.locator("#message")).to_contain_text("can no longer be changed")
    if code == "login":
        two.refuse = None
        page.get_by_role("button", name="Retry now").click()
        expect(page.locator("#save")).to_have_text("Saved")
    page.evaluate(
        "indexedDB.databases().then((all) => all.forEach(({ name }) => indexedDB.deleteDatabase(name)))"
    )
    page.evaluate("localStorage.clear()")
    page.on("dialog", lambda dialog: dialog.accept())


def test_an_answer_left_behind_is_told_and_sent(page, two):
    two.fail.add("/t0/ballot")
    keys(page, "4", "2", "1", "n")
    expect(page.locator("#progress")).to_have_text("Image 2 of 2")
    expect(page.locator("#banner")).to_contain_text("Your picks on another image are not saved yet")
    keys(page, "5")
    expect(page.locator("#save")).to_have_text("Saved")
    two.fail.clear()
    page.get_by_role("button", name="Retry now").click()
    expect(page.locator("#banner")).to_be_hidden()
    for _ in range(20):  # the first answer goes again under its own key, then the newest
        page.wait_for_timeout(100)
        if two.ballots["t0"]["picks"] == [4, 2, 1]:
            break
    assert two.ballots["t0"]["picks"] == [4, 2, 1]
    assert two.ballots["t1"]["picks"] == [5]


def test_an_image_that_does_not_load_blocks_until_it_is_seen_or_reported(page, two):
    two.fail.add("/t/0-3/1/")
    keys(page, "o")
    note = page.locator(".pane[data-slot='3'] .pane-note")
    expect(note).to_contain_text("Part of this image did not load", timeout=15_000)
    keys(page, "1", "2", "3", "n")
    expect(page.locator("#message")).to_contain_text("C could not be loaded completely")
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
        page.goto("about:blank")


def test_the_rule_that_all_be_seen_at_full_size(page):
    with Harness([trial_of(2, rule={"see_all_at_1_1": True}), trial_of(2)], places=1) as harness:
        page.goto(f"{harness.url}/judge/trial/t0")
        wait_complete(page)
        page.evaluate("import('/static/js/pages/trial.js').then(({ stage }) => stage.goTo(450, 350, 1 / 3))")
        keys(page, "1", "n")
        expect(page.locator("#message")).to_contain_text("Look at every candidate at 1:1 first")
        keys(page, "o")
        wait_complete(page)
        page.wait_for_timeout(600)
        keys(page, "n")
        expect(page.locator("#progress")).to_have_text("Image 2 of 2")
        page.wait_for_timeout(500)
        evidence = harness.ballots["t0"]["looking"]
        assert 0 < evidence["slots"]["1"]["seen"] <= 1
        assert evidence["path"][-1][3] == 1
        page.goto("about:blank")


def test_reasons_go_with_the_ballot(page):
    with Harness([trial_of(4, tags=["Noise", "Fidelity"])]) as harness:
        page.goto(f"{harness.url}/judge/trial/t0")
        wait_complete(page)
        keys(page, "3", "y")
        page.get_by_role("button", name="Noise: good").click()
        page.get_by_label("A sentence about C").fill("Hair is natural.")
        page.get_by_role("button", name="Draw a place on C").click()
        wait_complete(page)
        pane = page.locator(".pane[data-slot='3'] .pane-view").bounding_box()
        assert pane is not None
        page.mouse.move(pane["x"] + 60, pane["y"] + 80)
        page.mouse.down()
        page.mouse.move(pane["x"] + 120, pane["y"] + 120, steps=3)
        page.mouse.up()
        page.wait_for_timeout(1000)
        expect(page.locator("#save")).to_have_text("Saved")
        (reason,) = harness.ballots["t0"]["reasons"]
        assert (reason["slot"], reason["tags"], reason["text"]) == (3, ["+Noise"], "Hair is natural.")
        assert len(reason["rect"]) == 4
        assert harness.ballots["t0"]["picks"] == [3]
        page.goto("about:blank")


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
        page.goto("about:blank")


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
    page.locator("[data-rail='2']").click()
    page.locator("[data-rail='4']").click()
    pane = page.locator(".pane:not([hidden])")
    page.locator("#alternate").hover()
    page.mouse.down()
    expect(pane).to_have_attribute("data-slot", "2")
    page.mouse.up()
    page.locator("#peek").hover()
    page.mouse.down()
    expect(pane.locator(".busy")).to_have_text("showing the input")
    page.mouse.up()
    expect(pane.locator(".busy")).to_be_hidden()
    page.locator("#zoom-in").click()
    page.locator("#zoom-in").click()
    wait_complete(page)
    assert panes(page)[0].scale >= 1
    page.get_by_role("button", name="Grid").click()
    page.locator("#help-button").click()
    page.get_by_role("button", name="Hide the controls").click()
    expect(page.locator("#bar")).to_be_hidden()
    page.get_by_role("button", name="Show controls").click()
    expect(page.locator("#bar")).to_be_visible()
    expect(page.get_by_role("button", name="Show controls")).to_be_hidden()
