"""The table of paired scores: a row for each team and image, from which S2 is computed."""

import numpy as np
import pandas as pd

from analysis.errors import AnalysisError
from analysis.paired.score import score
from analysis.rule.entry import Entry
from analysis.tables import Source, known_columns, labels, numbers, read_table

REQUIRED = ("team", "image", "score")
TEXTS = ("formula", "sha256", "gt_sha256")


def read_paired(source: Source) -> pd.DataFrame:
    """Read a CSV of paired scores; see `validate_paired`."""
    return validate_paired(read_table(source))


def validate_paired(paired: pd.DataFrame) -> pd.DataFrame:
    """Return paired scores as text and numbers, in the table's order.

    Parameters
    ----------
    paired
        team, image, score (of that image); optional formula (of the score, the same in every row),
        sha256 and gt_sha256 (of the files); every other column is a metric.

    Raises
    ------
    AnalysisError
        For a missing column, a team's image twice, two formulas, two ground truths of one image, or a value
        that is not a number.
    """
    metrics = [str(name) for name in paired.columns if str(name) not in REQUIRED]
    paired = known_columns(paired, REQUIRED, metrics, what="paired scores")
    columns: dict[str, object] = {}
    for name in map(str, paired.columns):
        if name in ("team", "image"):
            columns[name] = labels(paired[name], what=f"paired scores, column {name}").astype(str)
        elif name in TEXTS:
            columns[name] = ["" if pd.isna(value) else str(value) for value in paired[name].astype(object)]
        else:
            columns[name] = numbers(paired[name], what=f"paired scores, column {name}")
    table = pd.DataFrame(columns)
    twice = table[table.duplicated(["team", "image"])]
    if len(twice):
        team, image = twice.iloc[0][["team", "image"]]
        raise AnalysisError(f"paired scores: team {team!r} has image {image!r} twice; keep one row")
    _check_truths(table)
    formulas = sorted(set(table.get("formula", pd.Series(dtype=object))) - {""})
    if len(formulas) > 1:
        raise AnalysisError(
            f"paired scores: two formulas, {formulas[0]!r} and {formulas[1]!r}; score the images again"
        )
    return table


def _check_truths(table: pd.DataFrame) -> None:
    if "gt_sha256" not in table:
        return
    known = table[table["gt_sha256"] != ""].drop_duplicates(["image", "gt_sha256"])
    twice = known[known.duplicated("image")]
    if len(twice):
        image = twice.iloc[0]["image"]
        raise AnalysisError(
            f"paired scores: image {image!r} has two ground truths (gt_sha256); score all images again"
        )


def formula_name(paired: pd.DataFrame) -> str | None:
    """Return the formula of the scores, if the table has it."""
    return next((name for name in paired.get("formula", ()) if name), None)


def metrics_of(paired: pd.DataFrame) -> list[str]:
    """Return the columns that are metrics."""
    return [str(name) for name in paired.columns if name not in (*REQUIRED, *TEXTS)]


def score_matrix(paired: pd.DataFrame, name: str = "score") -> pd.DataFrame:
    """Return scores or a metric, a row for each image and a column for each team, in the table's order.

    NaN where a team has no value on an image.
    """
    rows, columns = (list(dict.fromkeys(paired[name])) for name in ("image", "team"))
    return paired.pivot(index="image", columns="team", values=name).reindex(index=rows, columns=columns)


def paired_means(paired: pd.DataFrame) -> pd.DataFrame:
    """Return team, n (images with a score), of (images), and s2, the mean of the images' scores.

    A mean over fewer images than there are would not be comparable: it is NaN.
    """
    scores = score_matrix(paired)
    return pd.DataFrame(
        {
            "team": scores.columns.astype(str),
            "n": scores.notna().sum().to_numpy(),
            "of": len(scores),
            "s2": scores.mean(skipna=False).to_numpy() if len(scores) else np.nan,
        }
    )


def recomputed(paired: pd.DataFrame, formula: Entry) -> pd.Series:
    """Return the score of each row from its metrics; NaN throughout where one has no column."""
    if any(metric not in paired.columns for metric in formula.score.names()):
        return pd.Series(np.nan, index=paired.index, dtype=float)
    return score(paired, formula)
