"""Agreement on the first place: Fleiss' kappa and Gwet's AC1.

Both compare the share of judge pairs with the same first pick, averaged over images, with what chance gives;
they differ in what chance is. Where images have different numbers of judges, shares are taken within the
image first and then averaged over images (Gwet 2014), which for complete studies is Fleiss' formula.
"""

from collections.abc import Callable

import numpy as np

from analysis.errors import AnalysisError


def fleiss_kappa(counts: np.ndarray) -> float:
    """Return Fleiss' kappa.

    Parameters
    ----------
    counts
        Shape (I, N): how many judges put team t first on image i. Images with fewer than two judges say
        nothing about pairs.

    Returns
    -------
    float
        1 for perfect agreement, 0 at chance; NaN if no image has two judges or all picks are one team.

    References
    ----------
    Fleiss (1971), Measuring nominal scale agreement among many raters, Psychol. Bull. 76.

    Examples
    --------
    The usual textbook table of 10 subjects, 14 raters and 5 categories: 0.210.

    >>> counts = [[0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
    ...           [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7]]
    >>> round(fleiss_kappa(np.array(counts)), 3)
    0.21
    """
    return _corrected(counts, fleiss_chance)


def gwet_ac1(counts: np.ndarray) -> float:
    """Return Gwet's AC1, which unlike kappa does not collapse where one team takes most first places.

    Parameters
    ----------
    counts
        As for `fleiss_kappa`; every column is a category, also one that nobody chose.

    References
    ----------
    Gwet (2008), Computing inter-rater reliability and its variance in the presence of high agreement, Br. J.
    Math. Stat. Psychol. 61.

    Examples
    --------
    >>> round(gwet_ac1(np.array([[5, 0], [5, 0], [5, 0], [4, 1]])), 4)
    0.8895
    """
    return _corrected(counts, gwet_chance)


def brennan_prediger(counts: np.ndarray) -> float:
    """Return the coefficient of Brennan and Prediger, (P - 1/N) / (1 - 1/N); counts as for `gwet_ac1`.

    References
    ----------
    Brennan & Prediger (1981), Coefficient kappa: some uses, misuses, and alternatives, Educ. Psychol. Meas.
    """
    return _corrected(counts, uniform_chance)


def pair_agreement(counts: np.ndarray) -> np.ndarray:
    """Share of the judge pairs of each image with the same first pick, shape (I,); NaN below two judges."""
    m = counts.sum(axis=1)
    same = (counts * (counts - 1)).sum(axis=1)
    return np.divide(same, m * (m - 1), out=np.full(len(m), np.nan), where=m > 1)


def fleiss_chance(shares: np.ndarray) -> np.ndarray:
    """Chance agreement sum_t p_t^2 of mean shares, shape (..., N)."""
    return (shares**2).sum(axis=-1)


def gwet_chance(shares: np.ndarray) -> np.ndarray:
    """Chance agreement sum_t p_t (1 - p_t) / (N - 1) of mean shares, shape (..., N)."""
    n = shares.shape[-1]
    return (shares * (1 - shares)).sum(axis=-1) / (n - 1) if n > 1 else np.ones(shares.shape[:-1])


def uniform_chance(shares: np.ndarray) -> np.ndarray:
    """Chance agreement 1/N of picks that favour no team (Brennan & Prediger 1981), shape (...)."""
    return np.full(shares.shape[:-1], 1 / shares.shape[-1])


def no_chance(shares: np.ndarray) -> np.ndarray:
    """Nothing taken off: the plain share of agreeing pairs, shape (...)."""
    return np.zeros(shares.shape[:-1])


def corrected(observed: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """Return (observed - chance) / (1 - chance), NaN where chance is 1."""
    room = 1 - np.asarray(chance, dtype=float)
    observed, chance, room = np.broadcast_arrays(observed, chance, room)
    return np.divide(observed - chance, room, out=np.full(room.shape, np.nan), where=room > 1e-12)


def _corrected(counts: np.ndarray, chance: Callable[[np.ndarray], np.ndarray]) -> float:
    counts = np.asarray(counts)
    if counts.ndim != 2 or counts.size == 0 or (counts < 0).any() or (counts.sum(axis=1) == 0).any():
        raise AnalysisError(
            "counts need a row for each image with at least one first pick, a column for each team"
        )
    observed = pair_agreement(counts)
    observed = observed[~np.isnan(observed)]
    if not len(observed):
        return np.nan
    shares = (counts / counts.sum(axis=1, keepdims=True)).mean(axis=0)
    return float(corrected(observed.mean(), chance(shares)))
