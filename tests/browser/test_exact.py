"""At 100 % and above the screen shows the file's pixels, at every device pixel ratio, in every view."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from chromium import chromium, needs_chromium, panes, wait_complete, wrong_pixels
from harness import Harness, MemoryTiles, Trial, photograph

pytestmark = [pytest.mark.browser, needs_chromium]

RATIOS = [0.9, 1, 1.1, 1.25, 1.5, 1.75, 2]


@pytest.fixture(scope="module")
def pictures() -> list[np.ndarray]:
    return [photograph(1101, 1403, seed) for seed in range(6)]


@pytest.mark.parametrize("dpr", RATIOS)
def test_screen_equals_file(dpr: float, pictures: list[np.ndarray]) -> None:
    sources = dict(enumerate(pictures))
    trial = Trial(MemoryTiles(pictures[0]), [MemoryTiles(picture) for picture in pictures[1:]])
    with Harness([trial]) as harness, chromium(dpr) as page:
        page.goto(f"{harness.url}/judge/trial/t0")
        assert page.evaluate("devicePixelRatio") == pytest.approx(dpr)
        page.keyboard.press("h")
        page.keyboard.press("o")
        wait_complete(page)
        assert len(panes(page)) == 6
        assert set(wrong_pixels(page, sources).values()) == {0.0}, "grid at 1:1"
        page.keyboard.press("ArrowRight")
        wait_complete(page)
        assert set(wrong_pixels(page, sources).values()) == {0.0}, "grid after a pan"
        page.keyboard.press("+")
        page.keyboard.press("+")
        page.keyboard.press("+")
        wait_complete(page)
        assert set(wrong_pixels(page, sources).values()) == {0.0}, "grid at 4:1"
