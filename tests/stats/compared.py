"""Paired comparisons for tests: tables made of counts, and simulated studies."""

from itertools import combinations

import numpy as np
import pandas as pd

from analysis.pairs import Pairs, validate_pairs


def rows_of(wins, image="i"):
    """A row for each win in counts (J, N, N): the row was preferred to the column, and stood left."""
    return [
        (f"J{judge}", image, f"T{a}", f"T{b}", "a")
        for judge, a, b in np.argwhere(wins)
        for _ in range(int(wins[judge, a, b]))
    ]


def pairs_of(rows, columns=("judge", "image", "team_a", "team_b", "answer")) -> Pairs:
    return validate_pairs(pd.DataFrame(rows, columns=list(columns)).astype("category"))


def pairs_of_wins(wins) -> Pairs:
    return pairs_of(rows_of(np.asarray(wins)))


def simulated_pairs(
    rng, *, judges=15, images=30, teams=6, share=1.0, image_sd=0.6, judge_sd=0.3, nu=0.5, beta=0.0, worth=None
) -> Pairs:
    """Judges of their own taste compare the pairs of images that suit teams differently; sides at random."""
    worth = np.linspace(0.8, -0.8, teams) if worth is None else np.asarray(worth)
    of_image = worth + image_sd * rng.normal(size=(images, len(worth)))
    of_judge = judge_sd * rng.normal(size=(judges, len(worth)))
    every = np.array(list(combinations(range(len(worth)), 2)))
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
    labels = [
        np.array([f"{letter}{n:04d}" for n in range(size)], dtype=object)
        for letter, size in (("J", judges), ("I", images), ("T", len(worth)))
    ]
    return Pairs(pd.DataFrame(), *labels, labels[0], judge, image, first, second, judge, answer)
