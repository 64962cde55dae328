"""Other rules than EScore from the same measures."""

import difflib

import numpy as np
import pandas as pd

from analysis.efficiency.measures import validate_measures
from analysis.errors import AnalysisError

ESR = {"time_ms": 0.7, "flops_g": 0.15, "params_m": 0.15}


def esr_scores(measures: pd.DataFrame, *, base: str | None) -> pd.DataFrame:
    """Return the measures with `esr`, the score of NTIRE's efficient super-resolution, the best first.

    0.7 * exp(2 * time / base's time) + 0.15 * exp(2 * FLOPs / base's) + 0.15 * exp(2 * parameters / base's):
    the lower, the better; the base itself has e^2 = 7.39.

    Parameters
    ----------
    measures
        See `analysis.efficiency.measures.validate_measures`.
    base
        The team whose model the others are measured by.

    Raises
    ------
    AnalysisError
        Without a base, or with one that is not among the teams or lacks a measure.

    Examples
    --------
    >>> table = pd.DataFrame({"team": ["Ada", "Bea"], "params_m": [1, 2], "flops_g": [1, 2],
    ...                       "time_ms": [5, 10]})
    >>> esr_scores(table, base="Bea")["esr"].round(2).tolist()
    [2.72, 7.39]
    """
    table = validate_measures(measures)
    if base is None:
        raise AnalysisError(
            "the rule esr has no base; give the model that the others are measured by (--base)"
        )
    if base not in set(table["team"]):
        near = difflib.get_close_matches(base, table["team"], n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(table['team'])}"
        raise AnalysisError(f"no team {base!r}; {hint}")
    row = list(table["team"]).index(base)
    score = np.zeros(len(table))
    for measure, weight in ESR.items():
        value = float(table[measure].iloc[row])
        if not value > 0:
            raise AnalysisError(f"{measure} of the base {base!r} is {value}; it must be known and above 0")
        score += weight * np.exp(2 * table[measure].to_numpy() / value)
    return table.assign(esr=score).sort_values(["esr", "team"], ignore_index=True)
