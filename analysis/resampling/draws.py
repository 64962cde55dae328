"""The two-way (pigeonhole) bootstrap: judges and images drawn independently, with replacement.

A ballot of judge j on image i counts w_j * v_i times, w and v being how often the judge and the image
were drawn (Owen 2007; Owen and Eckles 2012). Drawing single ballots instead would take the votes of one
judge, or on one image, for independent ones and make intervals far too short.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analysis.models.choices import Choices
from analysis.models.plackett_luce import refit_plackett_luce
from analysis.points import fair_points
from analysis.votes import BallotArrays

Array = NDArray[Any]
Resample = Literal["both", "judges", "images"]
"""What a new study would have others of."""
_CELLS = 4_000_000  # numbers held at once
_DENSE = 4_000_000  # judge x image x team cells up to which a dense table is kept


def two_way_weights(
    judges: int,
    images: int,
    *,
    draws: int,
    chunk: int,
    rng: np.random.Generator,
    resample: Resample = "both",
) -> Iterator[tuple[Array, Array]]:
    """Chunks of judge weights (r, J) and image weights (r, I), `draws` rows in all.

    The numbers do not depend on `chunk`. A single judge, or a single image, is always drawn: then only
    the other is resampled. With `resample` "judges" every image counts once in each draw, with "images"
    every judge.
    """
    of_judges, of_images = rng.spawn(2)
    for start in range(0, draws, chunk):
        size = min(chunk, draws - start)
        yield (
            np.ones((size, judges)) if resample == "images" else _drawn(judges, size, of_judges),
            np.ones((size, images)) if resample == "judges" else _drawn(images, size, of_images),
        )


def _drawn(n: int, size: int, rng: np.random.Generator) -> Array:
    drawn = rng.integers(n, size=(size, n)) + n * np.arange(size)[:, None]
    return np.bincount(drawn.ravel(), minlength=size * n).reshape(size, n).astype(float)


@dataclass(frozen=True)
class PointsTable:
    """Points by judge and (image, team), and who was shown what; dense in studies, sparse in crowds.

    Attributes
    ----------
    points, shown : (J, I * N), dense or sparse
    n_images, n_teams : int
    complete : bool
        Every judge answered every image with all teams shown.
    """

    points: Any
    shown: Any
    n_images: int
    n_teams: int
    complete: bool

    @property
    def n_judges(self) -> int:
        return self.points.shape[0]

    def s3(self, judge_weights: Array, image_weights: Array) -> Array:
        """S3 of each team when judge j counts w_j times and image i counts v_i times.

        Parameters
        ----------
        judge_weights, image_weights : (R, J) and (R, I) float

        Returns
        -------
        (R, N) float
            On each image the mean points from the judges who were shown the team, summed over the images.
            An image for which none of these judges was drawn leaves the sum, which is scaled up by the
            images lost.
        """
        if self.complete:
            total = self._by_judges(self.points, judge_weights)
            sums = (image_weights[:, None, :] @ total)[:, 0]
            return sums / judge_weights.sum(axis=1, keepdims=True)
        mean, known = self._means(judge_weights)
        counted = (image_weights[:, None, :] @ known)[:, 0]
        sums = (image_weights[:, None, :] @ mean)[:, 0]
        ever = (np.asarray(self.shown.sum(axis=0)).reshape(self.n_images, -1) > 0).sum(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            return sums / counted * ever

    def by_image(self, judge_weights: Array) -> Array:
        """(R, I, N) the mean points on each image when judge j counts w_j times; NaN where none saw the team.

        Parameters
        ----------
        judge_weights : (R, J) float
        """
        mean, known = self._means(judge_weights)
        return np.where(known, mean, np.nan)

    def _means(self, judge_weights: Array) -> tuple[Array, Array]:
        total, seen = (self._by_judges(table, judge_weights) for table in (self.points, self.shown))
        known = seen > 0
        return np.divide(total, seen, out=np.zeros_like(total), where=known), known

    def _by_judges(self, table: Any, judge_weights: Array) -> Array:
        return np.asarray(table.T @ judge_weights.T).T.reshape(
            len(judge_weights), self.n_images, self.n_teams
        )


def points_table(ballots: BallotArrays, *, points: Sequence[float]) -> PointsTable:
    """The points of a votes table, ready for resampling.

    Parameters
    ----------
    ballots : BallotArrays
    points : sequence of float
        Points of the first place, the second, ...
    """
    n_judges, n_images, n_teams = len(ballots.judges), len(ballots.images), len(ballots.teams)
    shape = (n_judges, n_images * n_teams)
    rows = ballots.judge[ballots.ballot]
    columns = ballots.image[ballots.ballot].astype(np.int64) * n_teams + ballots.team
    earned = fair_points(ballots, points=points)
    cells = shape[0] * shape[1]
    complete = len(rows) == cells
    if cells <= _DENSE:
        tables = np.zeros((2, *shape))
        tables[0, rows, columns], tables[1, rows, columns] = earned, 1
    else:
        placed = earned > 0
        tables = [
            sparse.csr_array((values, (rows[use], columns[use])), shape=shape)
            for values, use in ((earned[placed], placed), (np.ones(len(rows)), slice(None)))
        ]
    return PointsTable(tables[0], tables[1], n_images, n_teams, complete)


def s3_draws(
    table: PointsTable, *, draws: int, rng: np.random.Generator, resample: Resample = "both"
) -> Array:
    """(draws, N) the S3 of each team in resamples of judges and images, or of one of them.

    Parameters
    ----------
    table : PointsTable
    draws : int
        2,000 or more for intervals, 10,000 for probabilities of ranks.
    rng : numpy.random.Generator
    resample : {"both", "judges", "images"}
    """
    widest = max(table.n_images * table.n_teams, table.n_judges)
    chunk = max(1, _CELLS // widest)
    weights = two_way_weights(
        table.n_judges, table.n_images, draws=draws, chunk=chunk, rng=rng, resample=resample
    )
    return np.concatenate([table.s3(*part) for part in weights])


def worth_draws(
    ballots: BallotArrays,
    choices: Choices,
    *,
    draws: int,
    penalty: float = 0.0,
    rng: np.random.Generator,
    resample: Resample = "both",
) -> tuple[Array, int]:
    """Plackett-Luce log worths refitted to resamples of judges and images, or of one of them.

    Returns
    -------
    log_worth : (draws, N) float
    penalised : int
        How many resamples have no finite estimate and were fitted with the default penalty.
    """
    chunk = max(1, _CELLS // max(1, ballots.size))
    fits = [
        refit_plackett_luce(choices, w[:, ballots.judge] * v[:, ballots.image], penalty=penalty)
        for w, v in two_way_weights(
            len(ballots.judges), len(ballots.images), draws=draws, chunk=chunk, rng=rng, resample=resample
        )
    ]
    penalised = sum(int((~finite).sum()) for _, finite in fits)
    return np.concatenate([theta for theta, _ in fits]), penalised
