"""From draws of scores and ranks: P(rank = r), and which teams cannot be told apart."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def rank_probabilities(ranks: Array) -> Array:
    """(N, N) P(rank of team t = r) in row t, column r - 1.

    Tied teams share the better rank (1, 2, 2, 4): each row sums to one, a column need not. Draws in which
    a team has no rank are left out; a team that never has one has NaN.
    """
    n = ranks.shape[1]
    counts = np.stack([(ranks == place).sum(axis=0) for place in range(1, n + 1)], axis=1)
    total = counts.sum(axis=1, keepdims=True)
    return np.divide(counts, total, out=np.full(counts.shape, np.nan), where=total > 0)


def tie_groups(scores: Array, draws: Array, *, level: float = 0.95) -> tuple[list[list[int]], float, Array]:
    """Teams that cannot be told apart, by simultaneous intervals of all differences.

    Parameters
    ----------
    scores : (N,) float
        What was observed; teams without a score (NaN) stand in no group.
    draws : (R, N) float
        Their resamples.
    level : float
        Confidence that *all* intervals hold together.

    Returns
    -------
    groups : list of lists of int
        Best first. Neighbours in the ranking of which no two differ significantly form a group; a team
        may be in two groups, and one that differs from all others is alone.
    critical : float
        The max-T quantile: teams differ when `|difference| > critical * its standard error`.
    standard_error : (N, N) float
        Of the differences.

    Notes
    -----
    T = max over pairs of `|d* - d|/se` (Westfall and Young 1993). Overlap of single intervals is no such
    test: two intervals can overlap although the difference is clear, because judges and images are
    shared.
    """
    teams = [int(t) for t in np.argsort(-scores, kind="stable") if not np.isnan(scores[t])]
    error, highest, _ = _max_t(scores, draws, teams)
    critical = float(np.quantile(highest, level)) if len(highest) > 1 else float("nan")
    apart = np.abs(scores[:, None] - scores) > critical * error + 1e-9
    return _runs(teams, apart), critical, error


def pairwise_p(scores: Array, draws: Array) -> tuple[Array, Array]:
    """P-values of the difference of every two teams: of the pair alone, and for all pairs at once.

    Parameters
    ----------
    scores : (N,) float
        What was observed, NaN for a team without a score.
    draws : (R, N) float
        Their resamples.

    Returns
    -------
    p : (N, N) float
        `(1 + #{|d* - d| >= |d|})/(R + 1)`: how often the scatter alone is as large as the difference.
    p_adjusted : (N, N) float
        The same with the largest `|d* - d|/se` of all pairs against `|d|/se`: single-step max-T (Westfall and
        Young 1993). One of these below 5 % anywhere is a chance of 5 % when no two teams differ. It is below
        1 - level where `tie_groups` calls two teams different. NaN without draws, and on the diagonal.
    """
    teams = np.flatnonzero(~np.isnan(scores)).tolist()
    error, highest, p = _max_t(scores, draws, teams)
    adjusted = np.full_like(p, np.nan)
    for a, b in zip(*np.nonzero(~np.isnan(p)), strict=True):
        distance = abs(scores[a] - scores[b])
        reached = highest >= distance / error[a, b] - 1e-9 if error[a, b] > 1e-12 else distance < 1e-9
        adjusted[a, b] = (1 + np.sum(reached * np.ones(len(highest)))) / (len(highest) + 1)
    return p, adjusted


def _max_t(scores: Array, draws: Array, teams: list[int]) -> tuple[Array, Array, Array]:
    """Standard errors of all differences, each draw's largest |d* - d|/se, and the p of each pair alone."""
    usable = draws[~np.isnan(draws[:, teams]).any(axis=1)]
    error, p = np.zeros((len(scores), len(scores))), np.full((len(scores), len(scores)), np.nan)
    highest = np.zeros(len(usable))
    for place, team in enumerate(teams[:-1]):
        others = teams[place + 1 :]
        distance = scores[team] - scores[others]
        shift = np.abs((usable[:, [team]] - usable[:, others]) - distance)
        if len(usable) < 2:
            error[team, others] = error[others, team] = np.nan
            continue
        se = (usable[:, [team]] - usable[:, others]).std(axis=0, ddof=1)
        error[team, others] = error[others, team] = se
        reached = (shift >= np.abs(distance) - 1e-9).sum(axis=0)
        p[team, others] = p[others, team] = (1 + reached) / (len(usable) + 1)
        moving = se > 1e-12
        if moving.any():
            highest = np.maximum(highest, (shift[:, moving] / se[moving]).max(axis=1))
    return error, highest, p


def rank_intervals(scores: Array, critical: float, error: Array) -> tuple[Array, Array]:
    """The best and the worst rank that each team may truly have, for all teams at once.

    Parameters
    ----------
    scores : (N,) float
    critical, error
        As `tie_groups` returns them, at its level.

    Returns
    -------
    low, high : (N,) float
        1 + the number of teams that are significantly better, and N - the number that are significantly worse
        (Klein, Wright and Wieczorek 2020; Mohamad, Goeman and van Zwet 2022). NaN for a team without a score.
    """
    margin = critical * error + 1e-9
    known = ~np.isnan(scores)
    with np.errstate(invalid="ignore"):
        ahead = (scores[None, :] - scores[:, None] > margin).sum(axis=1)
        behind = (scores[:, None] - scores[None, :] > margin).sum(axis=1)
    return np.where(known, 1.0 + ahead, np.nan), np.where(known, known.sum() - behind, np.nan)


def _runs(teams: list[int], apart: Array) -> list[list[int]]:
    """Longest runs of the ordered teams in which no two are apart; runs inside other runs are left out."""
    groups: list[list[int]] = []
    reached = 0
    for start in range(len(teams)):
        end = start + 1
        while end < len(teams) and not apart[teams[end], teams[start:end]].any():
            end += 1
        if end > reached:
            groups.append(teams[start:end])
            reached = end
    return groups
