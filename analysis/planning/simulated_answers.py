"""Simulated paired comparisons and ratings of judges with tastes of their own, on images that suit teams
differently."""

from itertools import combinations

import numpy as np
import pandas as pd

from analysis.pairs import Pairs
from analysis.ratings import Ratings


def simulated_pairs(
    rng: np.random.Generator,
    *,
    judges: int = 15,
    images: int = 30,
    teams: int = 6,
    share: float = 1.0,
    image_sd: float = 0.6,
    judge_sd: float = 0.3,
    nu: float = 0.5,
    beta: float = 0.0,
) -> Pairs:
    """Simulate comparisons; sides are drawn.

    Parameters
    ----------
    rng
    judges, images, teams
        How many; log worths fall evenly from 0.8 to -0.8.
    share
        Of all pairs of all images, what each judge compares.
    image_sd, judge_sd
        How much worths differ from image to image, and from judge to judge.
    nu, beta
        Davidson's tie parameter, and what standing left is worth.
    """
    of_image = np.linspace(0.8, -0.8, teams) + image_sd * rng.normal(size=(images, teams))
    of_judge = judge_sd * rng.normal(size=(judges, teams))
    every = np.array(list(combinations(range(teams), 2)))
    judge, image, pair = (axis.ravel() for axis in np.indices((judges, images, len(every))))
    kept = rng.random(len(judge)) < share
    judge, image, pair = judge[kept], image[kept], pair[kept]
    turned = rng.random(len(pair)) < 0.5
    first, second = np.where(turned[:, None], every[pair][:, ::-1], every[pair]).T
    value = of_image[image] + of_judge[judge]
    rows = np.arange(len(pair))
    distance = value[rows, first] - value[rows, second] + beta
    chance = np.stack([np.exp(distance / 2), np.exp(-distance / 2), np.full(len(pair), nu)])
    answer = (rng.random(len(pair)) * chance.sum(axis=0) > np.cumsum(chance, axis=0)).sum(axis=0)
    names = _labels("J", judges)
    return Pairs(
        table=pd.DataFrame(),
        judges=names,
        images=_labels("I", images),
        teams=_labels("T", teams),
        sittings=names,
        judge=judge,
        image=image,
        first=first,
        second=second,
        sitting=judge,
        answer=answer,
    )


def simulated_ratings(
    rng: np.random.Generator,
    *,
    judges: int = 15,
    images: int = 30,
    teams: int = 6,
    share: float = 1.0,
    noise: float = 0.7,
) -> Ratings:
    """Simulate categories 1 to 5 of judges of their own leniency and taste.

    Parameters
    ----------
    rng
    judges, images, teams
        How many; qualities fall evenly from 4.2 to 2.2.
    share
        Of all results, what each judge rates.
    noise
        Standard deviation of what is left of a score.
    """
    quality = np.linspace(4.2, 2.2, teams)
    of_image = quality + 0.5 * rng.normal(size=(images, 1)) + 0.3 * rng.normal(size=(images, teams))
    of_judge = 0.3 * rng.normal(size=(judges, 1)) + 0.2 * rng.normal(size=(judges, teams))
    judge, image, team = (axis.ravel() for axis in np.indices((judges, images, teams)))
    kept = rng.random(len(judge)) < share
    judge, image, team = judge[kept], image[kept], team[kept]
    value = of_image[image, team] + of_judge[judge, team] + noise * rng.normal(size=len(judge))
    return Ratings(
        table=pd.DataFrame(),
        judges=_labels("J", judges),
        images=_labels("I", images),
        teams=_labels("T", teams),
        judge=judge,
        image=image,
        team=team,
        score=np.clip(np.round(value), 1, 5),
        scale=(1, 5),
    )


def _labels(letter: str, size: int) -> np.ndarray:
    return np.array([f"{letter}{n:04d}" for n in range(size)], dtype=object)
