"""Evidence of looking: it matches the hash in its ballot's event, and gives votes.csv its seconds."""

import hashlib
from pathlib import Path

from analysis.json_text import read_json
from analysis.verify.hashing import canonical
from analysis.verify.record import Event, MisfitError
from analysis.verify.replay import Replay

LOOKING = "looking.jsonl"


def seconds_by_trial(replay: Replay, folder: Path) -> dict[str, float]:
    """Return the longest look at each trial that left evidence with a ballot.

    Raises
    ------
    MisfitError
        If evidence that an event names is missing or different, or belongs to no event.
    """
    lines = _read(folder / LOOKING)
    longest: dict[str, float] = {}
    for event in _with_evidence(replay):
        looked = lines.pop((event.chain, event.body["sequence"]), None)
        if looked is None:
            raise MisfitError(f"{LOOKING} lacks the evidence of {event}")
        if hashlib.sha256(canonical(looked)).hexdigest() != event.body["looking_sha256"]:
            raise MisfitError(f"{LOOKING}: the evidence of {event} does not match its hash in the ledger")
        trial = event.body["trial"]
        longest[trial] = max(longest.get(trial, 0.0), float(looked["seconds"]))
    if lines:
        chain, sequence = next(iter(lines))
        raise MisfitError(f"{LOOKING} has evidence of {chain}, event {sequence}, but the ledger names none")
    return longest


def _with_evidence(replay: Replay) -> list[Event]:
    return [
        event
        for judge in replay.counting
        for event in replay.record.chains.get(judge.label, ())
        if "looking_sha256" in event.body and replay.trials[event.body["trial"]].kind != "practice"
    ]


def _read(path: Path) -> dict[tuple[str, int], dict]:
    if not path.exists():
        return {}
    found = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").removesuffix("\n").split("\n"), start=1):
        raw = read_json(line)
        where = (raw["chain"], raw["sequence"])
        if where in found:
            raise MisfitError(f"{LOOKING}, line {number}: {where[0]}, event {where[1]} appears twice")
        found[where] = raw["looking"]
    return found
