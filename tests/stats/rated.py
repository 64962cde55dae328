"""Ratings for tests: tables made of matrices, and simulated studies."""

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


def simulated_ratings(rng, *, judges=15, images=30, teams=6, share=1.0, noise=0.7) -> Ratings:
    """Categories 1 to 5 by judges of their own leniency and taste, of images that suit teams differently."""
    quality = np.linspace(4.2, 2.2, teams)
    of_image = quality + 0.5 * rng.normal(size=(images, 1)) + 0.3 * rng.normal(size=(images, teams))
    of_judge = 0.3 * rng.normal(size=(judges, 1)) + 0.2 * rng.normal(size=(judges, teams))
    judge, image, team = (axis.ravel() for axis in np.indices((judges, images, teams)))
    kept = rng.random(len(judge)) < share
    judge, image, team = judge[kept], image[kept], team[kept]
    value = of_image[image, team] + of_judge[judge, team] + noise * rng.normal(size=len(judge))
    names = (_labels("J", judges), _labels("I", images), _labels("T", teams))
    return Ratings(pd.DataFrame(), *names, judge, image, team, np.clip(np.round(value), 1, 5), (1, 5))


def _labels(letter: str, size: int) -> np.ndarray:
    return np.array([f"{letter}{n:04d}" for n in range(size)], dtype=object)
