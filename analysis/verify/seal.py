"""The sealed key: the commitment opens, and the design and every ballot match the key."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.amounts import how_many
from analysis.verify.design import Trial, design_of
from analysis.verify.hashing import commitment
from analysis.verify.reason_rules import reasons_misfit
from analysis.verify.record import STUDY, Event, MisfitError, Record
from analysis.verify.replay import Replay

DESIGN_TABLE = "design.csv"


def check_commitment(record: Record) -> str:
    """The commitment published before opening is that of the revealed key and list."""
    opening = record.opening
    if opening is None:
        raise MisfitError("opening.json is missing: the key was not revealed")
    event = next(record.study_events("committed"), None)
    if event is None:
        raise MisfitError("the ledger has no commitment, so the key could have been chosen afterwards")
    opened = next(record.study_events("opened"), None)
    if opened is not None and opened.body["sequence"] < event.body["sequence"]:
        raise MisfitError(f"{event} comes after the opening")
    _check_named(opening.listing, opened)
    if commitment(opening.key, opening.listing) != event.body["commitment"]:
        raise MisfitError(f"{event}: the revealed key and list do not match the commitment")
    if opening.commitment != event.body["commitment"]:
        raise MisfitError(f"{event}: opening.json names another commitment")
    return f"commitment {opening.commitment} opens"


def _check_named(listing: Mapping[str, Any], opened: Event | None) -> None:
    """The design is known, and draws by the settings that the study was opened with."""
    settings = listing.get("protocol")
    if listing.get("design") != design_of(listing):
        raise MisfitError(f"opening.json: unknown design {listing.get('design')!r}")
    if settings is not None and opened is not None and settings != opened.body["rules"]["protocol"]:
        raise MisfitError(f"{opened}: the protocol does not match the commitment")


def check_design(replay: Replay, folder: Path) -> str:
    """design.csv is what the key gives, row by row."""
    expected = [
        (trial.judge, str(trial.position), trial.image, str(slot), team, trial.kind, trial.public_id)
        for trial in _in_order(replay)
        for slot, team in enumerate(trial.slots, start=1)
    ]
    columns = ("judge", "position", "image", "slot", "team", "kind", "trial")
    compare_rows(DESIGN_TABLE, columns, expected, read_rows(folder / DESIGN_TABLE, columns))
    return f"{how_many(len(replay.trials), 'trials')} match the key"


def check_ballots(replay: Replay) -> str:
    """Every ballot is possible for its judge: own trial, slots that were shown, revisions without a gap."""
    revisions: dict[str, int] = {}
    for chain, events in replay.record.chains.items():
        if chain != STUDY:
            for event in events:
                _check_ballot(event, replay, revisions)
    return f"{how_many(sum(revisions.values()), 'saved answers')}, each possible where it is"


def _check_ballot(event: Event, replay: Replay, revisions: dict[str, int]) -> None:
    trial = replay.trials.get(event.body["trial"])
    if trial is None or trial.judge != event.chain:
        raise MisfitError(f"{event}: this trial is not one of {event.chain}'s")
    body = event.body
    if why := replay.protocol.misfit(body["answer"], len(trial.slots), complete=body["complete"]):
        raise MisfitError(f"{event} {why}")
    wanted = replay.protocol.wants_reasons(body["answer"])
    if why := reasons_misfit(body, replay.rules["reasons"], len(trial.slots), wanted=wanted):
        raise MisfitError(f"{event} {why}")
    before = revisions.get(trial.public_id, 0)
    if (event.body["revision"], event.body["base_revision"]) != (before + 1, before):
        raise MisfitError(f"{event} should be revision {before + 1}")
    revisions[trial.public_id] = before + 1


def _in_order(replay: Replay) -> list[Trial]:
    number = {judge.label: judge.number for judge in replay.judges.values()}
    return sorted(replay.trials.values(), key=lambda trial: (number[trial.judge], trial.kind, trial.position))


def read_rows(path: Path, columns: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Read these columns of a CSV file as text; other columns are ignored."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            missing = set(columns) - set(table.fieldnames or ())
            if missing:
                raise MisfitError(f"{path.name} has no column {min(missing)!r}")
            return [tuple(row[name] or "" for name in columns) for row in table]
    except FileNotFoundError:
        raise MisfitError(f"{path.name} is missing") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise MisfitError(f"{path.name} cannot be read: {error}") from None


def compare_rows(
    name: str, columns: tuple[str, ...], expected: list[tuple[str, ...]], found: list[tuple[str, ...]]
) -> None:
    """Raise at the first row that differs.

    Raises
    ------
    MisfitError
        Naming the line of the file, the column, and what the ledger says.
    """
    for line, (want, have) in enumerate(zip(expected, found, strict=False), start=2):
        for column, wanted, got in zip(columns, want, have, strict=True):
            if wanted != got:
                where = ", ".join(f"{key} {value}" for key, value in zip(columns[:3], want, strict=False))
                raise MisfitError(
                    f"{name}, line {line} ({where}): {column} is {got!r}, but the ledger says {wanted!r}"
                )
    if len(expected) != len(found):
        raise MisfitError(f"{name} has {how_many(len(found), 'rows')}, but the ledger says {len(expected)}")
