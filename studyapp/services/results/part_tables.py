"""The tables behind S2 and EScore, as a page shows them beside a ranking."""

import pandas as pd

from analysis.columns import POINTS_TITLES, decimals, titles
from analysis.efficiency.points import efficiency_scores
from analysis.paired.table import metrics_of
from studyapp.services.results.ranking import StudyRanking

NOTHING = "–"
_MEASURES = ("team", "params_m", "flops_g", "time_ms", "device", "problem")
_MEASURE_TITLES = titles("measures.csv", _MEASURES) | POINTS_TITLES | titles("scores.csv", ["escore"])
_SHOWN = (*_MEASURES[:4], *POINTS_TITLES, "escore", *_MEASURES[4:])
_SIGNIFICANT = ("params_m", "flops_g", "time_ms")
"""Of four digits, whatever their size."""


def paired_rows(ranking: StudyRanking) -> list[dict[str, str]]:
    """Return the means of every metric and S2, a row for each team; empty where S2 was not computed."""
    paired = ranking.parts.parts.paired
    if paired is None:
        return []
    metrics = paired.groupby("team")[metrics_of(paired)].agg(lambda column: column.mean(skipna=False))
    table = (
        ranking.parts.parts.means(ranking.rule)[["team", "n", "of", "s2"]]
        .drop(columns="of")
        .merge(metrics, on="team")
    )
    table = table.sort_values(["s2", "team"], ascending=[False, True])
    table = table[["team", "n", *metrics.columns, "s2"]]
    names = [str(name) for name in metrics.columns]
    own = titles("teams.csv", ["team", "n", *names]) | titles("scores.csv", ["s2"])
    return _rows(table, own, decimals("paired.csv", names))


def measure_rows(ranking: StudyRanking) -> list[dict[str, str]]:
    """Return what each model costs and its points for it; empty where nothing was measured."""
    measures = ranking.parts.parts.measures
    if measures is None:
        return []
    scored = efficiency_scores(measures, ranking.rule)
    return _rows(scored[[name for name in _SHOWN if name in scored]], _MEASURE_TITLES, {})


def _rows(table: pd.DataFrame, heads: dict[str, str], fewest: dict[str, int]) -> list[dict[str, str]]:
    return [
        {heads[str(name)]: _cell(str(name), value, fewest) for name, value in row.items()}
        for row in table.to_dict("records")
    ]


def _cell(name: str, value: object, fewest: dict[str, int]) -> str:
    if value is None or pd.isna(value):  # pyright: ignore[reportArgumentType, reportCallIssue]
        return NOTHING
    if isinstance(value, float):
        return f"{value:.4g}" if name in _SIGNIFICANT else f"{value:.{fewest.get(name, 2)}f}"
    return str(value)
