"""Efficiency scores from measurements, as the NTIRE 2025 RAIM challenge awards them.

For each of parameters, FLOPs and time the models are ranked ascending; the best gets 10 points and each
further rank 10 / (N - 1) less. Equal values share the score, and the ranks after them are skipped. EScore is
the sum of the three, 0 to 30.
"""

import numpy as np
import pandas as pd

from analysis.ranking import competition_ranks
from analysis.tables import Source, check_columns, numbers, read_table
from analysis.teams import team_column

MEASURES = {"params_m": "params_score", "flops_g": "flops_score", "time_ms": "time_score"}
BEST = 10.0


def rank_score(values: np.ndarray) -> np.ndarray:
    """Return the points of each value, the smallest best; a missing value gets NaN and is not counted in N.

    Examples
    --------
    >>> rank_score(np.array([1.0, 2.0, 2.0, 9.0])).round(2).tolist()
    [10.0, 6.67, 6.67, 0.0]
    """
    values = np.asarray(values, dtype=float)
    count = int((~np.isnan(values)).sum())
    step = BEST / (count - 1) if count > 1 else 0.0
    return BEST - step * (competition_ranks(-values) - 1)


def efficiency_scores(measures: pd.DataFrame) -> pd.DataFrame:
    """Return the measures with the score of each and their sum, `escore`, the most efficient first.

    Parameters
    ----------
    measures
        team, params_m (millions), flops_g (billions, one forward pass), time_ms (mean for an image).

    Returns
    -------
    DataFrame
        The measures, params_score, flops_score, time_score, escore. A team with a missing measure has no
        EScore: it is unknown, not zero.

    Raises
    ------
    AnalysisError
        For unknown or missing columns, a team listed twice, a value that is negative or not a number.
    """
    check_columns(measures, ["team", *MEASURES], [], what="measures")
    table = pd.DataFrame({"team": team_column(measures, what="measures")})
    for measure in MEASURES:
        table[measure] = numbers(measures[measure], what=f"measures, column {measure}", lowest=0)
    for measure, score in MEASURES.items():
        table[score] = rank_score(table[measure].to_numpy())
    table["escore"] = table[list(MEASURES.values())].sum(axis=1, skipna=False)
    return table.sort_values(["escore", "team"], ascending=[False, True], ignore_index=True)


def read_measures(source: Source) -> pd.DataFrame:
    """Read a CSV of measures and score it; see `efficiency_scores`."""
    return efficiency_scores(read_table(source))
