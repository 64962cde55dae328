"""What the audit saw on the wire, and what it knows from the database to hold against it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from studyapp.blind_audit.words import Words
from studyapp.core.ledger import judge_label

Place = tuple[int, int, int]
"""Level, column and row of a tile."""


@dataclass(frozen=True)
class Exchange:
    """One request of a judge (by their number in the design, None for a stranger) and the answer to it.

    `root` is where the study lies on the server; `sealed` is the route, where it is not for judges.
    """

    judge: int | None
    method: str
    address: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)
    seconds: float
    root: str = ""
    sealed: str | None = None

    @property
    def is_within(self) -> bool:
        """Whether the study itself was asked, not the site around it nor another study."""
        return f"{self.address}/".startswith(f"{self.root}/")

    @property
    def path(self) -> str:
        """The address as the study's own application sees it; outside of it, the whole."""
        return self.address[len(self.root) :] or "/" if self.is_within else self.address

    @property
    def kind(self) -> str:
        """What was asked for: a tile, a static file, the API or a page."""
        first = self.path.split("?")[0].split("/")[1]
        return {"t": "tile", "static": "static", "api": "api"}.get(first, "page")

    @property
    def is_text(self) -> bool:
        """Whether the body is text; tiles are read by checks of their own."""
        return not self.header("Content-Type").startswith("image/")

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    def header(self, name: str) -> str:
        """Return a header's value, empty when it is missing."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def __str__(self) -> str:
        who = "a stranger" if self.judge is None else judge_label(self.judge)
        return f"{self.method} {self.address} ({self.status}, {who})"


@dataclass(frozen=True)
class Slot:
    """What the database says of a slot; team None is the input."""

    judge: int
    trial: str
    kind: str
    image: str
    slot: int
    team: str | None


@dataclass(frozen=True)
class Truth:
    """What the server knows and judges must not learn."""

    title: str
    teams: tuple[str, ...]
    slots: Mapping[str, Slot]
    trials: frozenset[str]
    conflicts: Mapping[int, frozenset[str]]
    sizes: frozenset[int]
    words: Words


@dataclass(frozen=True)
class Trial:
    """A trial as its JSON came over the wire."""

    judge: int
    data: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Its opaque id."""
        return str(self.data["trial"])

    @property
    def input_token(self) -> str:
        """The token of the input's tiles."""
        return token_of(self.data["input"]["tiles"])

    @property
    def tokens(self) -> list[str]:
        """The tokens of the candidates' tiles, in the order in which they were sent."""
        return [token_of(str(slot.get("tiles", ""))) for slot in self.data["slots"]]


@dataclass(frozen=True)
class Tile:
    """A tile that was fetched: of which slot and place, and the answer."""

    slot: Slot
    place: Place
    exchange: Exchange


@dataclass(frozen=True)
class Timing:
    """How long one answer took; `cell` groups requests that differ in nothing but the team.

    `kind` is what was asked for: a tile, or an address that is not for judges.
    """

    kind: str
    cell: int
    half: int
    team: str
    seconds: float


@dataclass(frozen=True)
class Evidence:
    """Everything that one audit gathered."""

    truth: Truth
    exchanges: tuple[Exchange, ...]
    trials: tuple[Trial, ...]
    tiles: tuple[Tile, ...]
    timings: tuple[Timing, ...]
    logs: str
    own_files: Mapping[str, bytes] = field(repr=False)

    @cached_property
    def texts(self) -> tuple[Exchange, ...]:
        """Answers with text in them, static files of the application aside."""
        own = self.own_files
        return tuple(
            item for item in self.exchanges if item.is_text and own.get(item.path.split("?")[0]) != item.body
        )

    @cached_property
    def distinct(self) -> tuple[Trial, ...]:
        """Each trial once, however often it came."""
        return tuple({(trial.judge, trial.id): trial for trial in self.trials}.values())


def token_of(tiles: str) -> str:
    """Return the token in an address of tiles.

    Examples
    --------
    >>> token_of("/t/abc"), token_of("/s/track1/t/abc/0/0_0")
    ('abc', 'abc')
    """
    return (tiles.partition("/t/")[2] or tiles).split("/")[0]
