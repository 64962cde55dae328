"""The tables behind S2 and EScore, as a page shows them beside a ranking."""

import pandas as pd

from analysis.efficiency.points import efficiency_scores
from analysis.paired.table import metrics_of
from studyapp.services.results.ranking import StudyRanking

NOTHING = "–"
PAIRED_TITLES = {"team": "Team", "n": "Images", "s2": "S2"}
MEASURE_TITLES = {
    "team": "Team",
    "params_m": "Parameters (M)",
    "flops_g": "FLOPs (G)",
    "time_ms": "Time (ms)",
    "params_score": "for parameters",
    "flops_score": "for FLOPs",
    "time_score": "for time",
    "escore": "EScore",
    "device": "Device",
    "problem": "Problem",
}
_FORMS = {
    "ssim": ".4f",
    "lpips": ".4f",
    "dists": ".4f",
    "params_m": ".4g",
    "flops_g": ".4g",
    "time_ms": ".4g",
}
_METRIC_TITLES = {"psnr": "PSNR", "ssim": "SSIM", "lpips": "LPIPS", "dists": "DISTS", "niqe": "NIQE"}


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
    return _rows(table, PAIRED_TITLES | {name: _METRIC_TITLES.get(name, name) for name in metrics.columns})


def measure_rows(ranking: StudyRanking) -> list[dict[str, str]]:
    """Return what each model costs and its points for it; empty where nothing was measured."""
    measures = ranking.parts.parts.measures
    if measures is None:
        return []
    scored = efficiency_scores(measures, ranking.rule)
    return _rows(scored[[name for name in MEASURE_TITLES if name in scored]], MEASURE_TITLES)


def _rows(table: pd.DataFrame, titles: dict[str, str]) -> list[dict[str, str]]:
    return [
        {titles[str(name)]: _cell(str(name), value) for name, value in row.items()}
        for row in table.to_dict("records")
    ]


def _cell(name: str, value: object) -> str:
    if value is None or pd.isna(value):  # pyright: ignore[reportArgumentType, reportCallIssue]
        return NOTHING
    if isinstance(value, float):
        return f"{value:{_FORMS.get(name, '.2f')}}"
    return str(value)
