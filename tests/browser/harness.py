"""A small local server for the viewer's own tests and benchmark: trial pages over images made in memory.

The viewer promises things about pixels that need images of chosen sizes, at chosen device pixel ratios, with
chosen faults (a tile that fails, a slow network). It needs the trial page and its JSON; no study, login or
database. Tests of judging itself use the application.
"""

import functools
import io
import itertools
import json
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from flask import Flask, render_template
from PIL import Image

from studyapp.core.reasons import ReasonRules
from studyapp.core.tile_check import tile_check
from studyapp.web.judge.trial_json import asks_why
from studyapp.web.language import init_language
from studyapp.web.modules import modules_of

ROOT = Path(__file__).resolve().parents[2]
TILE = 256
KEPT = "private, max-age=31536000, immutable"
WORDS = asks_why(ReasonRules())
KINDS = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def pyramid(pixels: np.ndarray) -> list[np.ndarray]:
    """Levels coarsest first, each half of the next by a 2x2 mean, down to a longest side of 512."""
    levels = [pixels]
    while max(levels[0].shape[:2]) > 512:
        fine = levels[0].astype(np.uint16)
        fine = np.pad(fine, ((0, fine.shape[0] % 2), (0, fine.shape[1] % 2), (0, 0)), mode="edge")
        mean = (fine[::2, ::2] + fine[1::2, ::2] + fine[::2, 1::2] + fine[1::2, 1::2] + 2) // 4
        levels.insert(0, mean.astype(np.uint8))
    return levels


class MemoryTiles:
    """Tiles of an array, encoded when they are first asked for."""

    def __init__(self, pixels: np.ndarray) -> None:
        self.pixels = pixels
        self.levels = pyramid(pixels)
        self.encoded: dict[tuple[int, int, int], bytes | None] = {}

    @property
    def sizes(self) -> list[list[int]]:
        return [[level.shape[1], level.shape[0]] for level in self.levels]

    def tile(self, level: int, column: int, row: int) -> bytes | None:
        place = (level, column, row)
        if place not in self.encoded:
            self.encoded[place] = self._encode(*place)
        return self.encoded[place]

    def _encode(self, level: int, column: int, row: int) -> bytes | None:
        if not 0 <= level < len(self.levels):
            return None
        source = self.levels[level]
        edge = max(source.shape) if level == 0 else TILE
        part = source[row * edge : (row + 1) * edge, column * edge : (column + 1) * edge]
        if not part.size:
            return None
        out = io.BytesIO()
        Image.fromarray(part).save(out, "WEBP", lossless=True, method=0, quality=0)
        return out.getvalue()


LABELS = ["Excellent", "Good", "Fair", "Poor", "Bad"]
EMPTY: dict[str, dict[str, Any]] = {
    "top_k": {"picks": []},
    "ranking": {"groups": []},
    "pairwise": {"choice": None},
    "acr": {"score": None},
    "dcr": {"score": None},
    "slider": {"scores": []},
}
"""The answer that says nothing, of each kind of question."""
PAIR = {"kind": "pairwise", "ties": True, "both_bad": True}
REFERENCE = [
    "Imperceptible",
    "Perceptible but not annoying",
    "Slightly annoying",
    "Annoying",
    "Very annoying",
]
QUESTIONS: dict[str, tuple[int, dict[str, Any], str]] = {
    "pairwise": (2, PAIR, "q"),
    "acr": (1, {"kind": "acr", "labels": LABELS}, "4"),
    "dcr": (1, {"kind": "dcr", "labels": REFERENCE, "reference": True}, "2"),
    "slider": (4, {"kind": "slider", "labels": LABELS}, "3 7 2 Enter"),
    "ranking": (4, {"kind": "ranking", "ties": True}, "3 1"),
}
"""How many candidates, what is asked, and keys that begin an answer."""


@dataclass
class Trial:
    """The input's tiles and those of each slot: anything with `sizes` and `tile(level, column, row)`."""

    input: Any
    candidates: list[Any]
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass
class Harness:
    """Trials under /judge/trial/t<number>; `fail`, `alter` and `refuse` break things, `requests` counts."""

    trials: list[Trial]
    places: int = 3
    question: dict[str, Any] | None = None
    """Asked in place of the best few."""
    fail: set[str] = field(default_factory=set)
    alter: Callable[[bytes], bytes] | None = None
    refuse: tuple[int, dict[str, Any]] | None = None
    requests: Counter[str] = field(default_factory=Counter)
    ballots: dict[str, dict[str, Any]] = field(default_factory=dict)
    posted: list[tuple[str, Any]] = field(default_factory=list)

    def __enter__(self) -> "Harness":
        self.place = f"/h{next(_numbers)}"
        _entered[self.place] = self
        return self

    def __exit__(self, *exception: object) -> None:
        del _entered[self.place]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{_server().server_port}{self.place}"

    def view(self, number: int) -> dict[str, Any]:
        trial = self.trials[number]
        sizes = trial.input.sizes
        name = f"t{number}"
        place = self.place
        page = {index: f"{place}/judge/trial/t{index}" for index in range(len(self.trials))}
        following = page.get(number + 1, f"{place}/judge/finish")
        return {
            "trial": name, "kind": "main", "position": number + 1, "total": len(self.trials),
            "answered": sum(self.full(ballot) for ballot in self.ballots.values()),
            "image": {"width": sizes[-1][0], "height": sizes[-1][1], "tile": TILE, "levels": sizes},
            "input": {"tiles": f"{place}/t/{number}-0"},
            "slots": [
                {"slot": slot, "tiles": f"{place}/t/{number}-{slot}"}
                for slot in range(1, len(trial.candidates) + 1)
            ],
            "question": self.asked, "open": True,
            "ballot": self.ballots.get(name, {"revision": 0, **EMPTY[self.asked["kind"]]}),
            "links": {
                "ballot": f"{place}/api/trials/{name}/ballot", "data": f"{place}/api/trials/{name}",
                "next": following, "previous": page.get(number - 1), "overview": f"{place}/judge",
                "guidelines": f"{place}/judge/guidelines", "logout": f"{place}/logout",
                "looking": f"{place}/api/trials/{name}/looking",
            },
            "preload": f"{place}/api/trials/t{number + 1}" if number + 1 in page else None,
            "csrf": "harness", **trial.extra,
        }  # fmt: skip

    def tile(self, path: str) -> bytes | None:
        token, level, place = path.removeprefix("/t/").split("/")
        number, slot = (int(part) for part in token.split("-"))
        column, row = (int(part) for part in place.split("_"))
        trial = self.trials[number]
        source = trial.input if slot == 0 else trial.candidates[slot - 1]
        return source.tile(int(level), column, row)

    def page(self, template: str, spoken: str, **context: Any) -> bytes:
        """Render a template in the language that the browser asks for."""
        with speaking().test_request_context(headers={"Accept-Language": spoken}):
            return render_template(template, **context).encode()

    @property
    def asked(self) -> dict[str, Any]:
        return self.question or {"kind": "top_k", "places": self.places}

    def full(self, answer: dict[str, Any]) -> bool:
        match self.asked["kind"]:
            case "top_k":
                return len(answer["picks"]) == self.places
            case "ranking":
                return sum(map(len, answer["groups"])) == len(self.trials[0].candidates)
            case "slider":
                return bool(answer["scores"]) and None not in answer["scores"]
            case "pairwise":
                return answer["choice"] is not None
            case _:
                return answer["score"] is not None

    def save(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        before = self.ballots.get(name, {"revision": 0})
        rule = self.trials[int(name[1:])].extra.get("rule", {})
        seen = [view["seen"] > 0 for view in body.get("looking", {}).get("slots", {}).values()]
        required = self.trials[int(name[1:])].extra.get("asks_why", WORDS)["required"]
        enough = len(body.get("reasons", ())) >= required
        complete = self.full(body) and enough and (all(seen) or not rule.get("see_all_at_1_1"))
        revision = before["revision"] + 1
        self.ballots[name] = {**body, "revision": revision, "complete": complete}
        said = {field: body[field] for field in EMPTY[self.asked["kind"]]}
        kept = {**said, "reasons": body.get("reasons", [])}
        return {"revision": revision, **kept, "complete": complete, "saved_at": "now"}


@functools.cache
def speaking() -> Flask:
    """Return an application that renders templates in every language, without a study behind them."""
    app = Flask("harness", template_folder=str(ROOT / "templates"))
    app.secret_key = "harness"
    init_language(app)
    app.jinja_env.globals["static_file"] = lambda name: f"/static/{name}"
    app.jinja_env.globals["modules_of"] = modules_of
    app.jinja_env.globals["somebody"] = lambda: None  # nobody is signed in
    return app


_entered: dict[str, Harness] = {}
_numbers = itertools.count()


@functools.cache
def _server() -> ThreadingHTTPServer:
    """Start the server of all harnesses: a browser keeps scripts that it has fetched and compiled once."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body in one piece: the body of its own would wait for their acknowledgement

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path.startswith("/static/"):
            self.static(ROOT / path[1:])
        elif harness := self.harness():
            self.get(harness, path.removeprefix(harness.place))

    def static(self, file: Path) -> None:
        if file.is_file():
            self.answer(200, KINDS.get(file.suffix, "text/plain"), file.read_bytes(), KEPT)
        else:
            self.nothing()

    def harness(self) -> Harness | None:
        """The one that the address names; a page that was left may still ask for things of its own."""
        found = _entered.get("/" + self.path.split("/")[1])
        if not found:
            self.nothing()
        return found

    def nothing(self) -> None:
        self.answer(404, "text/html", b"<title>harness</title>nothing here")

    def get(self, harness: Harness, path: str) -> None:
        harness.requests[path] += 1
        if any(part in path for part in harness.fail):
            self.answer(503, "text/plain", b"out of order")
        elif path.startswith("/t/"):
            self.tile(harness, path)
        elif path.startswith("/judge/trial/"):
            self.page(harness, "judge/trial.html", harness.view(int(path.rsplit("t", 1)[1])))
        elif path == "/judge/conditions":
            links = {"save": f"{harness.place}/api/conditions", "next": f"{harness.place}/judge/trial/t0"}
            data = {"links": links, "csrf": "harness", "viewing": None, "last": None}
            self.page(harness, "judge/conditions.html", data)
        elif path.startswith("/api/trials/"):
            self.json(200, harness.view(int(path.rsplit("t", 1)[1])))
        else:
            self.nothing()

    def page(self, harness: Harness, template: str, data: dict[str, Any]) -> None:
        html = harness.page(template, self.headers.get("Accept-Language", ""), data=data)
        self.answer(200, "text/html; charset=utf-8", html)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not (harness := self.harness()):
            return
        path = urlsplit(self.path).path.removeprefix(harness.place)
        if not path.endswith("/ballot"):
            harness.posted.append((path, body))
            self.json(200, {"saved": True})
        elif any(part in path for part in harness.fail):
            self.json(503, {"error": {"code": "unavailable", "message": "out of order"}})
        elif harness.refuse:
            self.json(*harness.refuse)
        else:
            self.json(200, harness.save(path.split("/")[3], body))

    def tile(self, harness: Harness, path: str) -> None:
        body = harness.tile(path)
        sums = {"X-Tile-Check": tile_check(path.removeprefix("/t/"), body or b"")}
        sent = harness.alter(body) if body and harness.alter else body or b""
        self.answer(200 if body else 404, "image/webp", sent, KEPT, sums)

    def json(self, status: int, body: dict[str, Any]) -> None:
        self.answer(status, "application/json", json.dumps(body).encode())

    def answer(
        self,
        status: int,
        kind: str,
        body: bytes,
        cache: str = "no-store",
        more: dict[str, str] | None = None,
    ) -> None:
        self.send_response(status)
        headers = {"Content-Type": kind, "Content-Length": str(len(body)), "Cache-Control": cache}
        for name, value in {**headers, **(more or {}), "Content-Security-Policy": POLICY}.items():
            self.send_header(name, value)
        with suppress(BrokenPipeError, ConnectionResetError):  # the page gives up loads it no longer wants
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


def photograph(width: int, height: int, seed: int = 0) -> np.ndarray:
    """A picture in which every pixel differs from its neighbours and every place from every other."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    smooth = np.stack(
        [127 + 90 * np.sin(x / 97 + seed), 127 + 90 * np.cos(y / 83 - seed), 127 + 60 * np.sin((x + y) / 61)],
        axis=2,
    )
    return np.clip(smooth + rng.integers(-36, 37, smooth.shape), 0, 255).astype(np.uint8)


def trial_of(candidates: int, width: int = 900, height: int = 700, **extra: object) -> Trial:
    """A trial whose candidates are all different; `extra` goes into its JSON."""
    tiles = [tiles_of(width, height, seed) for seed in range(candidates + 1)]
    return Trial(tiles[0], tiles[1:], extra)


@functools.cache
def tiles_of(width: int, height: int, seed: int) -> MemoryTiles:
    """The tiles of a photograph; every trial of its size shows the same ones."""
    return MemoryTiles(photograph(width, height, seed))
