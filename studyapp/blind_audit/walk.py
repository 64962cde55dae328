"""Walking through everything that a judge can reach, mistakes included."""

import json
import uuid
from dataclasses import dataclass, field

import numpy as np

from studyapp.blind_audit.browser import Browser
from studyapp.blind_audit.evidence import Exchange, Place, Tile, Trial, Truth
from studyapp.blind_audit.links import links_in, trial_data
from studyapp.blind_audit.sealed import in_another_study, sealed_requests
from studyapp.core.ledger import TEST_FROM
from studyapp.core.tiles import Pyramid
from studyapp.protocols import KINDS
from studyapp.web.static_files import static_path

START: tuple[str, ...] = ("/", "/judge")
# Beyond these a page has no new kind of content; a walk that goes on for ever is a finding of its own.
MOST_PAGES = 20_000
ACTING_TRIALS = 2


@dataclass
class Gathered:
    """What the walks of all judges brought home."""

    exchanges: list[Exchange] = field(default_factory=list)
    trials: list[Trial] = field(default_factory=list)
    tiles: list[Tile] = field(default_factory=list)
    static: set[str] = field(default_factory=set)


def crawl(browser: Browser, gathered: Gathered) -> list[Trial]:
    """Follow every link from the start; return the judge's trials as they came over the wire."""
    waiting = [browser.at(path) for path in START]
    seen = set(waiting)
    trials: dict[str, Trial] = {}
    while waiting and len(seen) < MOST_PAGES:
        exchange = browser.get(waiting.pop())
        kind = exchange.header("Content-Type")
        if not exchange.is_text:
            continue
        data = trial_data(exchange.text, kind, json.loads)
        if data is not None and browser.judge is not None:
            trial = Trial(browser.judge, data)
            gathered.trials.append(trial)
            trials[trial.id] = trial
            browser.csrf = data.get("csrf", browser.csrf)
        for link in [*links_in(exchange.address, exchange.text, kind), exchange.header("Location")]:
            if link and link not in seen and not _elsewhere(link, browser.at(""), gathered):
                seen.add(link)
                waiting.append(link)
    return list(trials.values())


def fetch_tiles(
    browser: Browser, trial: Trial, truth: Truth, gathered: Gathered, *, count: int, rng: np.random.Generator
) -> None:
    """Fetch the whole coarsest level and `count` other tiles of every slot, the same places for all."""
    places = sample_places(trial, count, rng)
    for token in [trial.input_token, *trial.tokens]:
        slot = truth.slots.get(token)
        for place in places:
            exchange = browser.get(browser.at(tile_path(token, place)))
            if slot is not None:
                gathered.tiles.append(Tile(slot, place, exchange))


def sample_places(trial: Trial, count: int, rng: np.random.Generator) -> list[Place]:
    """Choose tiles of a trial: the coarsest level, then random ones of the finest."""
    image = trial.data["image"]
    pyramid = Pyramid(int(image["width"]), int(image["height"]))
    finest = len(pyramid.sizes) - 1
    if finest == 0:
        return [(0, 0, 0)]
    columns, rows = pyramid.grid(finest)
    drawn = rng.choice(columns * rows, size=min(count, columns * rows), replace=False)
    return [(0, 0, 0), *((finest, int(n) % columns, int(n) // columns) for n in sorted(drawn))]


def tile_path(token: str, place: Place) -> str:
    """Return the address of a tile."""
    level, column, row = place
    return f"/t/{token}/{level}/{column}_{row}"


def act(browser: Browser, trials: list[Trial]) -> None:
    """Answer some trials, rightly and wrongly, and look at what comes back. Only ever on a copy."""
    for trial in [item for item in trials if item.data.get("kind") == "main"][:ACTING_TRIALS]:
        address = trial.data["links"]["ballot"]
        question = trial.data["question"]
        liking = {shown["slot"]: -float(shown["slot"]) for shown in trial.data["slots"]}
        answer = KINDS[question["kind"]].simulate(question, liking)[-1]
        base = int(trial.data["ballot"]["revision"])
        body = {"key": str(uuid.uuid4()), "base_revision": base, **answer}
        again = {**body, "key": str(uuid.uuid4())}
        for content in (body, body, again, {**body, "nonsense": [1, 1]}, {}, []):
            browser.send("PUT", address, body=content)
        browser.send("PUT", address, body=body, headers={"X-CSRFToken": "wrong"})
        browser.get(trial.data["links"]["data"])
    for path in ("/judge/guidelines", "/judge/finish", "/judge/screen"):
        browser.send(
            "POST", browser.at(path), form={"csrf_token": browser.csrf, "answered": "1", "digest": "none"}
        )
    browser.get(browser.at("/judge"))
    browser.get(browser.at("/judge/finish"))


def err(browser: Browser, own: Trial | None, other: Trial | None) -> None:
    """Ask for what is not there, or not for this judge."""
    token = own.tokens[0] if own and own.tokens else "x" * 24
    foreign = other.tokens[0] if other and other.tokens else "y" * 24
    for path in probes(token, foreign, other.id if other else "z" * 24):
        browser.get(browser.at(path))
    for method, path in (("DELETE", "/judge"), ("POST", "/t/x/0/0_0"), ("PUT", "/api/trials/x/ballot")):
        browser.send(method, browser.at(path), body={})
    browser.send("PUT", browser.at("/api/trials/x/ballot"), body={"nonsense": "x" * 300_000})


def probes(token: str, foreign: str, foreign_trial: str) -> list[str]:
    """Return addresses at which servers of images and of files are known to give something away."""
    tiles = [
        f"/t/{token}{end}" for end in ("", "/", "/0", ".dzi", ".json", "/info.json", "/99/0_0", "/0/9_9")
    ]
    sidecars = [f"/t/{token}/{name}" for name in ("vips-properties.xml", "ImageProperties.xml", "0/0_0.webp")]
    foreigners = [f"/t/{name}/0/0_0" for name in (foreign, "x" * len(token))]
    pages = [f"/judge/trial/{name}" for name in (foreign_trial, "x" * 24)]
    api = [f"/api/trials/{name}" for name in (foreign_trial, "x" * 24, "", "x/ballot")]
    files = [
        "/study.yaml",
        "/var/study.db",
        "/packs/",
        "/static/",
        "/static/../study.yaml",
        static_path("../../study.yaml"),
        static_path("nothing"),
    ]
    doors = ["/o/x", "/j/x", "/set-up/x", "/sign-in", "/account", "/nothing", "/healthz", "/readyz"]
    maps = [static_path(f"{name}.map") for name in ("js/pages/trial.js", "vendor/openseadragon.min.js")]
    return [*tiles, *sidecars, *foreigners, *pages, *api, *files, *doors, *maps]


def pry(browser: Browser, truth: Truth, trials: list[Trial], *, other: str | None) -> None:
    """Ask for all that is not for judges: of the study, of the site around it and of its study `other`.

    A form's token is wrong: should an address be open after all, nothing is done.
    """
    own = browser.at("")
    if other is not None:
        for address in ("/", "/sign-in", "/healthz", "/readyz"):
            browser.get(address)
    places = {own} if other is None else {own, "", other}
    for place in sorted(places):
        asked = list(sealed_requests(truth))
        if place == other:
            asked += in_another_study(
                [token for trial in trials for token in trial.tokens], [t.id for t in trials]
            )
        for item in asked:
            headers = {"X-CSRFToken": "wrong"}
            browser.send(item.method, place + item.path, sealed=place + item.route, headers=headers)


def kind_of(judge: int, truth: Truth) -> tuple[bool, bool]:
    """Tell test judges and judges with conflicts from others: one of each kind pries, as all get the same."""
    return judge >= TEST_FROM, bool(truth.conflicts[judge])


def _elsewhere(link: str, root: str, gathered: Gathered) -> bool:
    """Tiles are fetched by place; static files are the same for everybody and read once.

    After logging out, or in another language, answers could not be compared with the earlier ones.
    """
    path = link.removeprefix(root)
    if path.startswith(("/t/", "/logout", "/language/")):
        return True
    if path.startswith("/static/"):
        known = link in gathered.static
        gathered.static.add(link)
        return known
    return False
