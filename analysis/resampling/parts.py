"""How sure the other parts are: S2 by the pairs it was measured on, EScore by the times."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from analysis.efficiency.draws import measure_draws
from analysis.parts import Parts
from analysis.rule import Rule

Array = NDArray[Any]


def pair_counts(pairs: int, *, draws: int, rng: np.random.Generator) -> Array:
    """How often each pair is in each resample, as shares of one, (draws, pairs)."""
    drawn = rng.integers(pairs, size=(draws, pairs)) + pairs * np.arange(draws)[:, None]
    return np.bincount(drawn.ravel(), minlength=draws * pairs).reshape(draws, pairs) / pairs


def mean_draws(scores: Array, counts: Array, *, level: float) -> Array:
    """Draws of a mean over pairs, resampled together for all teams.

    Parameters
    ----------
    scores : (I, N) float
        Of each pair and team. A team that lacks one has NaN throughout.
    counts : (draws, I) float
        As `pair_counts` returns them.
    level : float

    Returns
    -------
    (draws, N) float
        The draws have the width of the t interval of a mean at this level: percentiles of a plain bootstrap
        of few pairs are too narrow, by (I - 1)/I and by the normal quantile. Two pairs at least.
    """
    pairs, mean = len(scores), scores.mean(axis=0)
    # NaN times zero is NaN: a missing score makes the team's draws NaN whichever pairs are drawn.
    plain = counts @ scores
    factor = stdtrit(pairs - 1, (1 + level) / 2) / ndtri((1 + level) / 2)
    return mean + (plain - mean) * factor * np.sqrt(pairs / (pairs - 1))


def part_draws(
    parts: Parts,
    rule: Rule,
    teams: Sequence[str],
    *,
    draws: int,
    level: float,
    rngs: Sequence[np.random.Generator],
) -> dict[str, Array]:
    """Draws of each part that has something to draw from, (draws, N) in the order of `teams`.

    One pair cannot be resampled, and a time without an interval cannot be drawn: such a part is not there.

    Parameters
    ----------
    parts : Parts
    rule : Rule
        What EScore is; and further columns of the images or models that it needs.
    teams : sequence of str
        A team that was not scored or measured has NaN throughout.
    draws, level
    rngs : two generators
        For the pairs and for the times, so that one does not depend on whether the other is there.
    """
    found: dict[str, Array] = {}
    if parts.paired is not None and parts.paired["image"].nunique() > 1:
        matrices = parts.pair_matrices(rule)
        counts = pair_counts(parts.paired["image"].nunique(), draws=draws, rng=rngs[0])
        for name, matrix in matrices.items():
            scores = matrix.reindex(columns=list(teams)).to_numpy(dtype=float)
            found[name] = mean_draws(scores, counts, level=level)
        if "s2" not in found:
            found["s2"] = rule.values("s2", found, teams=teams)
    if parts.measures is not None and "time_low_ms" in parts.measures:
        drawn = measure_draws(parts.measures, draws=draws, rng=rngs[1])
        models = list(parts.measures["team"])
        known = {"escore": rule.values("escore", drawn, teams=models)}
        known |= {name: values for name, values in drawn.items() if name in parts.measured(rule)}
        place = {team: column for column, team in enumerate(models)}
        for name, values in known.items():
            every = np.broadcast_to(values, (draws, len(models)))
            columns = [every[:, place[team]] if team in place else np.full(draws, np.nan) for team in teams]
            found[name] = np.column_stack(columns)
    return found
