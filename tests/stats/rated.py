"""Ratings for tests: tables made of matrices."""

import numpy as np
import pandas as pd

from analysis.ratings import Ratings

ANY = (-100.0, 100.0)


def ratings_of(scores, *, scale=ANY, teams=None) -> Ratings:
    """Judges by stimuli, NaN where missing. The stimuli of an image follow each other, one for each team."""
    scores = np.asarray(scores, dtype=float)
    judge, stimulus = np.nonzero(~np.isnan(scores))
    count = teams or 1
    image, team = np.divmod(stimulus, count)
    return Ratings(
        pd.DataFrame(),
        _labels("J", len(scores)),
        _labels("S", -(-scores.shape[1] // count)),
        _labels("T", count),
        judge,
        image,
        team,
        scores[judge, stimulus],
        scale,
    )


def _labels(letter: str, size: int) -> np.ndarray:
    return np.array([f"{letter}{n:04d}" for n in range(size)], dtype=object)
