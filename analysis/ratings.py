"""The table of ratings: a row for each score, validated once, and arrays for the statistics.

Columns: judge, team, score. Further columns are optional, see `OPTIONAL`. What is rated, the stimulus, is a
team's result on an image.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis import answers
from analysis.errors import AnalysisError
from analysis.names import other_names
from analysis.tables import Source, known_columns, labels, numbers, read_table

Array = NDArray[Any]
REQUIRED = ("judge", "team", "score")
OPTIONAL = {
    "image": "the rated image; absent if each team has only one result",
    "slot": "1, 2, ...: the number of the candidate on the screen",
    **answers.OPTIONAL,
}
REFERENCE, ANCHOR = "reference", "anchor"
CONTROLS = (REFERENCE, ANCHOR)
"""Team names of the hidden reference and anchor, which are rated but never ranked."""
_MOST_CELLS = 100_000_000


@dataclass(frozen=True, eq=False)
class Ratings:
    """Ratings as codes into sorted labels. The arrays hold the C scores that count (main trials).

    Attributes
    ----------
    table : DataFrame
        Every row, including those that do not count, in canonical types.
    judges, images, teams : (.,) object
        Labels.
    judge, image, team : (C,) int
    score : (C,) float
    scale : (lowest, highest)
    """

    table: pd.DataFrame
    judges: Array
    images: Array
    teams: Array
    judge: Array
    image: Array
    team: Array
    score: Array
    scale: tuple[float, float]

    @property
    def size(self) -> int:
        """Number of scores that count, C."""
        return len(self.score)

    @property
    def simulated(self) -> bool:
        """Whether any score is marked as simulated."""
        return "simulated" in self.table and bool(self.table["simulated"].any())

    @cached_property
    def stimuli(self) -> Array:
        """(K, 2) image and team codes of what was rated, sorted."""
        used = np.unique(self.image.astype(np.int64) * len(self.teams) + self.team)
        return np.column_stack(np.divmod(used, len(self.teams)))

    @cached_property
    def stimulus(self) -> Array:
        """(C,) the row of `stimuli` of each score."""
        known = self.stimuli @ [len(self.teams), 1]
        return np.searchsorted(known, self.image.astype(np.int64) * len(self.teams) + self.team)

    @cached_property
    def matrix(self) -> Array:
        """(J, K) scores of judges by stimuli, NaN if missing.

        Raises
        ------
        AnalysisError
            For a crowd that would need gigabytes.
        """
        shape = (len(self.judges), len(self.stimuli))
        if shape[0] * shape[1] > _MOST_CELLS:
            raise AnalysisError(f"{shape[0]:,} judges by {shape[1]:,} stimuli are too many for one matrix")
        scores = np.full(shape, np.nan)
        scores[self.judge, self.stimulus] = self.score
        return scores

    @cached_property
    def of_teams(self) -> "Ratings":
        """The same without the hidden reference and anchor.

        Raises
        ------
        AnalysisError
            If nobody rated anything else.
        """
        kept = ~np.isin(self.teams[self.team], CONTROLS)
        if not kept.any():
            raise AnalysisError("ratings: only the hidden reference and anchor are rated, but no team")
        return self if kept.all() else _only(self, kept)

    def without(self, judges: Collection[str]) -> "Ratings":
        """The ratings of the other judges.

        Raises
        ------
        AnalysisError
            If none of them counts.
        """
        return _arrays(self.table[~self.table["judge"].isin(judges)], self.scale)

    def renamed(self, *, judges: Mapping[str, str], teams: Mapping[str, str]) -> "Ratings":
        """The same ratings under other names, in the same order; a name without another one stays."""
        table = self.table
        for column, names in (("judge", judges), ("team", teams)):
            table = table.assign(**{column: table[column].cat.rename_categories(dict(names))})
        return replace(
            self, table=table, judges=other_names(self.judges, judges), teams=other_names(self.teams, teams)
        )

    def without_bias(self) -> "Ratings":
        """The same with each judge's mean difference from the mean scores subtracted (ITU-T P.913, 12.4)."""
        count = len(self.stimuli)
        mean = np.bincount(self.stimulus, self.score, count) / np.bincount(self.stimulus, minlength=count)
        off = self.score - mean[self.stimulus]
        given = np.bincount(self.judge, minlength=len(self.judges))
        bias = np.bincount(self.judge, off, len(self.judges)) / np.maximum(given, 1)
        return replace(self, score=self.score - bias[self.judge])

    def against(self, reference: str) -> "Ratings":
        """Difference scores: score - the same judge's score of the hidden reference on that image + highest.

        Scores of the reference itself are left out, and so are those of judges who did not rate it on an
        image.

        Raises
        ------
        AnalysisError
            If nobody rated the reference.

        References
        ----------
        ITU-T P.910, absolute category rating with hidden reference.
        """
        names = self.teams.tolist()
        if reference not in names:
            there = ", ".join(map(str, names))
            raise AnalysisError(f"ratings: no score of the reference {reference!r}; the teams are {there}")
        cell = self.judge.astype(np.int64) * len(self.images) + self.image
        is_reference = self.team == names.index(reference)
        order = np.argsort(cell[is_reference])
        known, value = cell[is_reference][order], self.score[is_reference][order]
        place = np.minimum(np.searchsorted(known, cell), len(known) - 1)
        kept = (known[place] == cell) & ~is_reference
        if not kept.any():
            raise AnalysisError(
                f"ratings: no judge rated the reference {reference!r} and a team on the same image"
            )
        low, high = self.scale
        score = self.score - value[place] + high
        return _only(replace(self, score=score, scale=(low, 2 * high - low)), kept)


def read_ratings(source: Source, *, scale: tuple[float, float] = (1, 5)) -> Ratings:
    """Read and validate a table of ratings; see `validate_ratings`."""
    return validate_ratings(read_table(source), scale=scale)


def validate_ratings(table: pd.DataFrame, *, scale: tuple[float, float] = (1, 5)) -> Ratings:
    """Return the ratings in canonical types, or raise naming the first problem.

    Parameters
    ----------
    table
        One row for each score, with the columns `REQUIRED` and any of `OPTIONAL`.
    scale
        Lowest and highest score that can be given.

    Raises
    ------
    AnalysisError
        For missing or misspelt columns, empty cells, a score off the scale, two scores of a judge for one
        stimulus in main trials, and if no row counts.

    Examples
    --------
    >>> rows = [["June", "Ada", 4], ["June", "Bea", 2], ["Jude", "Ada", 5]]
    >>> ratings = validate_ratings(pd.DataFrame(rows, columns=list(REQUIRED)))
    >>> ratings.matrix.tolist()
    [[5.0, nan], [4.0, 2.0]]
    """
    return _arrays(_canonical(table, scale), scale)


def _arrays(clean: pd.DataFrame, scale: tuple[float, float]) -> Ratings:
    """The ratings of a table in canonical types."""
    counted = answers.counted(clean)
    if counted.empty:
        raise AnalysisError("ratings: no score counts because the table has no main trial")
    answers.refuse_twice(counted, ("judge", "image", "team"), "ratings")
    columns = {name: counted[name].cat.remove_unused_categories() for name in ("judge", "image", "team")}
    judge, image, team = (column.cat.codes.to_numpy().astype(np.int64) for column in columns.values())
    judges, images, teams = (column.cat.categories.to_numpy(dtype=object) for column in columns.values())
    score = counted["score"].to_numpy(dtype=float)
    return Ratings(clean, judges, images, teams, judge, image, team, score, scale)


def _canonical(table: pd.DataFrame, scale: tuple[float, float]) -> pd.DataFrame:
    table = known_columns(table, REQUIRED, OPTIONAL, what="ratings")
    if table.empty:
        raise AnalysisError("ratings: no rows; the table needs one row per score")
    names = [name for name in ("judge", "image", "team") if name in table]
    clean = pd.DataFrame({name: labels(table[name], what=f"ratings, column {name}") for name in names})
    if "image" not in clean:
        clean["image"] = pd.Series("", index=clean.index, dtype="category")
    if "slot" in table:
        clean["slot"] = pd.array(numbers(table["slot"], what="ratings, column slot"), dtype="Int64")
    clean["score"] = _on_scale(numbers(table["score"], what="ratings, column score"), scale)
    for name in (name for name in answers.OPTIONAL if name in table):
        clean[name] = answers.optional_column(table[name], name, "ratings")
    return clean


def _on_scale(score: Array, scale: tuple[float, float]) -> Array:
    if np.isnan(score).any():
        row = int(np.argmax(np.isnan(score)))
        raise AnalysisError(f"ratings, row {row + 1}: no score; remove the row if no score was given")
    off = (score < scale[0]) | (score > scale[1])
    if off.any():
        row = int(np.argmax(off))
        raise AnalysisError(
            f"ratings, row {row + 1}: score {score[row]:g} is off the scale {scale[0]:g} to {scale[1]:g}; "
            "correct it, or give the scale with --scale"
        )
    return score


def _only(ratings: Ratings, kept: Array) -> Ratings:
    """Some of the scores, with the labels that are left."""
    codes: dict[str, Any] = {}
    for code, label in (("judge", "judges"), ("image", "images"), ("team", "teams")):
        used, codes[code] = np.unique(getattr(ratings, code)[kept], return_inverse=True)
        codes[label] = getattr(ratings, label)[used]
    return replace(ratings, score=ratings.score[kept], **codes)
