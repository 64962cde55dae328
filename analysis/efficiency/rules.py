"""Other rules than EScore from the same measures."""

import warnings

import numpy as np
import pandas as pd

from analysis.did_you_mean import hint
from analysis.efficiency.measures import validate_measures
from analysis.errors import AnalysisError, InputWarning

ESR = {"time_ms": 0.7, "flops_g": 0.15, "params_m": 0.15}
_MOST_LOG10 = 300  # a float holds up to 10^308


def esr_scores(measures: pd.DataFrame, *, base: str | None) -> pd.DataFrame:
    """Return the measures with the score of NTIRE's efficient super-resolution, the best first.

    0.7 * exp(2 * time / base's time) + 0.15 * exp(2 * FLOPs / base's) + 0.15 * exp(2 * parameters / base's):
    the lower, the better; the base itself has e^2 = 7.39.

    Returns
    -------
    DataFrame
        The measures, `esr` and `esr_log10`, its decimal logarithm, which the order follows. A model 350 times
        as slow as the base has a score that no number holds: it has a logarithm and no `esr`, and is warned
        of. A team with a missing measure has neither.

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
        raise AnalysisError(f"no team {base!r}; {hint(base, table['team'])}")
    row = list(table["team"]).index(base)
    terms = []
    for measure, weight in ESR.items():
        value = float(table[measure].iloc[row])
        if not value > 0:
            raise AnalysisError(f"{measure} of the base {base!r} is {value}; it must be known and above 0")
        terms.append(np.log(weight) + 2 * table[measure].to_numpy() / value)
    log10 = np.logaddexp.reduce(terms) / np.log(10)
    beyond = log10 > _MOST_LOG10
    score = np.where(beyond, np.nan, 10 ** np.where(beyond, np.nan, log10))
    if beyond.any():
        listed = ", ".join(f"{table['team'][i]} (10^{log10[i]:.0f})" for i in np.flatnonzero(beyond))
        warnings.warn(
            f"the ESR score is too large to write as a number for {listed}; esr_log10 has its logarithm, and "
            "the order follows it",
            InputWarning,
            stacklevel=2,
        )
    return table.assign(esr=score, esr_log10=log10).sort_values(["esr_log10", "team"], ignore_index=True)
