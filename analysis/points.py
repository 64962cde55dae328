"""Points, S3 and normalised S3: the announced score of a user study.

NTIRE RAIM reports: each judge sees each image with all teams' results and selects the top three, worth 3, 2
and 1 points; S3 is a team's points summed over the images and averaged over the judges.
"""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.amounts import how_many
from analysis.errors import AnalysisError
from analysis.rule import minmax
from analysis.unshown import expected_points, worth_of
from analysis.votes import BallotArrays, Votes


def team_points(votes: Votes, *, points: Sequence[float]) -> pd.DataFrame:
    """Return points, S3 and S3n of each team, best first.

    S3 of a team is summed over the images; on each image it is the mean of the points from the judges who
    were shown the team there. On complete data (every judge, every image, every team) this is the reports'
    definition. A judge who misses an image, or is not shown a team (a conflict of interest), counts neither
    for nor against it: if a ballot lacks a team, the others earn what they would be expected to earn with
    that team present (`analysis.unshown.expected_points`). On an image where nobody was shown the team, it
    earns nothing.

    Parameters
    ----------
    points
        Points of the first place, the second, ...

    Returns
    -------
    DataFrame
        team, points (the plain total), s3, s3n (0 to 1; missing if all S3 are equal, see `why_no_s3n`).

    Raises
    ------
    AnalysisError
        If the ballots fill more places than there are points.

    Examples
    --------
    >>> from analysis.votes import validate_votes
    >>> votes = pd.DataFrame(
    ...     {
    ...         "judge": ["Jude", "Jude", "June", "June"],
    ...         "image": "001",
    ...         "team": ["Ada", "Bea", "Ada", "Bea"],
    ...         "slot": [1, 2, 2, 1],
    ...         "rank": [1, 2, 1, 2],
    ...     }
    ... )
    >>> print(team_points(validate_votes(votes), points=(3, 2, 1)).to_string(index=False))
    team  points  s3  s3n
     Ada     6.0 3.0  1.0
     Bea     4.0 2.0  0.0
    """
    arrays = votes.ballots
    s3 = summed(image_points(arrays, points=points))
    total = np.bincount(arrays.team, weights=row_points(arrays, points=points), minlength=len(arrays.teams))
    table = pd.DataFrame({"team": arrays.teams, "points": total, "s3": s3, "s3n": minmax(s3)})
    return table.sort_values(["s3", "team"], ascending=[False, True], ignore_index=True)


def row_points(arrays: BallotArrays, *, points: Sequence[float]) -> np.ndarray:
    """Points of each row as given, shape (R,): 0 if not placed; equal places get their mean."""
    return worth_of(arrays, slice(None), _scale(arrays, points))


def fair_points(arrays: BallotArrays, *, points: Sequence[float]) -> np.ndarray:
    """Points of each row as they count in S3, shape (R,): not `row_points` if a team was not shown."""
    return expected_points(arrays, _scale(arrays, points))


def image_points(arrays: BallotArrays, *, points: Sequence[float]) -> np.ndarray:
    """Mean points of each team on each image over the judges shown it, shape (I, N); NaN without any."""
    return _mean_points(arrays.image[arrays.ballot], len(arrays.images), arrays, points)


def judge_points(arrays: BallotArrays, *, points: Sequence[float]) -> np.ndarray:
    """Mean points from each judge for each team over the images shown, shape (J, N); NaN without any."""
    return _mean_points(arrays.judge[arrays.ballot], len(arrays.judges), arrays, points)


def summed(per_image: np.ndarray) -> np.ndarray:
    """S3 from `image_points`: the sum over images, with NaN as 0; the order of the images does not matter."""
    return np.array([math.fsum(column) for column in np.nan_to_num(per_image).T.tolist()])


def why_no_s3n(values: np.ndarray) -> str | None:
    """Say why the values have no min-max normalisation, or None where they have one."""
    present = np.asarray(values, dtype=float)
    present = present[~np.isnan(present)]
    if not len(present):
        return "S3n is undefined: no team has an S3"
    if len(present) == 1:
        return (
            "S3n is undefined: only one team has an S3, but (S3 - min) / (max - min) needs two different "
            "values"
        )
    if np.ptp(present) <= 1e-12 * max(1.0, np.abs(present).max()):
        return f"S3n is undefined: all teams have the same S3 ({present[0]:g}), so max - min is 0"
    return None


def _scale(arrays: BallotArrays, points: Sequence[float]) -> np.ndarray:
    """Points of no place, the first place, ..."""
    if arrays.places > len(points):
        given = ", ".join(f"{value:g}" for value in points)
        raise AnalysisError(
            f"points {given}: {how_many(len(points), 'values')} for ballots with "
            f"{how_many(arrays.places, 'places')}; give one value per place"
        )
    return np.array([0.0, *points])


def _mean_points(group: np.ndarray, groups: int, arrays: BallotArrays, points: Sequence[float]) -> np.ndarray:
    teams = len(arrays.teams)
    cell = group.astype(np.int64) * teams + arrays.team
    total = np.bincount(cell, weights=fair_points(arrays, points=points), minlength=groups * teams)
    shown = np.bincount(cell, minlength=groups * teams)
    with np.errstate(invalid="ignore"):
        return (total / shown).reshape(groups, teams)
