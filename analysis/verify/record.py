"""What is verified: the events of a ledger, and the opening of its commitment."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError
from analysis.json_text import read_json

LEDGER, OPENING = "ledger.jsonl", "opening.json"
STUDY = "study"
"""The chain of the study's own events; every judge has a chain with the judge's label."""


class MisfitError(Exception):
    """The first mismatch: where it is, and why."""


@dataclass(frozen=True)
class Event:
    """One link of a chain."""

    chain: str
    previous: str
    hash: str
    body: dict[str, Any]

    def __str__(self) -> str:
        kind = self.body.get("kind", "ballot")
        what = (
            f"revision {self.body['revision']} of trial {self.body['trial']}"
            if "trial" in self.body
            else kind
        )
        return f"{self.chain}, event {self.body.get('sequence', '?')} ({what})"


@dataclass(frozen=True)
class Opening:
    """The revealed key, and the list of teams, images and submissions that was committed to with it."""

    commitment: str
    key: bytes
    listing: dict[str, Any]


@dataclass(frozen=True)
class Record:
    """A ledger in its order, and the opening if known."""

    events: tuple[Event, ...]
    opening: Opening | None = None

    @cached_property
    def chains(self) -> dict[str, list[Event]]:
        """The events of each chain, in the order of the ledger."""
        chains: dict[str, list[Event]] = {STUDY: []}
        for event in self.events:
            chains.setdefault(event.chain, []).append(event)
        return chains

    def study_events(self, *kinds: str) -> Iterator[Event]:
        """Yield the study's own events of these kinds."""
        return (event for event in self.chains[STUDY] if event.body.get("kind") in kinds)


def read_record(folder: Path) -> Record:
    """Read ledger.jsonl and, if it exists, opening.json.

    Raises
    ------
    AnalysisError
        If a file is missing or does not have this form.
    """
    # Not splitlines(): a reason may hold U+2028, which JSON leaves as it is.
    lines = _text(folder / LEDGER).removesuffix("\n").split("\n")
    events = tuple(_event(number, line) for number, line in enumerate(lines, start=1))
    return Record(events, _opening(folder / OPENING) if (folder / OPENING).exists() else None)


def _event(number: int, line: str) -> Event:
    try:
        raw = read_json(line)
        event = Event(raw["chain"], raw["previous"], raw["hash"], raw["body"])
    except (ValueError, KeyError, TypeError) as error:
        raise AnalysisError(f"{LEDGER}, line {number}: not an event ({error}); export again") from None
    if not all(isinstance(text, str) for text in (event.chain, event.previous, event.hash)):
        raise AnalysisError(f"{LEDGER}, line {number}: chain and hashes are not texts; export again")
    if not isinstance(event.body, dict):
        raise AnalysisError(f"{LEDGER}, line {number}: the body is not an object; export again")
    return event


def _opening(path: Path) -> Opening:
    try:
        raw = read_json(_text(path))
        return Opening(raw["commitment"], bytes.fromhex(raw["key"]), raw["list"])
    except (KeyError, TypeError, ValueError) as error:
        raise AnalysisError(f"{OPENING} is not the opening of a commitment ({error}); export again") from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise AnalysisError(f"{path} is missing; give the folder that `studyapp export` wrote") from None
    except (OSError, UnicodeDecodeError) as error:
        raise AnalysisError(f"cannot read {path}: {error}") from None
