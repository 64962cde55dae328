"""Mean opinion scores of teams: the mean over images of the judges' mean, with judges and images both as
samples."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.stats import t as student

from analysis.ratings import Ratings
from analysis.resampling.draws import PointsTable, s3_draws
from analysis.resampling.two_way import TWO_WAY, Sampling, combined_variance, stretched, sums_by
from analysis.scores import Scores

Array = NDArray[Any]
_DENSE = 4_000_000  # judge x stimulus cells up to which a dense table is kept


def rating_scores(
    ratings: Ratings, *, sampling: Sampling = TWO_WAY, rng: np.random.Generator
) -> tuple[Scores, Array]:
    """Mean opinion scores of the teams with their resamples, as the score `mos` of a final rule.

    Parameters
    ----------
    ratings : Ratings
    sampling : Sampling
        No draws where nothing is known of other judges or images.
    rng : numpy.random.Generator

    Returns
    -------
    scores : Scores
    se : (N,) float
        Two-way standard error; NaN where nothing is known of others.
    """
    mean, variance, _ = two_way_mos(ratings, sampling=sampling)
    found = calibrated_draws(ratings, sampling=sampling, rng=rng)
    drawn = np.empty((0, len(mean))) if found is None else found[1]
    return Scores("mos", ratings.teams, mean, drawn), np.sqrt(variance)


def calibrated_draws(
    ratings: Ratings, *, sampling: Sampling, rng: np.random.Generator
) -> tuple[Array, Array] | None:
    """Resampled mean opinion scores (R, N), as they are and as wide as their two-way interval.

    None where there is no interval, or no draws are asked for.
    """
    mean, interval = two_way_mos(ratings, sampling=sampling)[0], two_way_interval(ratings, sampling=sampling)
    if np.isnan(interval).any() or not sampling.draws:
        return None
    table, images = ratings_table(ratings)
    drawn = s3_draws(table, draws=sampling.draws, rng=rng, resample=sampling.resample) / images
    wide = stretched(drawn, mean, (interval[:, 1] - interval[:, 0]) / 2, level=sampling.level)
    low, high = ratings.scale
    return drawn, np.clip(wide, low, max(high, mean.max()))


def two_way_interval(ratings: Ratings, *, sampling: Sampling = TWO_WAY) -> Array:
    """(N, 2) t intervals of the teams' mean opinion scores; NaN where nothing is known of others."""
    mean, variance, freedom = two_way_mos(ratings, sampling=sampling)
    half = np.sqrt(variance) * student.ppf((1 + sampling.level) / 2, freedom)
    return np.column_stack([mean - half, mean + half])


def mean_without(ratings: Ratings, what: Literal["judges", "images"]) -> Array:
    """(J, N) or (I, N) mean opinion scores without each judge, or each image."""
    table, images = ratings_table(ratings)
    sizes = {"judges": table.n_judges, "images": table.n_images}
    rows, found = np.arange(sizes[what]), []
    widest = max(table.n_images * table.n_teams, table.n_judges)
    for part in np.array_split(rows, max(1, -(-len(rows) * widest // _DENSE))):
        weights = {name: np.ones((len(part), size)) for name, size in sizes.items()}
        weights[what][np.arange(len(part)), part] = 0.0
        found.append(table.s3(weights["judges"], weights["images"]) / images)
    return np.concatenate(found)


def two_way_mos(ratings: Ratings, *, sampling: Sampling = TWO_WAY) -> tuple[Array, Array, Array]:
    """Mean opinion score, two-way variance and degrees of freedom of each team, (N,) each.

    Two-way random effects, as for S3 (docs/statistics.md): a judge's part is taken from differences to the
    means of the images, so that a judge who saw the better images does not look lenient.
    """
    n, images = len(ratings.teams), len(ratings.images)
    cell = ratings.image * n + ratings.team
    seen = np.bincount(cell, minlength=images * n)
    per_image = np.divide(
        np.bincount(cell, ratings.score, images * n), seen, out=np.full(images * n, np.nan), where=seen > 0
    )
    mean = np.nanmean(per_image.reshape(images, n), axis=0)
    rated_on = (seen.reshape(images, n) > 0).sum(axis=0)
    share = 1 / (seen[cell] * rated_on[ratings.team])
    deviation = ratings.score - per_image[cell]
    judges = len(ratings.judges)
    own = sums_by(ratings.judge, ratings.team, deviation, (judges, n))
    given = sums_by(ratings.judge, ratings.team, np.ones(ratings.size), (judges, n))
    rest = deviation - (own / np.maximum(given, 1))[ratings.judge, ratings.team]
    # The mean holds the judge's own score: of n scores, differences to it spread by (n - 1)/n of the truth's.
    wider = np.sqrt(seen[cell] / np.maximum(seen[cell] - 1, 1))
    by_judge = sums_by(ratings.judge, ratings.team, share * wider * deviation, (judges, n))
    by_image = np.nan_to_num((per_image.reshape(images, n) - mean) / rated_on)
    freedom = np.maximum(np.bincount(ratings.team, minlength=n) - judges - images + 1, 1)
    spread = np.bincount(ratings.team, rest**2, n) / freedom
    shared = spread * np.bincount(ratings.team, share**2, n)
    parts = (
        (by_judge**2).sum(axis=0),
        rated_on / np.maximum(rated_on - 1, 1) * (by_image**2).sum(axis=0),
        shared,
    )
    degrees = (judges - 1, images - 1, float(freedom.mean()))
    return mean, *combined_variance(parts, degrees, resample=sampling.resample)


def student_intervals(ratings: Ratings, *, level: float = 0.95) -> Array:
    """(N, 2) t intervals of the teams' scores taken as independent: too short, for the familiar figure
    only."""
    n = np.bincount(ratings.team, minlength=len(ratings.teams))
    mean = np.bincount(ratings.team, ratings.score) / n
    squares = np.bincount(ratings.team, (ratings.score - mean[ratings.team]) ** 2)
    sd = np.sqrt(np.divide(squares, n - 1, out=np.full(len(n), np.nan), where=n > 1))
    half = student.ppf((1 + level) / 2, np.maximum(n - 1, 1)) * sd / np.sqrt(n)
    return np.column_stack([mean - half, mean + half])


def ratings_table(ratings: Ratings) -> tuple[PointsTable, Array]:
    """Scores as a table of points, and on how many images each team was rated."""
    n, images, judges = len(ratings.teams), len(ratings.images), len(ratings.judges)
    column = ratings.image * n + ratings.team
    shape = (judges, images * n)
    complete = ratings.size == shape[0] * shape[1]
    tables = [
        sparse.csr_array((values, (ratings.judge, column)), shape=shape)
        for values in (ratings.score, np.ones(ratings.size))
    ]
    if shape[0] * shape[1] <= _DENSE:
        tables = [table.toarray() for table in tables]
    rated = np.bincount(column, minlength=images * n).reshape(images, n) > 0
    return PointsTable(tables[0], tables[1], images, n, complete), rated.sum(axis=0)
