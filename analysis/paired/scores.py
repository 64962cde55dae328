"""The tables that scoring returns, and what goes with them."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from analysis.paired.measuring import Measured, Pair
from analysis.paired.score import score
from analysis.rule.entry import Entry
from analysis.rule.shape import is_affine


@dataclass(frozen=True)
class Scores:
    """What scoring found.

    Attributes
    ----------
    table
        One row for each team and image: team, image, a column for each metric, score. NaN where a value
        is undefined; `problems` says why.
    means
        One row for each team, best first: team, n (images with all values), of (images), the metrics'
        means, score. A mean over fewer images than there are would not be comparable: it is NaN.
    formula, definitions
        How SCORE is made, and how each metric is computed.
    missing
        Metrics that could not be computed at all, with the remedy. If the formula needs one, there is no
        SCORE.
    problems
        Columns team, image, problem: results that have no value, or only some.
    notes
        Columns team, image, note: what is odd and does not prevent a value.
    computed
        How many values were computed rather than taken from the cache.
    files
        Columns team, image, sha256, gt_sha256: the contents that the values belong to; empty where a file
        could not be read.
    """

    table: pd.DataFrame
    means: pd.DataFrame
    formula: Entry
    definitions: Mapping[str, Mapping[str, Any]]
    missing: tuple[str, ...]
    problems: pd.DataFrame
    notes: pd.DataFrame
    computed: int = 0
    files: pd.DataFrame = field(default_factory=pd.DataFrame)

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain values for JSON; the same files give the same bytes."""
        return {
            "formula": self.formula.plain(),
            "definitions": [dict(definition) for definition in self.definitions.values()],
            "missing": list(self.missing),
            "means": _rows(self.means),
            "images": _rows(self.table),
            "problems": _rows(self.problems),
            "notes": _rows(self.notes),
        }


@dataclass(frozen=True)
class CandidateScores:
    """Metrics of candidates without ground truth.

    Attributes
    ----------
    table
        One row for each team and image: team, image, a column for each metric, sha256. NaN where a value is
        undefined; `problems` says why.
    definitions, missing, problems, notes, computed
        As in `Scores`.
    """

    table: pd.DataFrame
    definitions: Mapping[str, Mapping[str, Any]]
    missing: tuple[str, ...]
    problems: pd.DataFrame
    notes: pd.DataFrame
    computed: int = 0

    def as_dict(self) -> dict[str, Any]:
        """What goes with the table, as plain values for JSON."""
        return {
            "metrics": [dict(definition) for definition in self.definitions.values()],
            "missing": list(self.missing),
            "problems": _rows(self.problems),
            "notes": _rows(self.notes),
        }


def tabulate_candidates(
    measured: Sequence[Measured],
    images: Sequence[Pair],
    definitions: Mapping[str, Mapping[str, Any]],
    missing: Sequence[str] = (),
) -> CandidateScores:
    """Lay out what was measured, by image and team in the images' order."""
    measured = _in_order(measured, images)
    metrics = list(definitions)
    rows = [
        [one.team, one.image, *(one.values.get(name, math.nan) for name in metrics), one.sha256]
        for one in measured
    ]
    return CandidateScores(
        pd.DataFrame(rows, columns=["team", "image", *metrics, "sha256"]),
        definitions,
        tuple(missing),
        _said([(one.team, one.image, problem) for one in measured for problem in one.problems], "problem"),
        _said([(one.team, one.image, note) for one in measured for note in one.notes], "note"),
        sum(one.computed for one in measured),
    )


def _in_order(measured: Sequence[Measured], pairs: Sequence[Pair]) -> list[Measured]:
    """By image and team in the pairs' order, whatever order it came in."""
    place = {(pair.image, team): i for i, (pair, team) in enumerate((p, t) for p in pairs for t in p.results)}
    return sorted(measured, key=lambda one: place[one.image, one.team])


def tabulate(
    measured: Sequence[Measured],
    pairs: Sequence[Pair],
    formula: Entry,
    definitions: Mapping[str, Mapping[str, Any]],
    missing: Sequence[str] = (),
) -> Scores:
    """Lay out what was measured, by image and team in the pairs' order, whatever order it came in."""
    measured = _in_order(measured, pairs)
    metrics = list(definitions)
    table = pd.DataFrame(
        [
            [one.team, one.image, *(one.values.get(metric, math.nan) for metric in metrics)]
            for one in measured
        ],
        columns=["team", "image", *metrics],
    )
    table["score"] = _score(table, formula)
    notes = [(one.team, one.image, note) for one in measured for note in one.notes] + _twice(measured)
    return Scores(
        table,
        team_means(table, metrics, formula),
        formula,
        definitions,
        tuple(missing),
        _said([(one.team, one.image, problem) for one in measured for problem in one.problems], "problem"),
        _said(notes, "note"),
        sum(one.computed for one in measured),
        pd.DataFrame(
            [(one.team, one.image, one.sha256, one.gt_sha256) for one in measured],
            columns=["team", "image", "sha256", "gt_sha256"],
        ),
    )


def team_means(table: pd.DataFrame, metrics: Sequence[str], formula: Entry) -> pd.DataFrame:
    """Return `Scores.means` of a table of images, whatever runs its rows come from."""
    metrics = list(metrics)
    groups = table.groupby("team", sort=False)
    means = groups[metrics].agg(lambda column: column.mean(skipna=False))
    whole = table[metrics].notna().all(axis=1).groupby(table["team"], sort=False).sum()
    means.insert(0, "n", whole)
    means.insert(1, "of", groups.size())
    by_image = formula.per == "image" and not is_affine(formula.score)
    of_images = groups["score"].agg(lambda column: column.mean(skipna=False))
    means["score"] = of_images if by_image else _score(means, formula)
    return means.reset_index().sort_values(["score", "team"], ascending=[False, True], ignore_index=True)


def _score(values: pd.DataFrame, formula: Entry) -> pd.Series:
    if any(metric not in values.columns for metric in formula.score.names()):
        return pd.Series(np.nan, index=values.index, dtype=float)
    return score(values, formula)


def _twice(measured: Sequence[Measured]) -> list[tuple[str, str, str]]:
    """The same file submitted more than once, by one team or by two."""
    holders = defaultdict(list)
    for one in measured:
        if one.sha256:
            holders[one.sha256].append(one)
    return [
        (one.team, one.image, f"the same file as {same[0].team}'s for {same[0].image}")
        for same in holders.values()
        for one in same[1:]
    ]


def _said(rows: list[tuple[str, str, str]], what: str) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["team", "image", what])


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(key): _plain(value) for key, value in row.items()} for row in table.to_dict(orient="records")
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value
