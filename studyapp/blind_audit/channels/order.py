"""Order: of slots, of what a page lists, and of what it makes the browser ask for."""

import json
import re
from collections import Counter
from collections.abc import Iterator

import numpy as np
from scipy.stats import chi2

from studyapp.blind_audit.evidence import Evidence
from studyapp.core.ledger import judge_label

_CHANCE = 1e-6
_TILES = re.compile(r"/t/([A-Za-z0-9_-]+)")
_FIELDS = {"slot", "tiles"}


def slot_order(evidence: Evidence) -> Iterator[str]:
    """No team stands in some slot more often than chance would have it."""
    counts: Counter[tuple[str, int]] = Counter()
    for trial in evidence.distinct:
        for number, token in enumerate(trial.tokens, start=1):
            slot = evidence.truth.slots.get(token)
            if slot is not None and slot.team is not None:
                counts[slot.team, number] += 1
    slots = max((number for _, number in counts), default=0)
    table = np.array(
        [[counts[team, number] for number in range(1, slots + 1)] for team in evidence.truth.teams]
    )
    teams = [team for team, row in zip(evidence.truth.teams, table, strict=True) if row.any()]
    table = table[table.any(axis=1)]
    if min(table.shape) < 2:
        return
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / table.sum()
    statistic = float(((table - expected) ** 2 / expected).sum())
    chance = chi2.sf(statistic, (table.shape[0] - 1) * (table.shape[1] - 1))
    if chance < _CHANCE:
        team, slot = np.unravel_index(np.argmax(table - expected), table.shape)
        yield (
            f"team {teams[team]} is in slot {slot + 1} in {table[team, slot]} of "
            f"{table[team].sum()} trials (p = {chance:.1g})"
        )


def listing_order(evidence: Evidence) -> Iterator[str]:
    """Slots are listed by number, in data and on pages, and tell nothing but these."""
    for trial in evidence.trials:
        slots = trial.data["slots"]
        numbers = [slot.get("slot") for slot in slots]
        if numbers != list(range(1, len(slots) + 1)):
            yield f"slots {numbers} in trial {trial.id}"
        for extra in {name for slot in slots for name in slot} - _FIELDS:
            yield f"a field {extra!r} for each slot in trial {trial.id}"


def request_order(evidence: Evidence) -> Iterator[str]:
    """What a page asks for comes in the order of its slots: the input first, then 1, 2, 3..."""
    orders = {trial.id: [trial.input_token, *trial.tokens] for trial in evidence.trials}
    places = {token: (trial, number) for trial, order in orders.items() for number, token in enumerate(order)}
    for item in evidence.texts:
        hints = " ".join(value for name, value in item.headers if name.lower() == "link")
        for text in (hints, item.text):
            known = [places[token] for token in _TILES.findall(text) if token in places]
            if known != sorted(known, key=lambda place: (_first(known, place[0]), place[1])):
                yield f"tiles are named in a different order from the slots in {item}"


def image_facts(evidence: Evidence) -> Iterator[str]:
    """All judges are told the same of an image: its size, its levels, and nothing that differs."""
    told: dict[str, set[str]] = {}
    for trial in evidence.trials:
        slot = evidence.truth.slots.get(trial.input_token)
        if slot is not None:
            told.setdefault(slot.image, set()).add(json.dumps(trial.data["image"], sort_keys=True))
    for image, versions in told.items():
        if len(versions) > 1:
            yield f"{len(versions)} descriptions of image {image}: {sorted(versions)[:2]}"


def conflicts(evidence: Evidence) -> Iterator[str]:
    """No judge is shown a candidate of a team with which they have a conflict of interest."""
    for trial in evidence.trials:
        for token in trial.tokens:
            slot = evidence.truth.slots.get(token)
            if slot is not None and slot.team in evidence.truth.conflicts.get(trial.judge, ()):
                yield f"{judge_label(trial.judge)} is shown team {slot.team} in trial {trial.id}"


def _first(known: list[tuple[str, int]], trial: str) -> int:
    return next(number for number, place in enumerate(known) if place[0] == trial)
