"""Coefficients of several raters who put units into categories, with standard errors and weights.

Weighted agreement of a unit with r ratings is p_i = sum_k r_k (r*_k - 1)/(r (r - 1)), r*_k = sum_l w_kl r_l;
its mean over the units with two ratings at least is P. Every coefficient is (P - P_e)/(1 - P_e); they differ
in the agreement P_e that chance gives. Standard errors take the units as a sample and the raters as given
(Gwet 2014).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import t as student

from analysis.errors import AnalysisError

Weighting = Literal["identity", "ordinal", "linear", "quadratic"]


@dataclass(frozen=True)
class Coefficient:
    """A coefficient with its standard error over the units.

    Attributes
    ----------
    value
        1 for perfect agreement, 0 at chance; NaN where chance agreement is perfect too.
    se
        NaN below two units.
    low, high
        95 % t interval on (units - 1) degrees of freedom, cut at 1.
    """

    value: float
    se: float
    low: float
    high: float


def category_weights(categories: np.ndarray, kind: Weighting) -> np.ndarray:
    """Weights w_kl of categories in ascending order, (K, K), 1 on the diagonal.

    Parameters
    ----------
    categories
        Their values, shape (K,); only "linear" and "quadratic" look at the sizes.
    kind
        "identity": different is different. "ordinal": 1 - C(|k - l| + 1, 2)/C(K, 2). "linear" and
        "quadratic": 1 less the distance, or its square, as a share of the largest.

    References
    ----------
    Gwet (2014), Handbook of inter-rater reliability, 4th ed., chapter 3.
    """
    n = len(categories)
    if kind == "identity" or n < 2:
        return np.eye(n)
    if kind == "ordinal":
        steps = np.abs(np.arange(n)[:, None] - np.arange(n)) + 1
        return 1 - steps * (steps - 1) / (n * (n - 1))
    apart = np.abs(categories[:, None] - categories) / np.ptp(categories)
    return 1 - (apart if kind == "linear" else apart**2)


@dataclass(frozen=True)
class _Table:
    """Ratings as counts: `counts` (U, K), `ratings` (R, U) codes or -1."""

    counts: np.ndarray
    ratings: np.ndarray
    weights: np.ndarray

    @property
    def rated(self) -> np.ndarray:
        return self.counts.sum(axis=1)

    @property
    def shares(self) -> np.ndarray:
        return (self.counts / self.rated[:, None]).mean(axis=0)

    def agreement(self) -> np.ndarray:
        """p_i of each unit, (U,); NaN with one rating."""
        r = self.rated
        same = (self.counts * (self.counts @ self.weights.T - 1)).sum(axis=1)
        return np.divide(same, r * (r - 1), out=np.full(len(r), np.nan), where=r > 1)


Chance = Callable[[_Table], tuple[float, np.ndarray]]


def gwet_ac2(
    ratings: np.ndarray, *, categories: np.ndarray | None = None, weights: Weighting = "identity"
) -> Coefficient:
    """Return Gwet's AC1 (identity weights) or AC2 (others), P_e = sum w / (K (K - 1)) * sum p_k (1 - p_k).

    Parameters
    ----------
    ratings
        Shape (R, U): R raters by U units, NaN where missing.
    categories
        All values that a rater may give. Absent: those that were used, as irrCAC does; a category that could
        have been used and was not makes agreement more telling, and the coefficient larger.
    weights
        See `category_weights`.

    Returns
    -------
    Coefficient

    Raises
    ------
    AnalysisError
        Where no unit has two ratings, and for a rating that is none of the categories.

    References
    ----------
    Gwet (2008), Br. J. Math. Stat. Psychol. 61; Gwet (2014), Handbook of inter-rater reliability, 4th ed.

    Examples
    --------
    Gwet (2014), four raters: AC1 0.775, standard error 0.143.

    >>> nan = np.nan
    >>> ratings = [[1, 2, 3, 3, 2, 1, 4, 1, 2, nan, nan, nan], [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, nan, 3],
    ...            [nan, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, nan], [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, nan]]
    >>> found = gwet_ac2(np.array(ratings))
    >>> round(found.value, 3), round(found.se, 3)
    (0.775, 0.143)
    """
    return _coefficient(_table(ratings, categories, weights), _gwet)


def brennan_prediger_weighted(
    ratings: np.ndarray, *, categories: np.ndarray | None = None, weights: Weighting = "identity"
) -> Coefficient:
    """Return the coefficient of Brennan and Prediger (1981), P_e = sum w / K^2; arguments as `gwet_ac2`."""
    return _coefficient(_table(ratings, categories, weights), _uniform)


def fleiss_weighted(ratings: np.ndarray, *, weights: Weighting = "identity") -> Coefficient:
    """Return Fleiss' kappa, P_e = sum w_kl p_k p_l; arguments as `gwet_ac2`."""
    return _coefficient(_table(ratings, None, weights), _fleiss)


def conger_kappa(ratings: np.ndarray, *, weights: Weighting = "identity") -> Coefficient:
    """Return Conger's kappa, the mean over pairs of raters of Cohen's chance agreement; as `gwet_ac2`.

    Unlike Fleiss' it takes each rater's own use of the categories for what chance gives, so a rater's lean
    counts as disagreement. For two raters it is Cohen's kappa.

    References
    ----------
    Conger (1980), Integration and generalization of kappas for multiple raters, Psychol. Bull. 88.
    """
    table = _table(ratings, None, weights)
    if min((table.ratings >= 0).sum(axis=1)) == 0 or len(table.ratings) < 2:
        raise AnalysisError("Conger's kappa needs two raters, each with a rating")
    return _coefficient(table, _conger)


def _table(ratings: np.ndarray, categories: np.ndarray | None, kind: Weighting) -> _Table:
    ratings = np.asarray(ratings, dtype=float)
    if ratings.ndim != 2:
        raise AnalysisError(f"ratings have the shape {ratings.shape}; give a matrix, raters by units")
    known = ~np.isnan(ratings)
    used = np.unique(ratings[known])
    values = used if categories is None else np.unique(np.asarray(categories, dtype=float))
    strange = np.setdiff1d(used, values)
    if len(strange):
        raise AnalysisError(f"rating {strange[0]:g} is not one of the categories; name all possible ratings")
    some = known.any(axis=0)
    ratings, known = ratings[:, some], known[:, some]
    if not (known.sum(axis=0) > 1).any():
        raise AnalysisError("no unit has two ratings, so there is nothing to compare")
    code = np.where(known, np.searchsorted(values, np.nan_to_num(ratings, nan=values[0])), -1)
    counts = np.stack([(code == k).sum(axis=0) for k in range(len(values))], axis=1).astype(float)
    return _Table(counts, code, category_weights(values, kind))


def _coefficient(table: _Table, chance: Chance) -> Coefficient:
    agreement, units = table.agreement(), len(table.counts)
    paired = ~np.isnan(agreement)
    expected, of_unit = chance(table)
    if 1 - expected < 1e-12:
        return Coefficient(np.nan, np.nan, np.nan, np.nan)
    value = (agreement[paired].mean() - expected) / (1 - expected)
    single = np.where(paired, np.nan_to_num(agreement) - expected, 0) * units / paired.sum() / (1 - expected)
    # Linearised: a unit moves the coefficient by its own agreement and by its share in what chance gives.
    moved = single - 2 * (1 - value) * (of_unit - expected) / (1 - expected)
    if units < 2:
        return Coefficient(float(value), np.nan, np.nan, np.nan)
    se = float(np.sqrt(((moved - value) ** 2).sum() / (units * (units - 1))))
    half = float(student.ppf(0.975, units - 1)) * se
    return Coefficient(float(value), se, float(value - half), min(1.0, float(value + half)))


def _gwet(table: _Table) -> tuple[float, np.ndarray]:
    n = len(table.weights)
    if n < 2:
        return 1.0, np.ones(len(table.counts))
    scale = table.weights.sum() / (n * (n - 1))
    expected = scale * (table.shares * (1 - table.shares)).sum()
    return float(expected), scale * (table.counts @ (1 - table.shares)) / table.rated


def _uniform(table: _Table) -> tuple[float, np.ndarray]:
    expected = float(table.weights.mean())
    return expected, np.full(len(table.counts), expected)


def _fleiss(table: _Table) -> tuple[float, np.ndarray]:
    pull = (table.weights + table.weights.T) @ table.shares / 2
    return float(table.shares @ table.weights @ table.shares), table.counts @ pull / table.rated


def _conger(table: _Table) -> tuple[float, np.ndarray]:
    """Chance agreement of every two raters who rate alone, and how each unit moves it."""
    raters, units = table.ratings.shape
    chosen = np.stack([table.ratings == k for k in range(len(table.weights))], axis=2).astype(float)
    rated = chosen.sum(axis=2)
    share = chosen.sum(axis=1) / rated.sum(axis=1, keepdims=True)
    total = share.sum(axis=0)
    expected = (total @ table.weights @ total - np.einsum("gk,kl,gl->", share, table.weights, share)) / (
        raters * (raters - 1)
    )
    often = rated.sum(axis=1) / units
    shifted = (chosen - (rated - often[:, None])[:, :, None] * share[:, None, :]) / often[:, None, None]
    others = (total - share) @ table.weights
    of_unit = np.einsum("guk,gk->u", shifted, others) / (raters * (raters - 1))
    return float(expected), of_unit
