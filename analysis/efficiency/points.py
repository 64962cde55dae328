"""Efficiency scores from measurements, by the rule's EScore.

The usual one is RAIM 2025's: for each of parameters, FLOPs and time the models are ranked ascending; the best
gets 10 points and each further rank 10 / (N - 1) less. Equal values share the score, and the ranks after them
are skipped. EScore is the sum of the three, 0 to 30.
"""

import ast

import numpy as np
import pandas as pd

from analysis.efficiency.measures import NUMBERS, RANKED, read_measures, validate_measures
from analysis.rule import Rule
from analysis.rule.language import called, name_of
from analysis.rule.shape import terms_of
from analysis.tables import numbers

__all__ = ["efficiency_scores", "model_scores", "points_columns", "read_measures"]


def points_columns(rule: Rule) -> dict[str, str]:
    """Return the columns for points that EScore adds up, by measure; empty for other formulas."""
    entry = rule.entry("escore")
    terms = () if entry is None else terms_of(entry.score)
    trees = [term.formula.tree for term in terms]
    calls = [tree if isinstance(tree, ast.Call) and called(tree) == "points" else None for tree in trees]
    names = [None if call is None else name_of(call.args[0]) for call in calls]
    if not names or None in names:
        return {}
    return {name: f"{name.rpartition('_')[0] or name}_score" for name in names if name}


def efficiency_scores(measures: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """Return the measures with the points of each and their sum, `escore`, most efficient first.

    Parameters
    ----------
    measures
        See `analysis.efficiency.measures.validate_measures`.
    rule
        The rule with the EScore; every model in the table is ranked.

    Returns
    -------
    DataFrame
        The measures, params_score, flops_score, time_score (as far as EScore is a sum of points), escore. A
        team with a missing measure has no EScore: it is unknown, not zero.

    Raises
    ------
    AnalysisError
        For measures that cannot be correct.
    """
    table = validate_measures(measures)
    columns = {name: table[name].to_numpy(dtype=float) for name in (*RANKED, *NUMBERS) if name in table}
    teams = [str(team) for team in table["team"]]
    entry = rule.entry("escore")
    for term, score in zip(
        terms_of(entry.score) if entry else (), points_columns(rule).values(), strict=False
    ):
        table[score] = rule.evaluate(term.formula, columns, teams=teams)
    table["escore"] = rule.values("escore", columns, teams=teams)
    return table.sort_values(["escore", "team"], ascending=[False, True], ignore_index=True)


def model_scores(measures: pd.DataFrame, rule: Rule) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the measures with the score and rank from a rule's final, best first, and notes.

    Parameters
    ----------
    measures
        As for `efficiency_scores`, with any further columns of numbers that the rule needs.
    rule
        Such as the preset esr-2026.

    Raises
    ------
    AnalysisError
        For measures that cannot be correct, and if the rule needs a missing column.
    """
    table = validate_measures(measures)
    columns = {name: table[name].to_numpy(dtype=float) for name in (*RANKED, *NUMBERS) if name in table}
    for name in sorted(rule.columns() - set(columns)):
        if name in measures:
            columns[name] = numbers(measures[name], what=f"measures, column {name}")
    outcome = rule.outcome(columns, teams=[str(team) for team in table["team"]])
    table["score"] = outcome.final
    table["rank"] = pd.array(np.where(outcome.rank > 0, outcome.rank, np.nan), dtype="Int64")
    without = zip(table["team"], outcome.reasons, strict=True)
    notes = [f"no rank for {team}: {reason}" for team, reason in without if reason is not None]
    table = table.sort_values(["rank", "team"], na_position="last", ignore_index=True)
    return table, (*notes, *outcome.notes)
