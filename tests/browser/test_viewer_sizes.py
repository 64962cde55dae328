"""Few and many candidates, odd shapes and small windows."""

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.chromium import chromium, leave, needs_chromium, panes, screenshot, wait_complete
from tests.browser.harness import Harness, trial_of

pytestmark = [pytest.mark.browser, needs_chromium]


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with chromium(1, 800, 687) as page:
        yield page


@pytest.mark.parametrize(
    ("candidates", "width", "height"), [(2, 300, 1800), (16, 640, 480), (3, 3000, 300), (4, 60, 40)]
)
def test_any_number_and_shape_of_images_fits_a_small_window(page, candidates, width, height):
    with Harness([trial_of(candidates, width, height)]) as harness:
        page.goto(f"{harness.url}/judge/trial/t0")
        wait_complete(page)
        shown = panes(page)
        assert len(shown) == candidates + 1
        for pane in shown:
            assert pane.left >= 0
            assert pane.left + pane.width <= 800
            assert pane.top + pane.height <= 600
        colours = screenshot(page)
        for pane in shown:
            left, top = round(pane.left), round(pane.top)
            part = colours[top : top + round(pane.height), left : left + round(pane.width)]
            assert np.ptp(part.reshape(-1, 3), axis=0).max() > 60, f"pane {pane.slot} shows no picture"
        leave(page)
