"""Firefox and WebKit: the screen shows the file's pixels, and an answer given there is kept."""

import json
from collections.abc import Iterator

import numpy as np
import pytest
from sqlmodel import col, select

from studyapp.db.tables import BallotEvent
from tests.browser.chromium import COMPLETE, wrong_in
from tests.browser.harness import Harness, MemoryTiles, Trial, photograph
from tests.browser.other_browsers import (
    Firefox,
    OnScreen,
    WebKit,
    needs_firefox,
    needs_webkit,
    on_screen,
    tries,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # Chromium shows the same in the short form

SCREENS = [
    pytest.param((Firefox, 1), id="firefox", marks=needs_firefox),
    pytest.param((Firefox, 1.25), id="firefox-1.25", marks=needs_firefox),
    pytest.param((WebKit, 1), id="webkit", marks=needs_webkit),
    pytest.param((WebKit, 2), id="webkit-2", marks=needs_webkit),
]


@pytest.fixture(scope="module", params=SCREENS)
def page(request) -> Iterator[OnScreen]:
    kind, dpr = request.param
    with on_screen(kind, dpr) as page:
        assert page.evaluate("() => devicePixelRatio") == pytest.approx(dpr)
        yield page


def wrong(page: OnScreen, sources: dict[int, np.ndarray]) -> dict[int, float]:
    """The shares of wrong pixels once the page has drawn all; the screen may follow a few frames later."""
    page.wait(COMPLETE)
    shares = {}
    for _ in tries():
        shares = wrong_in(page.screenshot(), page, sources)
        if not any(shares.values()):
            break
    return shares


@pytest.fixture(scope="module")
def tiles() -> list[MemoryTiles]:
    return [MemoryTiles(photograph(701, 903, seed)) for seed in range(4)]


def test_the_screen_shows_the_file(page: OnScreen, tiles: list[MemoryTiles]) -> None:
    sources = {number: made.pixels for number, made in enumerate(tiles)}
    with Harness([Trial(tiles[0], tiles[1:])]) as harness:
        page.goto(f"{harness.url}/judge/trial/t0")
        page.wait(COMPLETE)
        for key, scale, panes in (("o", 1, 4), ("+", 2, 4), ("b", 2, 1)):
            page.press(key)
            page.wait(
                f"""() => document.getElementById('scale').textContent === '{scale}:1 exact'
                  && document.querySelectorAll('.pane:not([hidden])').length === {panes}"""
            )
            shares = wrong(page, sources)
            assert shares == dict.fromkeys(shares, 0.0), key
            assert len(shares) == panes


def test_a_zoom_that_makes_the_ratio_wrong_is_found(page: OnScreen) -> None:
    """As WebKit's zoom does, which changes how large a CSS pixel is and not what the browser says of it."""
    with Harness([]) as harness:
        page.goto(f"{harness.url}/judge/conditions")
        page.wait("() => suitability.dataset.exact === 'yes'")
        page.evaluate(
            """() => { const zoomed = devicePixelRatio * 1.2;
              Object.defineProperty(window, 'devicePixelRatio', { get: () => zoomed });
              dispatchEvent(new Event('resize')); }"""
        )
        page.wait("() => suitability.dataset.exact === 'no'")
        assert "100 %" in page.evaluate("() => suitability.textContent")


READY = "() => document.documentElement.hasAttribute('data-ready')"
SAVED = "() => document.getElementById('save')?.textContent === 'Saved'"


def test_an_answer_given_there_is_kept(page: OnScreen, served_study) -> None:
    """By the personal link to the check and an image; the answer stands after a reload."""
    workspace, server, token = served_study(size=(640, 480))
    page.goto(f"{server.url}/j/{token}")
    page.goto(f"{server.url}/judge/screen")
    page.wait("() => suitability.dataset.exact === 'yes'")
    page.evaluate(
        """() => { for (const value of ['even', '4', '5']) {
          const seen = { even: 'checkerboard', 4: 'dark', 5: 'bright' }[value];
          document.querySelector(`input[name=${seen}][value='${value}']`).click(); } send.click(); }"""
    )
    page.wait("() => location.pathname.includes('/judge/trial/')")
    page.wait(READY)
    page.wait(COMPLETE)
    page.wait("() => performance.now() > 1000")  # for 0.3 s an image that was opened takes no answer
    page.press(*"312")
    page.wait(SAVED)
    page.goto(page.evaluate("() => location.href"))
    page.wait(READY)
    given = "() => JSON.parse(document.getElementById('trial-data').textContent).ballot.picks"
    assert page.evaluate(given) == [3, 1, 2]
    with workspace.database.reading() as session:
        newest = session.exec(select(BallotEvent.body).order_by(col(BallotEvent.revision).desc())).first()
    assert json.loads(newest or "")["answer"]["picks"] == [3, 1, 2]
