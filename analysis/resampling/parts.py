"""How sure the other parts are: S2 by the pairs it was measured on, EScore by the times."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from analysis.efficiency.draws import escore_draws
from analysis.paired.table import score_matrix
from analysis.parts import Parts

Array = NDArray[Any]


def s2_draws(scores: Array, *, draws: int, level: float = 0.95, rng: np.random.Generator) -> Array:
    """Draws of S2, the mean over pairs, with the pairs resampled together for all teams.

    Parameters
    ----------
    scores : (I, N) float
        Of each pair and team. A team that lacks one has NaN throughout.
    draws : int
    level : float
    rng : numpy.random.Generator

    Returns
    -------
    (draws, N) float
        The draws have the width of the t interval of a mean at this level: percentiles of a plain bootstrap
        of few pairs are too narrow, by (I - 1)/I and by the normal quantile. Two pairs at least.
    """
    pairs, mean = len(scores), scores.mean(axis=0)
    drawn = rng.integers(pairs, size=(draws, pairs)) + pairs * np.arange(draws)[:, None]
    times = np.bincount(drawn.ravel(), minlength=draws * pairs).reshape(draws, pairs) / pairs
    # NaN times zero is NaN: a missing score makes the team's draws NaN whichever pairs are drawn.
    plain = times @ scores
    factor = stdtrit(pairs - 1, (1 + level) / 2) / ndtri((1 + level) / 2)
    return mean + (plain - mean) * factor * np.sqrt(pairs / (pairs - 1))


def part_draws(
    parts: Parts, teams: Sequence[str], *, draws: int, level: float, rngs: Sequence[np.random.Generator]
) -> dict[str, Array]:
    """Draws of each part that has something to draw from, (draws, N) in the order of `teams`.

    One pair cannot be resampled, and a time without an interval cannot be drawn: such a part is not there.

    Parameters
    ----------
    parts : Parts
    teams : sequence of str
        A team that was not scored or measured has NaN throughout.
    draws, level
    rngs : two generators
        For the pairs and for the times, so that one does not depend on whether the other is there.
    """
    found = {}
    if parts.paired is not None and parts.paired["image"].nunique() > 1:
        scores = score_matrix(parts.paired).reindex(columns=list(teams)).to_numpy(dtype=float)
        found["s2"] = s2_draws(scores, draws=draws, level=level, rng=rngs[0])
    if parts.measures is not None and "time_low_ms" in parts.measures:
        drawn = escore_draws(parts.measures, draws=draws, rng=rngs[1])
        place = {team: column for column, team in enumerate(parts.measures["team"])}
        columns = [drawn[:, place[team]] if team in place else np.full(draws, np.nan) for team in teams]
        found["escore"] = np.column_stack(columns)
    return found
