"""Efficiency scores from measurements, as the NTIRE 2025 RAIM challenge awards them.

For each of parameters, FLOPs and time the models are ranked ascending; the best gets 10 points and each
further rank 10 / (N - 1) less. Equal values share the score, and the ranks after them are skipped. EScore is
the sum of the three, 0 to 30.
"""

import numpy as np
import pandas as pd

from analysis.efficiency.measures import read_measures, validate_measures
from analysis.ranking import TIE

__all__ = ["MEASURES", "efficiency_scores", "rank_score", "read_measures"]

MEASURES = {"params_m": "params_score", "flops_g": "flops_score", "time_ms": "time_score"}
BEST = 10.0


def rank_score(values: np.ndarray) -> np.ndarray:
    """Return the points of each value, the smallest best; a missing value gets NaN and is not counted in N.

    Parameters
    ----------
    values
        Shape (..., N); the models lie along the last axis, the others are ranked apart from each other.

    Examples
    --------
    >>> rank_score(np.array([1.0, 2.0, 2.0, 9.0])).round(2).tolist()
    [10.0, 6.67, 6.67, 0.0]
    """
    values = np.round(np.asarray(values, dtype=float), TIE)
    count = (~np.isnan(values)).sum(axis=-1, keepdims=True)
    step = np.divide(BEST, count - 1, out=np.zeros(count.shape), where=count > 1)
    better = (values[..., np.newaxis, :] < values[..., :, np.newaxis]).sum(axis=-1)
    return np.where(np.isnan(values), np.nan, BEST - step * better)


def efficiency_scores(measures: pd.DataFrame) -> pd.DataFrame:
    """Return the measures with the score of each and their sum, `escore`, the most efficient first.

    Parameters
    ----------
    measures
        See `analysis.efficiency.measures.validate_measures`.

    Returns
    -------
    DataFrame
        The measures, params_score, flops_score, time_score, escore. A team with a missing measure has no
        EScore: it is unknown, not zero.

    Raises
    ------
    AnalysisError
        For measures that cannot be right.
    """
    table = validate_measures(measures)
    for measure, score in MEASURES.items():
        table[score] = rank_score(table[measure].to_numpy())
    table["escore"] = table[list(MEASURES.values())].sum(axis=1, skipna=False)
    return table.sort_values(["escore", "team"], ascending=[False, True], ignore_index=True)
