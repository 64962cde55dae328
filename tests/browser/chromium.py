"""The Chromium that the viewer's tests and benchmark drive; its screenshots against sources."""

import base64
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

WINDOW = (1280, 800)
EXECUTABLE = Path(os.environ.get("STUDYAPP_CHROMIUM", "/usr/bin/chromium"))
FLAGS = [
    "--no-sandbox", "--headless", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
]  # fmt: skip
# The path of machines with a GPU, computed by the processor: accelerated canvases and compositing.
ACCELERATED = [
    *(flag for flag in FLAGS if flag != "--disable-gpu"),
    "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist",
    "--enable-gpu-rasterization",
]  # fmt: skip
IN_CI = bool(os.environ.get("CI"))

needs_chromium = pytest.mark.skipif(
    not EXECUTABLE.exists() and not IN_CI, reason=f"no Chromium at {EXECUTABLE}; set STUDYAPP_CHROMIUM"
)


def _flags(dpr: float = 1, flags: list[str] = FLAGS) -> list[str]:
    return [*flags, f"--force-device-scale-factor={dpr}", "--window-size={},{}".format(*WINDOW)]


class Browsers:
    """A Playwright, and a Chromium for each set of flags that was asked for."""

    def __init__(self, playwright: Playwright) -> None:
        self.playwright = playwright
        self._running: dict[tuple[str, ...], Browser] = {}

    def with_flags(self, flags: list[str]) -> Browser:
        """Return the Chromium with these flags; contexts are its fresh profiles."""
        browser = self._running.get(tuple(flags))
        if browser is None or not browser.is_connected():
            browser = self.playwright.chromium.launch(executable_path=str(EXECUTABLE), args=flags)
            self._running[tuple(flags)] = browser
        return browser

    def desk(self) -> Browser:
        """Return the Chromium of an ordinary screen."""
        return self.with_flags(_flags())

    def close(self, *, but_desk: bool = False) -> None:
        """End them, all or all others."""
        for flags in list(self._running):
            if not but_desk or flags != tuple(_flags()):
                self._running.pop(flags).close()


_shared: list[Browsers] = []


@contextmanager
def browsers() -> Iterator[Browsers]:
    """Share what runs: inside, everybody who asks gets the same, and the outermost block ends it.

    Starting takes longer than most tests.
    """
    if _shared:
        yield _shared[0]
        return
    with sync_playwright() as playwright:
        _shared.append(Browsers(playwright))
        try:
            yield _shared[0]
        finally:
            _shared.pop().close()


@contextmanager
def chromium(
    dpr: float = 1, width: int = WINDOW[0], height: int = WINDOW[1], flags: list[str] = FLAGS
) -> Iterator[Page]:
    """A page in a fresh profile whose device pixel ratio is real: emulated ones do not reach its canvas."""
    with browsers() as running:
        context = running.with_flags(_flags(dpr, flags)).new_context(no_viewport=True)
        page = context.new_page()
        if (width, height) != WINDOW:
            _resize(page, width, height)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        try:
            yield page
        finally:
            page.unroute_all(behavior="ignoreErrors")  # what a route is still answering ends with the page
            context.close()
        assert not errors, errors


def _resize(page: Page, width: int, height: int) -> None:
    """Give the window another size, which takes less than another browser."""
    session = page.context.new_cdp_session(page)
    window = session.send("Browser.getWindowForTarget")["windowId"]
    session.send(
        "Browser.setWindowBounds", {"windowId": window, "bounds": {"width": width, "height": height}}
    )
    session.detach()


def leave(page: Page) -> None:
    """Leave a page of the harness, and nothing kept in the browser: the next study has the same origin."""
    origin = page.evaluate("origin")
    page.goto("about:blank")
    session = page.context.new_cdp_session(page)
    session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "local_storage,indexeddb"})
    session.detach()


TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
COMPLETE = """() => {
  const panes = [...document.querySelectorAll('.pane:not([hidden])')];
  return panes.length > 0 && panes.every((pane) => pane.hasAttribute('data-complete'));
}"""


def wait_complete(page: Page) -> None:
    """Wait until what was asked for is drawn and every visible pane has all its tiles."""
    page.wait_for_function(COMPLETE)  # outlives a navigation that is under way
    page.evaluate(TWO_FRAMES)
    page.wait_for_function(COMPLETE)
    page.evaluate(TWO_FRAMES)


def screenshot(page: Page) -> np.ndarray:
    """The window in device pixels, shape (height, width, 3)."""
    session = page.context.new_cdp_session(page)
    # Playwright's own have their PNGs compressed well, which takes longer than all the rest.
    shot = session.send("Page.captureScreenshot", {"format": "png", "optimizeForSpeed": True})["data"]
    session.detach()
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(shot))).convert("RGB"))


@dataclass(frozen=True)
class PaneOnScreen:
    """A pane in device pixels, and the view that the page says it shows."""

    slot: int
    left: float
    top: float
    width: float
    height: float
    cut: float
    """Columns left of it are clipped away (the right half of the split view)."""
    cx: float
    cy: float
    scale: float


class Evaluates(Protocol):
    """A page of any browser that calls functions."""

    def evaluate(self, function: str, /) -> Any: ...


def panes(page: Evaluates) -> list[PaneOnScreen]:
    """The visible panes, as the page places them."""
    found = page.evaluate(
        r"""() => [...document.querySelectorAll('.pane:not([hidden])')].map((pane) => {
          const { left, top, width, height } = pane.getBoundingClientRect();
          const [l, t, w, h] = [left, top, width, height].map((value) => value * devicePixelRatio);
          const { cx, cy, scale } = pane.parentElement.dataset;
          const clip = /([0-9.]+)px\)$/.exec(pane.querySelector('.pane-view').style.clipPath);
          const cut = (clip ? Number(clip[1]) : 0) * devicePixelRatio;
          return [Number(pane.dataset.slot), l, t, w, h, cut, Number(cx), Number(cy), Number(scale)];
        })"""
    )
    return [PaneOnScreen(*values) for values in found]


def expected(pane: PaneOnScreen, source: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What a pane must show at 1:1 or above: pixels (height, width, 3), mask of the image."""
    scale = int(pane.scale)
    width, height = round(pane.width), round(pane.height)
    # JavaScript's Math.round: halves go up.
    left = int(np.floor(width / 2 - pane.cx * scale + 0.5))
    top = int(np.floor(height / 2 - pane.cy * scale + 0.5))
    x = (np.arange(width) - left) // scale
    y = (np.arange(height) - top) // scale
    inside = ((y >= 0) & (y < source.shape[0]))[:, None] & ((x >= 0) & (x < source.shape[1]))[None, :]
    picture = source[np.clip(y, 0, source.shape[0] - 1)][:, np.clip(x, 0, source.shape[1] - 1)]
    return picture, inside


def wrong_pixels(page: Page, sources: dict[int, np.ndarray]) -> dict[int, float]:
    """For each visible slot the share of its pixels on the screen that are not the source's."""
    return wrong_in(screenshot(page), page, sources)


def wrong_in(shot: np.ndarray, page: Evaluates, sources: dict[int, np.ndarray]) -> dict[int, float]:
    """The same, of a screenshot that was taken."""
    controls = _controls(page)
    shown = panes(page)
    shares = {}
    for pane in shown:
        for edge in (pane.left, pane.top, pane.width, pane.height, pane.cut):
            assert abs(edge - round(edge)) < 0.05, f"pane {pane.slot} is not on whole device pixels: {pane}"
        picture, inside = expected(pane, sources[pane.slot])
        left, top = round(pane.left), round(pane.top)
        inside[:, : round(pane.cut)] = False
        for other in shown:
            if other.cut and other is not pane:
                inside[:, round(other.cut) :] = False
        for x0, y0, x1, y1 in controls:
            inside[max(0, y0 - top) : max(0, y1 - top), max(0, x0 - left) : max(0, x1 - left)] = False
        seen = shot[top : top + picture.shape[0], left : left + picture.shape[1]]
        assert inside.mean() > 0.05, f"pane {pane.slot} shows nothing of its image"
        shares[pane.slot] = float((seen != picture).any(axis=2)[inside].mean())
    return shares


def _controls(page: Evaluates) -> list[tuple[int, int, int, int]]:
    """Device rectangles of what lies over the panes: labels and the divider."""
    found = page.evaluate(
        """() => [
          ...document.querySelectorAll('.pane-label, .divider, .show, .message.shown')
        ].map((item) => {
          const { left, top, right, bottom } = item.getBoundingClientRect();
          return [left, top, right, bottom].map((value) => value * devicePixelRatio);
        })"""
    )
    return [(int(x0) - 1, int(y0) - 1, int(x1) + 2, int(y1) + 2) for x0, y0, x1, y1 in found]
