"""At 100 % and above the screen shows the file's pixels, at every device pixel ratio, in every view."""

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from analysis.imaging.icc import SRGB_CURVE, matrix_profile
from analysis.imaging.spaces import PRIMARIES, adobe_rgb
from studyapp.imaging.ingest import ImageFile, TileTask, make_pack
from studyapp.imaging.pack_reader import PackReader
from tests.browser.chromium import (
    ACCELERATED,
    PaneOnScreen,
    chromium,
    expected,
    needs_chromium,
    panes,
    screenshot,
    wait_complete,
    wrong_pixels,
)
from tests.browser.harness import Harness, MemoryTiles, Trial, photograph
from tests.imaging.decoded import load_rgb

pytestmark = [pytest.mark.browser, needs_chromium]

RATIOS = [0.9, 1, 1.1, 1.25, 1.5, 1.75, 2]


def short(ratios, kept):
    """The ratios as parameters; all but those kept belong to the long form (`make test-slow`)."""
    return [pytest.param(ratio, marks=[] if ratio in kept else pytest.mark.slow) for ratio in ratios]


@pytest.fixture(scope="module")
def pictures() -> list[np.ndarray]:
    return [photograph(1101, 1403, seed) for seed in range(6)]


@pytest.fixture(scope="module")
def tiles(pictures: list[np.ndarray]) -> list[MemoryTiles]:
    return [MemoryTiles(picture) for picture in pictures]


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
    wait_complete(page)


# A ratio of 1 is also that of test_questions.py and, in other browsers, test_other_browsers.py.
@pytest.mark.parametrize("dpr", short(RATIOS, (1.25,)))
def test_the_screen_shows_the_file(dpr: float, pictures: list[np.ndarray], tiles: list[MemoryTiles]) -> None:
    sources = dict(enumerate(pictures))
    trial = Trial(tiles[0], tiles[1:])
    # A ratio of 2 has four times the pixels to paint and to compare; a smaller window shows the same.
    size = {"width": 1000, "height": 680} if dpr == 2 else {}
    with Harness([trial]) as harness, chromium(dpr, **size) as page:
        page.goto(f"{harness.url}/judge/trial/t0")
        wait_complete(page)
        assert page.evaluate("devicePixelRatio") == pytest.approx(dpr)

        def exact(where: str, slots: set[int]) -> None:
            assert wrong_pixels(page, sources) == dict.fromkeys(sorted(slots), 0.0), where

        press(page, "o")
        everyone = {0, 1, 2, 3, 4, 5}
        exact("grid at 1:1, controls shown", everyone)
        page.mouse.move(300, 300)
        page.mouse.down()
        page.mouse.move(263, 274, steps=3)
        wait_complete(page)
        exact("while dragging", everyone)
        page.mouse.up()
        page.mouse.wheel(0, -120)
        wait_complete(page)
        exact("after a wheel step, 2:1", everyone)
        press(page, "h", "ArrowRight", "+", "+")
        exact("controls hidden, 4:1", everyone)
        press(page, "o", "k", "3", "k", "5", "k", "s")
        exact("shortlist", {0, 3, 5})
        press(page, "v")
        exact("two side by side", {3, 5})
        press(page, "V")
        exact("three side by side", {1, 3, 5})
        press(page, "b", "4", "2")
        exact("one, switched by digits", {2})
        press(page, "ArrowLeft", "+", "+")
        exact("one, panned and enlarged", {2})
        press(page, "d")
        exact("split", {2, 4})
        assert page.get_attribute("#scale", "data-scale") == "3"


class PackTiles:
    """The tiles of a pack, as judges get them."""

    def __init__(self, path: Path) -> None:
        self._reader = PackReader(path)
        self.sizes = [list(size) for size in self._reader.levels]

    def tile(self, level: int, column: int, row: int) -> bytes | None:
        return self._reader.tile(level, column, row)


IN_CANVAS = """async (address) => {
  const picture = await createImageBitmap(await (await fetch(address)).blob());
  const { width, height } = picture;
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d").drawImage(picture, 0, 0);
  return canvas.toDataURL();
}"""


def as_the_browser_has_it(page: Page, path: Path) -> np.ndarray:
    """An image file in a canvas, which is sRGB."""
    given = base64.b64encode(path.read_bytes()).decode()
    found = page.evaluate(IN_CANVAS, f"data:image/{path.suffix[1:]};base64,{given}")
    with Image.open(io.BytesIO(base64.b64decode(found.partition(",")[2]))) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def test_files_in_other_colour_spaces_are_shown_as_they_were_converted(tmp_path: Path) -> None:
    """From the file to the screen; and the browser, which manages colours itself, finds the same colours."""
    picture = photograph(300, 240, 3)
    p3 = matrix_profile(PRIMARIES[12][1], SRGB_CURVE)
    adobe = adobe_rgb().profile
    saved = {
        "p3.png": {"icc_profile": p3},
        "adobe.webp": {"icc_profile": adobe, "lossless": True},
        "srgb.png": {},
    }
    sources, shown = {}, []
    with chromium(1) as page:
        for slot, (name, options) in enumerate(saved.items()):
            path = tmp_path / name
            Image.fromarray(picture).save(path, **options)
            make_pack(TileTask(ImageFile(path, name), path.with_suffix(".pack"), (300, 240)))
            shown.append(PackTiles(path.with_suffix(".pack")))
            sources[slot] = load_rgb(path, 10**6, convert=True).pixels
            apart = np.abs(as_the_browser_has_it(page, path) - sources[slot])
            assert apart.max() <= 2, name
            assert (apart > 1).mean() < 0.01, name
        for other in (0, 1):
            assert np.abs(sources[other].astype(int) - picture).max() > 20
        with Harness([Trial(shown[0], shown[1:])]) as harness:
            page.goto(f"{harness.url}/judge/trial/t0")
            wait_complete(page)
            press(page, "o")
            assert wrong_pixels(page, sources) == {0: 0.0, 1: 0.0, 2: 0.0}


@pytest.mark.parametrize("dpr", short((0.67, 0.8375, 1.3325), (0.8375,)))
def test_odd_browser_zooms(dpr: float, pictures: list[np.ndarray], tiles: list[MemoryTiles]) -> None:
    """No whole number of CSS pixels is a whole number of device pixels here; 0.67 is a zoom of 67 %."""
    sources = dict(enumerate(pictures))
    trial = Trial(tiles[0], tiles[1:])
    with Harness([trial]) as harness, chromium(dpr) as page:
        page.goto(f"{harness.url}/judge/trial/t0")
        wait_complete(page)
        for key in ("o", "v", "b"):
            press(page, key)
            assert set(wrong_pixels(page, sources).values()) == {0.0}, key
        assert page.inner_text("#scale") == "1:1 exact"


@pytest.mark.slow
@pytest.mark.parametrize("dpr", [1, 1.25])
def test_accelerated_canvases(dpr: float, pictures: list[np.ndarray], tiles: list[MemoryTiles]) -> None:
    sources = dict(enumerate(pictures))
    trial = Trial(tiles[0], tiles[1:])
    with Harness([trial]) as harness, chromium(dpr, flags=ACCELERATED) as page:
        page.goto(f"{harness.url}/judge/trial/t0")
        wait_complete(page)
        for key in ("o", "ArrowRight", "+", "v", "b"):
            press(page, key)
            assert set(wrong_pixels(page, sources).values()) == {0.0}, key


def test_an_emulated_ratio_is_said_to_be_not_exact(
    pictures: list[np.ndarray], tiles: list[MemoryTiles]
) -> None:
    """Emulation changes devicePixelRatio but not what the browser does with the canvas."""
    trial = Trial(tiles[0], [tiles[1]])
    with Harness([trial]) as harness, chromium(1) as page:
        context = page.context.browser.new_context(device_scale_factor=1.5)
        emulated = context.new_page()
        emulated.goto(f"{harness.url}/judge/trial/t0")
        wait_complete(emulated)
        press(emulated, "o")
        assert emulated.inner_text("#scale") == "1:1 not exact"
        assert "resamples" in (emulated.get_attribute("#scale", "title") or "")


@pytest.mark.parametrize("dpr", short((1, 1.25, 1.75), (1.25,)))
def test_the_loupe_shows_the_file(dpr: float, pictures: list[np.ndarray], tiles: list[MemoryTiles]) -> None:
    trial = Trial(tiles[0], tiles[1:])
    with Harness([trial]) as harness, chromium(dpr) as page:
        page.goto(f"{harness.url}/judge/trial/t0")
        wait_complete(page)
        press(page, "h", "l", "l")
        page.mouse.move(170, 190)
        wait_complete(page)
        shot = screenshot(page)
        pane = panes(page)[0]
        side = round(min(180 * dpr, 0.6 * min(pane.width, pane.height)))
        device = [170 * dpr - pane.left, 190 * dpr - pane.top]
        centre = [
            (device[0] - np.floor(pane.width / 2 - pane.cx * pane.scale + 0.5)) / pane.scale,
            (device[1] - np.floor(pane.height / 2 - pane.cy * pane.scale + 0.5)) / pane.scale,
        ]
        for slot, other in enumerate(panes(page)):
            left, top = (
                round(at + np.floor(edge - side / 2 + 0.5))
                for at, edge in ((other.left, device[0]), (other.top, device[1]))
            )
            inset = PaneOnScreen(slot, left, top, side, side, 0, centre[0], centre[1], 2)
            picture, inside = expected(inset, pictures[slot])
            seen = shot[top : top + side, left : left + side]
            assert inside.all()
            assert (seen == picture).all(), f"loupe over slot {slot}"


@pytest.mark.parametrize("dpr", short((1, 1.1, 1.25), (1.25,)))
def test_the_checkerboard_of_the_check_page_is_of_single_pixels(dpr: float) -> None:
    with Harness([]) as harness, chromium(dpr, height=1100) as page:
        page.goto(f"{harness.url}/judge/conditions")
        page.wait_for_function("() => document.querySelectorAll('#facts tr').length > 0")
        box = page.evaluate(
            """() => { const { left, top, width, height } = checkerboard.getBoundingClientRect();
              return [left, top, width, height].map((value) => value * devicePixelRatio); }"""
        )
        left, top, width, height = (round(value) for value in box)
        part = screenshot(page)[top : top + height, left : left + width // 2].astype(int)
        y, x = np.mgrid[0:height, 0 : width // 2]
        assert (part == (((x + y) % 2) * 255)[..., None]).all()
