"""How sure EScore is: the times drawn anew within their intervals, the ranks recomputed each time."""

import numpy as np
import pandas as pd

from analysis.efficiency.measures import validate_measures
from analysis.efficiency.points import rank_score

Z = 1.96
"""Half a 95 % interval of a normal variable, in standard deviations."""


def escore_draws(measures: pd.DataFrame, *, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Return draws of EScore, shape (draws, N), the teams in the table's order.

    Parameters and FLOPs are counted, not estimated, and stay as they are. A team's mean time is drawn from a
    normal distribution around `time_ms` with sd = (time_high_ms - time_low_ms) / (2 * 1.96); without an
    interval it stays. A team with a missing measure gets NaN throughout, as it has no EScore.

    Examples
    --------
    >>> table = pd.DataFrame({"team": ["Ada", "Bea"], "params_m": [1, 2], "flops_g": [1, 2],
    ...                       "time_ms": [5, 5.1], "time_low_ms": [4.8, 4.9], "time_high_ms": [5.2, 5.3]})
    >>> escore_draws(table, draws=10_000, rng=np.random.default_rng(1)).mean(axis=0).round().tolist()
    [28.0, 2.0]
    """
    table = validate_measures(measures)
    mean = table["time_ms"].to_numpy()
    sd = np.zeros(len(table))
    if "time_low_ms" in table:
        width = table["time_high_ms"].to_numpy() - table["time_low_ms"].to_numpy()
        sd = np.nan_to_num(width) / (2 * Z)
    times = mean + sd * rng.standard_normal((draws, len(table)))
    fixed = rank_score(table["params_m"].to_numpy()) + rank_score(table["flops_g"].to_numpy())
    return fixed + rank_score(times)
