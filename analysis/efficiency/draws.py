"""Uncertainty of measures: times resampled within their intervals."""

import numpy as np
import pandas as pd

from analysis.efficiency.measures import RANKED, validate_measures

Z = 1.96
"""Half the width of a 95 % interval of a normal variable, in standard deviations."""


def measure_draws(measures: pd.DataFrame, *, draws: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return params_m and flops_g, (N,), and resamples of time_ms, (draws, N), teams in the table's order.

    Parameters and FLOPs are counted, not estimated, and are not resampled. A team's mean time is drawn from a
    normal distribution around `time_ms`, with 1.96 sd to the end of its interval that is farther off (the
    lower one of noisy times is cut off at 0); without an interval it stays. A missing measure is NaN.

    Examples
    --------
    >>> table = pd.DataFrame({"team": ["Ada", "Bea"], "params_m": [1, 2], "flops_g": [1, 2],
    ...                       "time_ms": [5, 5.1], "time_low_ms": [4.8, 4.9], "time_high_ms": [5.2, 5.3]})
    >>> drawn = measure_draws(table, draws=10_000, rng=np.random.default_rng(1))
    >>> drawn["time_ms"].mean(axis=0).round(2).tolist()
    [5.0, 5.1]
    """
    table = validate_measures(measures)
    columns = {name: table[name].to_numpy(dtype=float) for name in RANKED}
    sd = np.zeros(len(table))
    if "time_low_ms" in table:
        mean, low, high = (table[name].to_numpy() for name in ("time_ms", "time_low_ms", "time_high_ms"))
        sd = np.nan_to_num(np.maximum(high - mean, mean - low)) / Z
    return columns | {"time_ms": columns["time_ms"] + sd * rng.standard_normal((draws, len(table)))}
