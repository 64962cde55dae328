"""SCORE of an image: the formula of S2, evaluated on its metrics."""

import pandas as pd

from analysis.errors import AnalysisError
from analysis.rule.entry import Entry
from analysis.rule.evaluation import Scope, evaluate
from analysis.rule.language import OVER_TEAMS
from analysis.rule.presets import PRESETS
from analysis.rule.value import read_rule

SCORES = tuple(name for name, preset in PRESETS.items() if preset.rules["final"].get("per") == "image")
"""Presets that score single images."""

RAIM = read_rule("raim-score").final


def refuse_other_teams(formula: Entry) -> None:
    """Refuse a formula in which an image's score depends on the other teams, or on anything but metrics.

    Raises
    ------
    AnalysisError
    """
    calls = list(formula.score.calls(*OVER_TEAMS, "count"))
    if calls:
        raise AnalysisError(f"{formula.score.text}: the score of an image can only use its own metrics")
    if not formula.score.names():
        raise AnalysisError(f"{formula.score.text}: the formula names no metric; give at least one")


def score(values: pd.DataFrame, formula: Entry) -> pd.Series:
    """Return SCORE of each row.

    Parameters
    ----------
    values
        One column for each metric of the formula; a row is an image, or a team's means.
    formula
        Such as the preset raim-score: 20 PSNR/50 + 15 (SSIM - 0.5)/0.5 + 20 (1 - LPIPS/0.4) +
        40 (1 - DISTS/0.3) + 30 (1 - NIQE/10).

    Returns
    -------
    pandas.Series
        NaN where a metric is missing or the formula is undefined; never approximated from the others.

    Raises
    ------
    AnalysisError
        If a metric has no column at all.

    Examples
    --------
    >>> row = {"psnr": 25.0, "ssim": 0.75, "lpips": 0.2, "dists": 0.15, "niqe": 5.0}
    >>> float(score(pd.DataFrame([row]), RAIM).iloc[0])
    62.5
    """
    refuse_other_teams(formula)
    missing = [metric for metric in formula.score.names() if metric not in values.columns]
    if missing:
        raise AnalysisError(f"{formula.score.text} needs {', '.join(missing)}, which was not computed")
    columns = {name: values[name].to_numpy(dtype=float) for name in formula.score.names()}
    return pd.Series(evaluate(formula.score, Scope(columns)), index=values.index, name="score")
