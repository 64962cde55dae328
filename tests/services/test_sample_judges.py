"""The simulated judges' parts: what they see, what they prefer, and their small browser."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from studyapp.core.reasons import Reason, ReasonRules
from studyapp.core.tiles import Pyramid
from studyapp.sample.appraisal import FEATURES, appraise, pyramid
from studyapp.sample.browser import Browser, SimulationError
from studyapp.sample.build import sample_originals
from studyapp.sample.degrade import degrade
from studyapp.sample.eyes import Eyes
from studyapp.sample.judges import Taste
from studyapp.sample.reasons import reasons_of
from studyapp.sample.restore import METHODS
from studyapp.sample.scenes import scenes
from studyapp.web.judge.trial_json import asks_why


def _webp(pixels: np.ndarray) -> bytes:
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, "WEBP", lossless=True, quality=0, method=0)
    return buffer.getvalue()


def _trial(pixels: np.ndarray) -> dict[str, object]:
    height, width = pixels.shape[:2]
    return {"image": {"width": width, "height": height}, "input": {"tiles": "/t/input"}}


def test_the_original_itself_is_appraised_best():
    original = scenes("small")[1].original()
    damaged = degrade(original, rng=np.random.default_rng(5))
    best = appraise(original, original)
    for name, method in METHODS.items():
        assert (best[:3] > appraise(method(damaged), original)[:3]).all(), name
    assert best[FEATURES.index("crispness")] == 0


def test_sharpening_noise_is_seen_as_crisp_and_unclean():
    original = scenes("small")[1].original()
    damaged = degrade(original, rng=np.random.default_rng(5))
    sharpened, smoothed = (
        dict(zip(FEATURES, appraise(METHODS[name](damaged), original), strict=True))
        for name in ("unsharp mask", "total variation")
    )
    assert sharpened["crispness"] > 0 > smoothed["crispness"]
    assert sharpened["cleanness"] < smoothed["cleanness"]


@pytest.mark.parametrize("size", [(1001, 700), (512, 512), (1, 1)])
def test_levels_have_the_sizes_of_the_tile_geometry(size: tuple[int, int]):
    width, height = size
    sizes = Pyramid(width, height).sizes
    levels = pyramid(np.full((height, width, 3), 77, np.uint8), len(sizes))
    assert [(level.shape[1], level.shape[0]) for level in levels] == list(sizes)
    assert all((level == 77).all() for level in levels)


def test_every_input_is_recognised_by_its_pixels():
    originals = sample_originals("small")
    eyes = Eyes(originals)
    for image, original in originals.items():
        content = _webp(degrade(original, rng=np.random.default_rng(2)))
        assert eyes.recognise(_trial(original), lambda _, content=content: content) == image


@pytest.mark.parametrize("size", [(320, 256), (90, 80)], ids=["known size", "unknown size"])
def test_an_unknown_photograph_is_refused(size: tuple[int, int]):
    stranger = np.zeros((size[1], size[0], 3), np.uint8)
    stranger[::2] = 255
    with pytest.raises(SimulationError, match="only the sample study"):
        Eyes(sample_originals("small")).recognise(_trial(stranger), lambda _: _webp(stranger))


def test_large_images_are_looked_at_as_a_whole_and_in_full_resolution():
    pixels = np.random.default_rng(0).integers(0, 256, (700, 1001, 3), np.uint8)
    eyes = Eyes({"001": pixels})
    assert eyes.views("001", (0, 2)) == [(0, 0, 0), (1, 1, 0), (1, 1, 2)]
    fetched = []

    def fetch(url: str) -> bytes:
        fetched.append(url)
        level, place = url.split("/")[-2:]
        column, row = map(int, place.split("_"))
        left, top, width, height = Pyramid(1001, 700).box(int(level), column, row)
        return _webp(pyramid(pixels, 2)[int(level)][top : top + height, left : left + width])

    seen = eyes.appraise("001", {"tiles": "/t/x"}, eyes.views("001", (0, 2)), fetch)
    assert fetched == ["/t/x/0/0_0", "/t/x/1/1_0", "/t/x/1/1_2"]
    np.testing.assert_array_equal(seen, appraise(pixels, pixels))


def test_tastes_want_quality_and_differ():
    tastes = [Taste.draw(np.random.default_rng(seed)) for seed in range(20)]
    assert all((taste.weights[:3] > 0).all() for taste in tastes)
    assert len({taste.weights.tobytes() for taste in tastes}) == 20
    assert {bool(taste.weights[3] > 0) for taste in tastes} == {True, False}


class _Pages(BaseHTTPRequestHandler):
    """A stranger's server: it sets a cookie, redirects, shows a form, and drops every third connection."""

    protocol_version = "HTTP/1.1"
    received: list[str]
    requests = 0

    def do_GET(self) -> None:
        type(self).requests += 1
        if type(self).requests % 3 == 0:
            self.close_connection = True
            return
        if self.path == "/enter":
            self._answer(302, b"", Location="/form", **{"Set-Cookie": "who=june; HttpOnly; Path=/"})
        elif self.path == "/form":
            self._answer(200, self._form())
        elif self.path == "/loop":
            self._answer(302, b"", Location="/loop")
        else:
            self._answer(404, b"nothing")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.received.append(f"{self.path} {self.headers['Cookie']} {body}")
        self._answer(303, b"", Location="/form")

    def _form(self) -> bytes:
        return (
            b'<form method="post" action="/logout"><input type="hidden" name="t" value="0"></form>'
            b'<form method="post" action="/finish"><input type="hidden" name="t" value="a&amp;b"></form>'
        )

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def pages() -> Iterator[tuple[str, list[str]]]:
    received: list[str] = []
    handler = type("Pages", (_Pages,), {"received": received, "requests": 0})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", received
        server.shutdown()
        thread.join()


def test_browser_keeps_cookies_and_submits_the_named_form(pages: tuple[str, list[str]]):
    url, received = pages
    browser = Browser(url)
    browser.get(f"{url}/enter")
    browser.submit("/form", button="/finish")
    assert received == ["/finish who=june t=a%26b"]


def test_browser_survives_dropped_connections(pages: tuple[str, list[str]]):
    url, _ = pages
    browser = Browser(url)
    assert [browser.get("/form").status for _ in range(7)] == [200] * 7


def test_browser_reports_refusals_and_loops(pages: tuple[str, list[str]]):
    url, _ = pages
    browser = Browser(url)
    with pytest.raises(SimulationError, match="answered with 404"):
        browser.get("/missing")
    with pytest.raises(SimulationError, match="/loop was answered with 302"):
        browser.get("/loop")


def test_browser_refuses_what_is_not_a_local_http_link():
    with pytest.raises(SimulationError, match="not an http:// address"):
        Browser("ftp://127.0.0.1/j/x")


def test_a_server_that_is_down_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("studyapp.sample.browser._PAUSES", (0, 0))
    with pytest.raises(SimulationError, match="is the server up"):
        Browser("http://127.0.0.1:9").get("/j/x")


def test_simulated_judges_say_why_as_often_as_the_study_requires():
    rules = ReasonRules(required=3, attributes=("Noise", "Texture"))
    asked = asks_why(rules)
    seen = {1: np.array([0.1, 0.9, 0.2, 0.0]), 2: np.array([0.0, 0.0, 0.0, 0.0]), 3: -np.ones(4)}
    given = [Reason(**reason) for reason in reasons_of(asked, {1: 2.0, 2: 0.0, 3: -1.0}, seen)]
    rules.check(given, 3, (10, 10))
    assert [(item.slot, item.attribute, item.direction) for item in given] == [
        (1, "Texture", "better"),
        (3, "Noise", "worse"),
        (1, "Noise", "better"),
    ]
