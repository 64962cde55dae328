"""Leaks to plant: each changes the answers of an honest application in one way that tells teams apart."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from wsgiref.types import WSGIApplication

import numpy as np
from PIL import Image
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response

from studyapp.blind_audit.evidence import Truth


class Clock:
    """Time as the audit's browsers measure it: a request takes a millisecond or so, on every machine."""

    def __init__(self, *, pace: float = 1) -> None:
        self._now, self._pace, self._rng = 0.0, pace, np.random.default_rng(3)

    def __call__(self) -> float:
        self._now += self._pace * self._rng.gamma(4, 0.00025)
        return self._now

    def take(self, seconds: float) -> None:
        """Let something take longer."""
        self._now += seconds


CLOCK = Clock()

Plant = Callable[["Answer"], None]


@dataclass
class Answer:
    """An answer on its way to the judge; `team` is that of a tile's candidate."""

    path: str
    status: int
    headers: Headers
    body: bytes
    team: str | None
    truth: Truth

    @property
    def is_tile(self) -> bool:
        return self.status == 200 and self.path.startswith("/t/")

    @property
    def is_page(self) -> bool:
        return "html" in self.headers.get("Content-Type", "")

    @property
    def trial(self) -> dict | None:
        """The data of a trial, from the API's answer."""
        if self.status != 200 or not self.path.startswith("/api/trials/"):
            return None
        data = json.loads(self.body)
        return data if "slots" in data else None

    def write(self, body: bytes | str | dict) -> None:
        """Send another body."""
        if isinstance(body, dict):
            body = json.dumps(body)
        self.body = body.encode() if isinstance(body, str) else body

    def number(self) -> int:
        """The team's number in study.yaml, from 1."""
        return self.truth.teams.index(self.team) + 1 if self.team else 0


def planted(*plants: Plant) -> Callable[[WSGIApplication, Truth], WSGIApplication]:
    """Return what wraps an application so that all of `plants` are in its answers."""

    def wrap(app: WSGIApplication, truth: Truth) -> WSGIApplication:
        def application(environ, start_response):
            response = Response.from_app(app, environ, buffered=True)
            path = environ["PATH_INFO"]
            slot = truth.slots.get(path.split("/")[2]) if path.startswith("/t/") else None
            answer = Answer(
                path, response.status_code, response.headers, response.data, slot and slot.team, truth
            )
            for plant in plants:
                plant(answer)
            answer.headers["Content-Length"] = str(len(answer.body))
            changed = Response(answer.body, answer.status, answer.headers)
            return changed(environ, start_response)

        return application

    return wrap


def header(name: str, value: Callable[[Answer], str]) -> Plant:
    """Plant a header on tiles."""

    def plant(answer: Answer) -> None:
        if answer.is_tile:
            answer.headers[name] = value(answer)

    return plant


def on_page(text: Callable[[Answer], str]) -> Plant:
    """Plant something at the end of the judge's list of images."""

    def plant(answer: Answer) -> None:
        if answer.is_page and answer.path == "/judge":
            answer.write(answer.body + text(answer).encode())

    return plant


def in_trial(change: Callable[[dict, Truth], None]) -> Plant:
    """Plant something in the data of every trial."""

    def plant(answer: Answer) -> None:
        data = answer.trial
        if data is not None:
            change(data, answer.truth)
            answer.write(data)

    return plant


def on_tile(change: Callable[[bytes], bytes]) -> Plant:
    """Plant something in the tiles of one team."""

    def plant(answer: Answer) -> None:
        if answer.is_tile and answer.number() == 2:
            answer.write(change(answer.body))

    return plant


def slow(answer: Answer) -> None:
    """Take longer for one team."""
    if answer.is_tile and answer.number() == 3:
        CLOCK.take(0.008)


def chatty(answer: Answer) -> None:
    """Write the team of every tile to the log."""
    if answer.is_tile and answer.team:
        logging.getLogger("planted").warning("sent a tile of %s", answer.team)


def absent(answer: Answer) -> None:
    """Lack the tiles of one team."""
    if answer.is_tile and answer.number() == 2:
        answer.status = 404


def with_exif(tile: bytes) -> bytes:
    """Add a chunk to a WebP file, as a tool of some team might."""
    chunk = b"EXIF" + (8).to_bytes(4, "little") + b"Exif\0\0!!"
    return tile[:4] + (len(tile) - 8 + len(chunk)).to_bytes(4, "little") + tile[8:] + chunk


def narrower(tile: bytes) -> bytes:
    """Cut one column off."""
    image = Image.open(BytesIO(tile))
    return _webp(image.crop((0, 0, image.width - 1, image.height)), quality=0)


def otherwise_encoded(tile: bytes) -> bytes:
    """Encode the same pixels with another effort."""
    return _webp(Image.open(BytesIO(tile)), quality=60, method=2)


def _webp(image: Image.Image, **options: int) -> bytes:
    buffer = BytesIO()
    image.convert("RGB").save(buffer, "WEBP", lossless=True, **({"method": 0} | options))
    return buffer.getvalue()


def fields(data: dict, truth: Truth) -> None:
    """Tell a method with each slot."""
    for slot in data["slots"]:
        slot["method"] = "diffusion"


def shared(data: dict, truth: Truth) -> None:
    """Name tiles by image and candidate, the same for every judge."""
    for slot in data["slots"]:
        own = truth.slots[slot["tiles"].split("/")[2]]
        slot["tiles"] = f"/t/{own.image}{truth.teams.index(own.team or '')}aaaaaaaaaaaaaaaaaaaa"


def preload(answer: Answer) -> None:
    """Ask for the tiles in the order of the teams."""
    data = answer.trial
    if data is not None:
        slots = answer.truth.slots
        tokens = sorted(
            (slot["tiles"][3:] for slot in data["slots"]), key=lambda token: slots[token].team or ""
        )
        answer.headers["Link"] = ", ".join(f"</t/{token}/0/0_0>; rel=preload" for token in tokens)


def telling_error(answer: Answer) -> None:
    """Tell a foreign tile from an unknown one."""
    if answer.status == 404 and answer.team:
        answer.write("this tile is another judge's")


def forbidden(answer: Answer) -> None:
    """Say 403 where a judge need not know that there is anything."""
    if answer.status == 404 and answer.path.startswith("/console"):
        answer.status = 403


def telling_refusal(answer: Answer) -> None:
    """Tell a team that there is from one that there is not."""
    if answer.path == "/console/ranking/team02":
        answer.write("not yet")


def traceback(answer: Answer) -> None:
    """Fail, and show the inside."""
    if answer.path == "/judge/trial/" + "x" * 24:
        answer.status = 500
        answer.write('Traceback: File "views.py"')


def sidecar(answer: Answer) -> None:
    """Serve a description of the image beside its tiles."""
    if answer.path.endswith(".dzi"):
        answer.status = 200
        answer.write("<Image/>")


def source_map(answer: Answer) -> None:
    """Serve source maps."""
    if answer.path.endswith(".map"):
        answer.status = 200
        answer.write('{"sources": ["../src/viewer.ts"]}')


def no_policy(answer: Answer) -> None:
    """Tell every address to every site."""
    answer.headers["Referrer-Policy"] = "unsafe-url"


def public_cache(answer: Answer) -> None:
    """Let caches between keep what one judge sees."""
    if answer.is_page:
        answer.headers["Cache-Control"] = "public, max-age=60"
