"""Section: do image metrics agree with the judges?"""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from analysis.amounts import how_many
from analysis.imaging.crops import as_jpeg
from analysis.latex import LETTERS, escape_latex, needs_letters
from analysis.metrics_against_judges.summary import of_possible
from analysis.paired.images import judged_pixels
from analysis.report.blocks import NOTHING, Pictures, Section, Table, Text, cell
from analysis.report.study import Study
from analysis.report.words import listed

_TITLES = {
    "srocc": "SROCC",
    "krcc": "KRCC",
    "plcc": "PLCC",
    "rmse": "RMSE",
    "outliers": "Outliers",
    "accuracy": "Pairs in the same order",
}
_DECIMALS = dict.fromkeys(_TITLES.values(), 3)
_LEVELS = {
    "image": "Within images: the mean over the images, each compared with the others of its image.",
    "candidates": "All candidates of all images on one scale.",
    "teams": "Teams: judges' scores and the metric's means. Metrics of pairs come from other images.",
}
_SHOWN = 6
"""Images with pictures, of all metrics together."""
_EDGE = 360


def metrics_section(study: Study) -> list[Section]:
    """How well metrics agree, how well they could, which differ, and where they fail; nothing without any."""
    data = study.metrics
    if data is None:
        return []
    tables = [
        Table(f"{said} {_ceiling(data, level)}", _level(data, level), _DECIMALS)
        for level, said in _LEVELS.items()
        if any(row["level"] == level and row["value"] is not None for row in data["measures"])
    ]
    blocks = (Text(_intro(data)), *tables, *_undefined(data), *_differences(data), *_worst(study, data))
    return [Section("Do metrics agree with the judges?", blocks)]


def _intro(data: Mapping[str, Any]) -> str:
    lower = [row["metric"] for row in data["metrics"] if row["better"] == "lower"]
    reversed_ = (
        f" For {listed(list(dict.fromkeys(lower)))} lower is better, so the sign is reversed here."
        if lower
        else ""
    )
    return (
        f"Judges' scores are compared with image metrics: {data['judged_by']}, of "
        f"{how_many(data['n_judges'], 'judges')} and {how_many(data['n_images'], 'images')}. 1 is perfect "
        f"agreement.{reversed_} {data['method']}. Judges are noisy, so even a perfect metric stays below 1: "
        "the ceiling is the square root of the reliability of their scores, estimated from split halves of "
        "the judges (Spearman-Brown) and from hidden repeats."
    )


def _ceiling(data: Mapping[str, Any], level: str) -> str:
    found = [
        f"{row['ceiling']:.2f} by {row['from']}"
        for row in data["ceilings"]
        if (row["level"], row["measure"]) == (level, "srocc") and row["ceiling"] is not None
    ]
    return f"SROCC can reach {listed(found)}." if found else "The highest possible SROCC is unknown."


def _level(data: Mapping[str, Any], level: str) -> pd.DataFrame:
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for row in data["measures"]:
        if row["level"] != level:
            continue
        own = rows.setdefault(
            (row["metric"], row["of"]),
            {"Metric": _name(row["metric"], row["of"]), "n": row["n"]},
        )
        own[_TITLES[row["measure"]]] = row["value"]
        if row["measure"] == "srocc":
            known = row["low"] is not None
            own["95 % interval"] = f"{row['low']:.2f} to {row['high']:.2f}" if known else NOTHING
    columns = ["Metric", "n", "SROCC", "95 % interval", *list(_TITLES.values())[1:]]
    table = pd.DataFrame(list(rows.values()), columns=columns)
    numeric = [name for name in _TITLES.values() if name in table]
    table = table.astype(dict.fromkeys(numeric, float))
    table = table.sort_values("SROCC", ascending=False, na_position="last", ignore_index=True)
    return table.drop(columns=[name for name in numeric if table[name].isna().all()])


def _name(metric: str, of: str) -> str:
    return f"{metric} (pairs)" if of == "pairs" else metric


def _undefined(data: Mapping[str, Any]) -> list[Text]:
    said = {
        row["undefined"]: None
        for row in data["measures"]
        if row["undefined"] and row["measure"] in ("srocc", "plcc")
    }
    return [Text(f"Undefined: {'; '.join(said)}.")] if said else []


def _differences(data: Mapping[str, Any]) -> list[Text | Table]:
    level = "image" if any(row["level"] == "image" for row in data["differences"]) else "teams"
    rows = [
        row
        for row in data["differences"]
        if (row["level"], row["measure"]) == (level, "srocc") and row["p_adjusted"] is not None
    ]
    clear = [row for row in rows if row["p_adjusted"] < 0.05]
    if not rows:
        return []
    where = "within images" if level == "image" else "over teams"
    if not clear:
        return [
            Text(f"No two metrics differ significantly in SROCC {where} ({how_many(len(rows), 'pairs')}).")
        ]
    table = pd.DataFrame(
        {
            "Metric": [_name(row["metric"], row["of"]) for row in clear],
            "compared with": [_name(row["other"], row["other_of"]) for row in clear],
            "Difference": [row["difference"] for row in clear],
            "95 % interval": [f"{row['low']:.2f} to {row['high']:.2f}" for row in clear],
            "p (Holm)": [row["p_adjusted"] for row in clear],
        }
    )
    said = (
        f"Metrics that differ significantly in SROCC {where}, {len(clear)} of {how_many(len(rows), 'pairs')}."
    )
    return [Table(said, table, {"p (Holm)": 4})]


def _worst(study: Study, data: Mapping[str, Any]) -> Iterator[Table | Pictures]:
    rows = data["worst"]
    if not rows:
        return
    yield Table(
        "The images on which each metric disagrees most with the judges, and the two results in question.",
        pd.DataFrame(
            {
                "Metric": [row["metric"] for row in rows],
                "Image": [row["image"] for row in rows],
                "SROCC": [row["srocc"] for row in rows],
                "Judges prefer": [row["judges_prefer"] for row in rows],
                "The metric prefers": [row["metric_prefers"] for row in rows],
                "Judges' scores": [f"{row['judged']:.2f}, {row['judged_other']:.2f}" for row in rows],
                "Values": [f"{row['value']:.4g}, {row['value_other']:.4g}" for row in rows],
            }
        ),
    )
    shown = set()
    for row in sorted(rows, key=lambda row: row["srocc"]):
        pair = (row["image"], row["judges_prefer"]), (row["image"], row["metric_prefers"])
        files = [study.pictures.get(key) for key in pair]
        if row["image"] in shown or len(shown) >= _SHOWN or None in files:
            continue
        shown.add(row["image"])
        yield Pictures(
            f"Image {row['image']}, reduced: judges prefer {row['judges_prefer']} "
            f"({row['judged']:.2f} against {row['judged_other']:.2f}), {row['metric']} prefers "
            f"{row['metric_prefers']} ({row['value_other']:.4g} against {row['value']:.4g}).",
            tuple(
                (team, as_jpeg(judged_pixels(file), longest=_EDGE))
                for (_, team), file in zip(pair, files, strict=True)
                if file
            ),
        )


def metrics_latex(data: Mapping[str, Any], title: str, *, simulated: bool = False) -> str:
    """Return a table environment that needs no package: SROCC, KRCC, PLCC and pairs in the same order."""
    levels = [level for level in _LEVELS if any(_has(row, level) for row in data["measures"])]
    made = "".join(_latex_rows(data, level) for level in levels)
    ceiling = "; ".join(f"{level}: {_ceiling(data, level)}" for level in levels)
    mark = "\\textbf{SIMULATED ANSWERS.} " if simulated else ""
    caption = (
        f"{mark}Agreement of metrics with the judges of {escape_latex(title)} "
        f"({how_many(data['n_judges'], 'judges')}, {how_many(data['n_images'], 'images')}, "
        f"{how_many(data['n_teams'], 'teams')}). {escape_latex(data['method'])}. "
        f"{escape_latex(ceiling)}"
    )
    head = "Metric & n & SROCC & 95\\% interval & KRCC & PLCC & Pairs"
    text = (
        "\\begin{table}[t]\n\\centering\n\\begin{tabular}{lrccccc}\n\\hline\n"
        f"{head} \\\\\n{made}\\hline\n\\end{{tabular}}\n"
        f"\\caption{{{caption}}}\n\\label{{tab:metrics}}\n\\end{{table}}\n"
    )
    return (LETTERS if needs_letters(text) else "") + text


def _has(row: Mapping[str, Any], level: str) -> bool:
    return row["level"] == level and row["measure"] == "srocc" and row["value"] is not None


def _latex_rows(data: Mapping[str, Any], level: str) -> str:
    found = {
        (row["metric"], row["of"], row["measure"]): row for row in data["measures"] if row["level"] == level
    }
    lines = f"\\hline\n\\multicolumn{{7}}{{l}}{{{level}}} \\\\\n"
    for metric, of in dict.fromkeys((row[0], row[1]) for row in found):
        first = found[metric, of, "srocc"]
        known = first["low"] is not None
        ends = f"[{first['low']:.2f}, {first['high']:.2f}]" if known else cell(None)
        values = [found.get((metric, of, name), {}).get("value") for name in ("krcc", "plcc", "accuracy")]
        cells = [
            _name(metric, of),
            str(first["n"]),
            cell(first["value"], 3),
            ends,
            *(cell(value, 3) for value in values),
        ]
        lines += " & ".join(map(escape_latex, cells)) + " \\\\\n"
    return lines


def metrics_in_words(data: Mapping[str, Any]) -> str:
    """The best metric within images, and what was possible."""
    rows = [row for row in data["measures"] if _has(row, "image")]
    if not rows:
        return ""
    best = max(rows, key=lambda row: row["value"])
    return f"Within images {best['metric']} agrees best with the judges: SROCC {of_possible(best)}."
