"""How far judges agree who compared the same two candidates on the same image."""

import numpy as np

from analysis.agreement.alpha import alpha_of_coincidences
from analysis.agreement.intervals import Estimate, ImageStatistic, estimate_all, ratio
from analysis.pairs import Pairs

_NO_PAIR = "there are no two answers to the same pair on the same image"
_ONE_ANSWER = f"{_NO_PAIR}, or all answers are the same"
_VALUES = 3  # the one preferred, neither, the other preferred


def pair_agreement(pairs: Pairs) -> dict[str, Estimate]:
    """Return how far answers to the same pair on the same image agree, with intervals over the images.

    A unit is an image and two candidates, whichever was on the left; its values are which of the two was
    preferred, or neither.

    Returns
    -------
    dict
        `same`: the share of two answers that are the same. `alpha_nominal` and `alpha_ordinal`:
        Krippendorff's alpha; ordinal treats a tie as half way between the sides.
    """
    coincidences = _by_image(pairs)
    flat = coincidences.reshape(len(coincidences), -1)
    diagonal = np.eye(_VALUES).ravel()
    different = 1 - np.eye(_VALUES)

    def alpha(total: np.ndarray, difference: np.ndarray | None) -> np.ndarray:
        return alpha_of_coincidences(total.reshape(*total.shape[:-1], _VALUES, _VALUES), difference)

    return estimate_all(
        {
            "same": ImageStatistic(
                flat, lambda total: ratio(total @ diagonal, total.sum(axis=-1)), _NO_PAIR, None
            ),
            "alpha_nominal": ImageStatistic(flat, lambda total: alpha(total, different), _ONE_ANSWER, 0.0),
            "alpha_ordinal": ImageStatistic(flat, lambda total: alpha(total, None), _ONE_ANSWER, 0.0),
        }
    )


def _by_image(pairs: Pairs) -> np.ndarray:
    """(I, 3, 3) coincidences of the answers, each unit weighted by 1/(its answers - 1)."""
    n, images = len(pairs.teams), len(pairs.images)
    low, high = np.minimum(pairs.first, pairs.second), np.maximum(pairs.first, pairs.second)
    value = np.where(pairs.first == low, 1 - pairs.outcome, pairs.outcome) * 2
    unit = (pairs.image.astype(np.int64) * n + low) * n + high
    used, place = np.unique(unit, return_inverse=True)
    counts = np.bincount(place * _VALUES + value.astype(np.int64), minlength=len(used) * _VALUES)
    counts = counts.reshape(-1, _VALUES).astype(float)
    several = counts.sum(axis=1) > 1
    counts, image = counts[several], (used // n**2)[several]
    weighted = counts / (counts.sum(axis=1, keepdims=True) - 1)
    found = np.zeros((images, _VALUES, _VALUES))
    for a in range(_VALUES):
        for b in range(_VALUES):
            both = weighted[:, a] * (counts[:, b] - (a == b))
            found[:, a, b] = np.bincount(image, both, images)
    return found
