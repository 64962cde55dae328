"""The table of paired comparisons: a row for each answer, validated once, and arrays for the statistics.

Columns: judge, team_a, team_b (the candidates; team_a was first, on the left), answer (a, b, tie or bad).
`bad` means that both are bad: no preference, so it counts as a tie wherever the question is which one is
preferred. Further columns are optional, see `OPTIONAL`.
"""

import warnings
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis import answers
from analysis.errors import AnalysisError, InputWarning
from analysis.models.pair_counts import PairCounts, count_pairs
from analysis.names import alike, other_names
from analysis.tables import Source, known_columns, labels, read_table

Array = NDArray[Any]
REQUIRED = ("judge", "team_a", "team_b", "answer")
OPTIONAL = {
    "image": "the image of the comparison; absent if there was only one",
    "session": "the judge's session; screening looks at each session separately",
    **answers.OPTIONAL,
}
ANSWERS = ("a", "b", "tie", "bad")
_OUTCOME = np.array([1.0, 0.0, 0.5, 0.5])


@dataclass(frozen=True)
class Pairs:
    """Comparisons as codes into sorted labels. The arrays hold the C comparisons that count (main trials).

    Attributes
    ----------
    table : DataFrame
        Every row, including those that do not count, in canonical types.
    judges, images, teams, sittings : (.,) object
        Labels. A sitting is a judge, or "name / session" if the table has sessions.
    judge, image, first, second, sitting : (C,) int
        `first` was on the left.
    answer : (C,) int
        Codes of `ANSWERS`.
    """

    table: pd.DataFrame
    judges: Array
    images: Array
    teams: Array
    sittings: Array
    judge: Array
    image: Array
    first: Array
    second: Array
    sitting: Array
    answer: Array

    @property
    def size(self) -> int:
        """Number of comparisons that count, C."""
        return len(self.answer)

    @property
    def simulated(self) -> bool:
        """Whether any answer is marked as simulated."""
        return "simulated" in self.table and bool(self.table["simulated"].any())

    def without(self, judges: Collection[str]) -> "Pairs":
        """The comparisons of the other judges.

        Raises
        ------
        AnalysisError
            If none of them counts.
        """
        return _arrays(self.table[~self.table["judge"].isin(judges)])

    def renamed(self, *, judges: Mapping[str, str], teams: Mapping[str, str]) -> "Pairs":
        """The same comparisons under other names, in the same order; a name without another one stays."""
        table = self.table
        for column, names in (("judge", judges), ("team_a", teams), ("team_b", teams)):
            table = table.assign(**{column: table[column].cat.rename_categories(dict(names))})
        by_session = self.sittings is not self.judges
        return replace(
            self,
            table=table,
            judges=other_names(self.judges, judges),
            teams=other_names(self.teams, teams),
            sittings=_sitting_names(self, judges) if by_session else other_names(self.judges, judges),
        )

    @cached_property
    def outcome(self) -> Array:
        """(C,) 1 if the first was preferred, 0 if the second, 0.5 if neither."""
        return _OUTCOME[self.answer]

    @cached_property
    def counts(self) -> PairCounts:
        """All comparisons by ordered pair."""
        return count_pairs(self.first, self.second, self.outcome, len(self.teams))

    @cached_property
    def wins_by_image(self) -> Array:
        """(I, N, N) how often the row was preferred to the column on each image; a tie is half a win."""
        n, images = len(self.teams), len(self.images)
        there = (self.image * n + self.first) * n + self.second
        back = (self.image * n + self.second) * n + self.first
        wins = np.bincount(there, self.outcome, images * n * n)
        return (wins + np.bincount(back, 1 - self.outcome, images * n * n)).reshape(images, n, n)


def _sitting_names(pairs: Pairs, judges: Mapping[str, str]) -> Array:
    """Judge and session, the judge under another name."""
    owner = dict(zip(pairs.sitting, pairs.judges[pairs.judge], strict=True))
    names = [
        judges.get(owner[code], owner[code]) + str(name).removeprefix(str(owner[code]))
        for code, name in enumerate(pairs.sittings)
    ]
    return np.array(names, dtype=object)


def read_pairs(source: Source) -> Pairs:
    """Read and validate a table of comparisons; see `validate_pairs`."""
    return validate_pairs(read_table(source))


def validate_pairs(table: pd.DataFrame) -> Pairs:
    """Return the comparisons in canonical types, or raise naming the first problem.

    Parameters
    ----------
    table
        One row for each answer, with the columns `REQUIRED` and any of `OPTIONAL`.

    Raises
    ------
    AnalysisError
        For missing or misspelt columns, empty cells, an unknown answer, a team compared with itself (other
        than in trials of the kind identical), a judge's trial that appears twice, and if no row counts.

    Warns
    -----
    InputWarning
        For names that look like one name spelt twice.

    Examples
    --------
    >>> rows = [["June", "Ada", "Bea", "a"], ["June", "Bea", "Ada", "tie"]]
    >>> pairs = validate_pairs(pd.DataFrame(rows, columns=list(REQUIRED)))
    >>> pairs.teams.tolist(), pairs.outcome.tolist()
    (['Ada', 'Bea'], [1.0, 0.5])
    """
    clean = _canonical(table)
    for column in ("judge", "team_a"):
        for first, second in alike(clean[column].cat.categories):
            what = column.removesuffix("_a")
            message = f"{what}s {first!r} and {second!r} look alike; if they are the same, correct the pairs"
            warnings.warn(message, InputWarning, stacklevel=2)
    return _arrays(clean)


def _arrays(clean: pd.DataFrame) -> Pairs:
    """The comparisons of a table in canonical types."""
    counted = answers.counted(clean)
    if counted.empty:
        raise AnalysisError("pairs: no comparison counts because the table has no main trial")
    teams, (first, second) = _codes(counted["team_a"], counted["team_b"])
    judges, (judge,) = _codes(counted["judge"])
    images, (image,) = _codes(counted["image"])
    sittings, sitting = judges, judge
    if "session" in counted:
        joined = counted["judge"].astype(str) + " / " + counted["session"].astype(str)
        sittings, (sitting,) = _codes(joined.astype("category"))
    return Pairs(
        table=clean,
        judges=judges,
        images=images,
        teams=teams,
        sittings=sittings,
        judge=judge,
        image=image,
        first=first,
        second=second,
        sitting=sitting,
        answer=counted["answer"].cat.codes.to_numpy().astype(np.int64),
    )


def _canonical(table: pd.DataFrame) -> pd.DataFrame:
    table = known_columns(table, REQUIRED, OPTIONAL, what="pairs")
    if table.empty:
        raise AnalysisError("pairs: no rows; the table needs one row per comparison")
    names = [name for name in ("judge", "image", "session", "team_a", "team_b") if name in table]
    clean = pd.DataFrame({name: labels(table[name], what=f"pairs, column {name}") for name in names})
    if "image" not in clean:
        clean["image"] = pd.Series("", index=clean.index, dtype="category")
    teams = clean["team_a"].cat.categories.union(clean["team_b"].cat.categories)
    for side in ("team_a", "team_b"):
        clean[side] = clean[side].cat.set_categories(teams)
    clean["answer"] = _answer(table["answer"])
    for name in (name for name in answers.OPTIONAL if name in table):
        clean[name] = answers.optional_column(table[name], name, "pairs")
    _refuse_itself(clean)
    if "trial" in clean:
        answers.refuse_twice(clean, ("judge", "trial"), "pairs")
    return clean


def _answer(column: pd.Series) -> pd.Series:
    given = labels(column, what="pairs, column answer")
    unknown = sorted(set(given.cat.categories.str.casefold()) - set(ANSWERS))
    if unknown:
        row = int(np.argmax((given.str.casefold() == unknown[0]).to_numpy()))
        raise AnalysisError(
            f"pairs, row {row + 1}: unknown answer {given.iloc[row]!r}; use a (the first was better), b, "
            "tie or bad (both bad)"
        )
    place = [ANSWERS.index(text.casefold()) for text in given.cat.categories]
    codes = np.array(place, dtype=np.int8)[given.cat.codes.to_numpy()]
    return pd.Series(
        pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(list(ANSWERS))), index=given.index
    )


def _refuse_itself(table: pd.DataFrame) -> None:
    same = table["team_a"].cat.codes.to_numpy() == table["team_b"].cat.codes.to_numpy()
    identical = (table["kind"] == "identical").to_numpy() if "kind" in table else np.zeros_like(same)
    if (same & ~identical).any():
        row = int(np.argmax(same & ~identical))
        raise AnalysisError(
            f"pairs, row {row + 1}: {table['team_a'].iloc[row]!r} is compared with itself; correct it, or "
            "give a hidden check with identical images the kind identical"
        )
    if (identical & ~same).any():
        row = int(np.argmax(identical & ~same))
        raise AnalysisError(
            f"pairs, row {row + 1}: a trial of kind identical compares {table['team_a'].iloc[row]!r} with "
            f"{table['team_b'].iloc[row]!r}; give the same team twice"
        )


def _codes(*columns: pd.Series) -> tuple[Array, list[Array]]:
    """The labels that occur in columns of the same categories, and the codes of each column."""
    used = np.zeros(len(columns[0].cat.categories), dtype=bool)
    for column in columns:
        used[column.cat.codes.to_numpy()] = True
    place = np.cumsum(used) - 1
    labels_used = columns[0].cat.categories.to_numpy(dtype=object)[used]
    return labels_used, [place[column.cat.codes.to_numpy()] for column in columns]
