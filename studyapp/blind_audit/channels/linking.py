"""Links: whether orders of slots let judges who know a team follow the others from image to image."""

from collections.abc import Iterator

import numpy as np

from studyapp.blind_audit.evidence import Evidence
from studyapp.blind_audit.linking import try_to_link

_EXCESS = 6.0
"""Standard deviations above chance."""
_FEWEST = 5
"""Every Latin square of four is the table of a group: with fewer teams balance alone links some orders."""
_PART = 0.2
"""So much of what chance leaves hidden must be found: never the same place twice helps a little."""


def order_links(evidence: Evidence) -> Iterator[str]:
    """Judges who know one team or two cannot follow the others from image to image by the orders of slots."""
    orders = _orders(evidence)
    if orders.size == 0:
        return
    for linked in try_to_link(orders):
        chance = linked.chance / max(linked.guesses, 1)
        if linked.excess > _EXCESS and linked.share - chance > _PART * (1 - chance):
            yield (
                f"{linked.attack}: {linked.hits} of {linked.guesses} guesses that two slots hold one team "
                f"are right, {linked.chance:.0f}"
            )


def left_out(evidence: Evidence) -> Iterator[str]:
    """Tell whose orders could not be compared."""
    missing = {trial.judge for trial in evidence.trials} - set(_complete(evidence))
    if missing:
        yield f"orders of {len(missing)} judges with fewer candidates (conflicts) were not compared"
    if _orders(evidence).size == 0:
        yield f"orders were not compared: this needs {_FEWEST} teams and 2 images"


def _complete(evidence: Evidence) -> dict[int, dict[str, list[int]]]:
    """For each judge who is shown all teams the order on each image, as numbers of teams."""
    shown = {slot.team for slot in evidence.truth.slots.values() if slot.kind == "main"}
    number = {
        team: place for place, team in enumerate(team for team in evidence.truth.teams if team in shown)
    }
    found: dict[int, dict[str, list[int]]] = {}
    for trial in evidence.trials:
        slots = [evidence.truth.slots.get(token) for token in trial.tokens]
        if all(slot is not None and slot.kind == "main" and slot.team in number for slot in slots) and slots:
            image = slots[0].image if slots[0] else ""
            order = [number[slot.team] for slot in slots if slot and slot.team]
            if len(set(order)) == len(order):
                found.setdefault(trial.judge, {})[image] = order
    most = max((len(order) for seen in found.values() for order in seen.values()), default=0)
    return {
        judge: seen for judge, seen in found.items() if all(len(order) == most for order in seen.values())
    }


def _orders(evidence: Evidence) -> np.ndarray:
    complete = _complete(evidence)
    images = sorted({image for seen in complete.values() for image in seen})
    rows = [[seen[image] for image in images] for seen in complete.values() if len(seen) == len(images)]
    orders = np.array(rows)
    return (
        orders
        if orders.ndim == 3 and orders.shape[1] > 1 and orders.shape[2] >= _FEWEST
        else np.zeros((0, 0, 0), dtype=int)
    )
