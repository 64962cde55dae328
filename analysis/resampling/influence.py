"""What one judge, or one image, does to the ranking: every rank again without it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.points import fair_points, image_points, summed
from analysis.votes import BallotArrays

Array = NDArray[Any]


def s3_without_judges(ballots: BallotArrays, *, points: Sequence[float]) -> Array:
    """(J, N) S3 of each team when one judge's ballots are left out, a row for each judge.

    Memory and time are linear in the rows of the votes table. Ballots that lack a team stay as the whole
    panel completed them (`analysis.unshown`).
    """
    n = len(ballots.teams)
    image = ballots.image[ballots.ballot]
    mean = image_points(ballots, points=points)
    seen = np.zeros(mean.shape)
    np.add.at(seen, (image, ballots.team), 1.0)
    others = seen[image, ballots.team] - 1
    cell_mean, earned = mean[image, ballots.team], fair_points(ballots, points=points)
    without = np.zeros(len(earned))
    np.divide(cell_mean * (others + 1) - earned, others, out=without, where=others > 0)
    cell = ballots.judge[ballots.ballot].astype(np.int64) * n + ballots.team
    change = np.bincount(cell, without - cell_mean, len(ballots.judges) * n).reshape(-1, n)
    return summed(mean) + change


def s3_without_images(ballots: BallotArrays, *, points: Sequence[float]) -> Array:
    """(I, N) S3 of each team when one image is left out, a row for each image."""
    mean = image_points(ballots, points=points)
    return summed(mean) - np.nan_to_num(mean)


def rank_changes(
    labels: Sequence[str], teams: Sequence[str], before: Array, after: Array
) -> list[dict[str, Any]]:
    """Which ranks change when one judge or image is left out; only those that change any.

    Parameters
    ----------
    labels : (L,) the judges or images left out
    teams : (N,) team names
    before : (N,) int
        Ranks of everybody together.
    after : (L, N) int
        Ranks without each.

    Returns
    -------
    list of dict
        `left_out`, and `changes` {team: [rank with, rank without]}.
    """
    return [
        {
            "left_out": str(labels[row]),
            "changes": {
                str(teams[t]): [int(before[t]), int(after[row, t])]
                for t in np.flatnonzero(after[row] != before).tolist()
            },
        }
        for row in np.flatnonzero((after != before).any(axis=1)).tolist()
    ]
