"""Section: the paired score, S2."""

import numpy as np
import pandas as pd

from analysis.amounts import how_many
from analysis.paired.definitions import DEFINITIONS
from analysis.paired.table import metrics_of, score_matrix
from analysis.plots.heat import heat_map
from analysis.plots.teams import interval_plot
from analysis.report.blocks import Plot, Section, Table, Text
from analysis.report.study import Study
from analysis.report.words import span

_DECIMALS = {"SSIM": 4, "LPIPS": 4, "DISTS": 4}
_MOST_CELLS = 12


def paired_section(study: Study) -> list[Section]:
    """Formula, definitions, means and images of the paired score; empty if there is none."""
    paired = study.parts.paired
    if paired is None:
        return []
    name = study.parts.formula or "the score of the paired images"
    return [
        Section(
            "The paired score (S2)",
            (
                Text(_formula(study, name)),
                Table(
                    f"S2 is the mean of {name} over all {how_many(paired['image'].nunique(), 'pairs')}; n "
                    "of them have a value. A mean over fewer images would not be comparable and is not "
                    "given.",
                    _means(study, paired),
                    _DECIMALS,
                    ("S2", *map(_title, metrics_of(paired))),
                ),
                *_plots(study, paired, name),
                *_definitions(study),
                *_problems(study),
            ),
        )
    ]


def _formula(study: Study, name: str) -> str:
    pixels = study.about.get("pixels")
    made = "."
    read = f" Pixels: {pixels}." if pixels else ""
    return f"S2 is {name}{made}{read} It is computed from images that judges do not see, without any ballots."


def _means(study: Study, paired: pd.DataFrame) -> pd.DataFrame:
    means = study.parts.means(study.rule).set_index("team")
    metrics = paired.groupby("team")[metrics_of(paired)].agg(lambda column: column.mean(skipna=False))
    teams = [*study.teams, *(team for team in means.index if team not in study.teams)]
    teams = [team for team in teams if team in means.index]
    frame = pd.DataFrame({"Team": teams, "n": [means.loc[team, "n"] for team in teams]})
    for metric in metrics.columns:
        frame[_title(metric)] = metrics.loc[teams, metric].to_numpy()
    frame["S2"] = means.loc[teams, "s2"].to_numpy()
    if _drawn(study):
        intervals = study.bootstrap["s2"]
        frame["95 % interval"] = [
            span(intervals[team]["ci"]) if team in intervals else span(None) for team in teams
        ]
    return frame


def _plots(study: Study, paired: pd.DataFrame, name: str) -> list[Plot]:
    scores = score_matrix(paired)
    teams = [team for team in study.teams if team in scores.columns]
    values = scores[teams].to_numpy(dtype=float).T
    if not np.isfinite(values).any():
        return []
    plots = [
        Plot(
            f"{name} of each team on each of {how_many(len(scores), 'pairs')}. A column of one shade is an "
            "image that is equally hard for all teams.",
            "Heat map of scores, teams by images.",
            lambda: heat_map(
                values,
                rows=teams,
                columns=[str(image) for image in scores.index],
                label="score",
                low=float(np.nanmin(values)),
                high=float(np.nanmax(values)),
                column_title="pair",
                missing="no value",
                text=".1f" if len(scores) <= _MOST_CELLS else "",
            ),
        )
    ]
    if _drawn(study):
        rows = [study.bootstrap["s2"][team] for team in teams]
        limits = [pd.Series(column, dtype=float).to_numpy() for column in zip(
            *((row["mean"], *row["ci"]) for row in rows), strict=True
        )]  # fmt: skip
        plots.insert(
            0,
            Plot(
                f"S2, the mean over {how_many(len(scores), 'pairs')}, with 95 % intervals; pairs are "
                "resampled, the same ones for all teams.",
                "Dots with whiskers, one per team, in the order of the final ranking.",
                lambda: interval_plot(teams, *limits, groups=[], label="S2, mean score of a pair"),
            ),
        )
    return plots


def _definitions(study: Study) -> list[Table]:
    metrics = study.about.get("metrics", [])
    rows = [
        {
            "Metric": metric.get("title", metric["name"]),
            "Better": metric.get("better"),
            "Definition": "; ".join(
                f"{word} {metric[key]}"
                for word, key in (("colour", "colour"), ("range", "data_range"), ("crop", "crop"),
                                  ("window", "window"), ("network", "network"))
                if metric.get(key) not in (None, "none")
            ),
            "Source": metric.get("source"),
            "Backend": f"{metric.get('backend')}, {metric.get('device')}",
        }
        for metric in metrics
    ]  # fmt: skip
    if not rows:
        return []
    weights = [(file, digest) for metric in metrics for file, digest in (metric.get("weights") or {}).items()]
    tables = [Table("How each metric was computed.", pd.DataFrame(rows))]
    if weights:
        frame = pd.DataFrame(weights, columns=["Weights", "SHA-256"])
        tables.append(Table("Network weights.", frame))
    return tables


def _problems(study: Study) -> list[Table | Text]:
    problems = study.about.get("problems", [])
    missing = [Text(f"Note: {message}.") for message in study.about.get("missing", [])]
    if not problems:
        return list(missing)
    frame = pd.DataFrame(problems).rename(columns={"team": "Team", "image": "Image", "problem": "Problem"})
    return [*missing, Table("Results without a value.", frame)]


def _drawn(study: Study) -> bool:
    return bool(study.bootstrap["resampled"]["pairs"])


def _title(metric: str) -> str:
    return DEFINITIONS[metric].title.removesuffix(" (dB)") if metric in DEFINITIONS else metric
