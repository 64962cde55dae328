"""Why simulated judges like what they like: the figures that they see, in the words of the study."""

from collections.abc import Mapping
from typing import Any

import numpy as np

ATTRIBUTES = ("Fidelity", "Texture", "Noise", "Sharpness")
"""What each of `appraisal.FEATURES` is called by the words that studies have by default."""


def reasons_of(
    asked: Mapping[str, Any], liking: Mapping[int, float], seen: Mapping[int, np.ndarray]
) -> list[dict[str, Any]]:
    """Return a reason for the best and the worst candidate, or as many as the study requires.

    Parameters
    ----------
    asked
        What the study asks of reasons, as its page has it.
    liking
        How much each candidate is liked.
    seen
        The features of each candidate against the others'.
    """
    order = sorted(liking, key=lambda slot: liking[slot])
    sides = [(order[-1], "better", -1), (order[0], "worse", 1)][: len(order)]
    regions = [word["name"] for word in asked["regions"]]
    attributes = [word["name"] for word in asked["attributes"]]
    words = [word if word in attributes else attributes[0] for word in ATTRIBUTES]
    said = {
        (slot, region, words[ranked[nth]]): direction
        for region in regions
        for nth in range(len(words))
        for slot, direction, sign in sides
        for ranked in [np.argsort(sign * seen[slot], kind="stable")]
    }
    found = [
        {"slot": slot, "region": region, "attribute": attribute, "direction": direction}
        for (slot, region, attribute), direction in said.items()
    ]
    return found[: min(asked["most"], max(asked["required"], len(sides)))]
