"""Section: the efficiency score, EScore."""

import pandas as pd

from analysis.amounts import how_many
from analysis.audit.efficiency import audit_measures
from analysis.columns import POINTS_TITLES, titles
from analysis.efficiency.measures import shown_decimals
from analysis.efficiency.plot import efficiency_plot
from analysis.efficiency.points import efficiency_scores, points_columns
from analysis.report.blocks import Plot, Section, Table, Text
from analysis.report.study import Study
from analysis.report.words import listed, span

HEADS = titles(
    "measures.csv",
    (
        *(
            "team",
            "params_m",
            "flops_g",
            "macs_g",
            "activations_m",
            "time_ms",
            "memory_mb",
            "images",
            "passes",
        ),
        *("precision", "tile"),
    ),
)
_POINTS_HEADS = titles("scores.csv", ["team"]) | POINTS_TITLES | titles("scores.csv", ["escore"])
REMARKS = titles("measures.csv", ("uncounted", "reproduced", "status", "problem", "remarks"))
NOT_COMPARABLE = (
    "NOT COMPARABLE WITH GPU TIMES: {teams} ran on a CPU. These ranks of time are valid for this machine "
    "only."
)


def efficiency_section(study: Study) -> list[Section]:
    """Measures, points for ranks and EScore; empty if the study has no measures."""
    if study.parts.measures is None:
        return []
    scored = efficiency_scores(study.parts.measures, study.rule)
    text = (
        f"{_made(study, scored)} All measured models count, including those of teams that are not in the "
        "final ranking. The interval of an EScore comes from resampling the times within their own "
        "intervals; a single value means that no rank changes."
    )
    plot = Plot(
        f"Cost of each of {how_many(len(scored), 'models')}, and its EScore"
        + ("; whiskers are 95 % intervals of the times." if "time_low_ms" in scored else ".")
        + " Teams in the order of the final ranking, others below.",
        "Bars of parameters, FLOPs, time and EScore, one row per team.",
        lambda: efficiency_plot(_in_order(study, scored)),
    )
    return [
        Section(
            "Efficiency (EScore)",
            (
                Text(text),
                *_warnings(scored),
                Table("Points for ranks, and EScore.", _points(study, scored)),
                plot,
                Table("Measured values.", _measures(scored), _digits(scored)),
                *_remarks(scored),
                *audit_tables(study.parts.measures),
            ),
        )
    ]


def _in_order(study: Study, scored: pd.DataFrame) -> pd.DataFrame:
    """Models in the order of the final ranking, as in all plots; those of other teams below."""
    place = {team: row for row, team in enumerate(study.teams)}
    return scored.iloc[scored["team"].map(place).fillna(len(place)).argsort(kind="stable")]


def audit_tables(measures: pd.DataFrame) -> list[Table]:
    """What is odd about the measures; nothing where they are all right."""
    found = [one for one in audit_measures(measures) if one.verdict in ("wrong", "note")]
    if not found:
        return []
    frame = pd.DataFrame(
        {
            "Check": [one.check for one in found],
            "Verdict": [one.verdict for one in found],
            "What was found": [one.message for one in found],
        }
    )
    return [Table("What an audit of the measures found.", frame)]


def _made(study: Study, scored: pd.DataFrame) -> str:
    """What EScore is; N is told apart, as a model counts in each measure that it has."""
    entry = study.rule.entry("escore")
    assert entry is not None
    said = f"EScore is {entry.text()}. FLOPs are those of one forward pass at 1024 x 1024."
    measures = points_columns(study.rule)
    if not measures:
        return said
    counts = {name: int(scored[name].notna().sum()) for name in measures}
    listing = listed([f"{count} for {name}" for name, count in counts.items()])
    same = (
        f"{next(iter(counts.values()))} in all {len(counts)}" if len(set(counts.values())) == 1 else listing
    )
    return (
        f"{said} points(x, lower, 10) gives 10 points to the lowest of N models and 10/(N - 1) less for "
        "each further rank; equal values share the better rank. A model counts in every measure it has: N "
        f"is {same}."
    )


def _warnings(scored: pd.DataFrame) -> list[Text]:
    devices = sorted(set(scored.get("device", pd.Series(dtype=object))) - {""})
    said = [Text(f"Measured on: {listed(devices)}.")] if devices else []
    warning = not_comparable(scored)
    return [*said, *([Text(warning)] if warning else [])]


def not_comparable(scored: pd.DataFrame) -> str:
    """Say whose times are none of a GPU; empty where all are."""
    teams = list(scored.loc[scored["comparable"] == "no", "team"]) if "comparable" in scored else []
    if not teams:
        return ""
    return NOT_COMPARABLE.format(teams="all models" if len(teams) == len(scored) else listed(teams))


def _points(study: Study, scored: pd.DataFrame) -> pd.DataFrame:
    columns = points_columns(study.rule).values()
    frame = scored[["team", *columns, "escore"]].rename(columns=_POINTS_HEADS)
    if study.bootstrap["resampled"]["times"]:
        # A single value is an answer: no rank changes while the times stay within their intervals.
        found = study.bootstrap["escore"]
        frame["95 % interval"] = [
            span(found[team]["ci"]) if team in found else span(None) for team in frame["Team"]
        ]
    return frame


def _digits(scored: pd.DataFrame) -> dict[str, int]:
    return {HEADS[name]: decimals for name, decimals in shown_decimals(scored).items()}


def _measures(scored: pd.DataFrame) -> pd.DataFrame:
    frame = scored[[name for name in HEADS if name in scored]].rename(columns=HEADS)
    if "time_low_ms" in scored:
        ends = zip(scored["time_low_ms"], scored["time_high_ms"], strict=True)
        spans = [span(None if pd.isna(low) else (low, high), 3) for low, high in ends]
        frame.insert(list(frame.columns).index("Time (ms)") + 1, "its 95 % interval", spans)
    return frame


def _remarks(scored: pd.DataFrame) -> list[Table]:
    names = [name for name in REMARKS if name in scored and (scored[name] != "").any()]
    if not names:
        return []
    frame = scored[["team", *names]].rename(columns={"team": "Team", **REMARKS})
    return [Table("Other information about the models.", frame)]
