"""The table of paired comparisons: one row for each answer, and the arrays that the statistics work on."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.errors import AnalysisError
from analysis.models.pair_counts import PairCounts, count_pairs
from analysis.tables import Source, known_columns, labels, numbers, read_table
from analysis.votes import truths

Array = NDArray[Any]
REQUIRED = ("judge", "first", "second", "outcome")
OPTIONAL = ("image", "session", "simulated")


@dataclass(frozen=True)
class Pairs:
    """Comparisons as codes into sorted labels.

    Attributes
    ----------
    judges, images, teams
        Labels. A judge is a judge in one session, "name / session", where the table has sessions.
    judge, image, first, second : (C,) int
    outcome : (C,) float
        1: the first shown was preferred, 0: the second, 0.5: neither.
    simulated : bool
        Whether any answer is marked as simulated.
    """

    judges: list[str]
    images: list[str]
    teams: list[str]
    judge: Array
    image: Array
    first: Array
    second: Array
    outcome: Array
    simulated: bool

    @property
    def counts(self) -> PairCounts:
        return count_pairs(self.first, self.second, self.outcome, len(self.teams))

    def wins(self) -> Array:
        """(J, I, N, N) how often judge j on image i preferred the row to the column; ties as half."""
        wins = np.zeros((len(self.judges), len(self.images), len(self.teams), len(self.teams)))
        np.add.at(wins, (self.judge, self.image, self.first, self.second), self.outcome)
        np.add.at(wins, (self.judge, self.image, self.second, self.first), 1 - self.outcome)
        return wins


def read_pairs(source: Source) -> Pairs:
    """Read judge, first, second, outcome, and image and session where they are there.

    Raises
    ------
    AnalysisError
        As `read_table`, for an outcome other than 1, 0 and 0.5, and for a candidate compared with itself.
    """
    table = known_columns(read_table(source), REQUIRED, OPTIONAL, what="pairs")
    if not len(table):
        raise AnalysisError("pairs: no rows; give one for each comparison")
    text = {
        name: labels(table[name], what=f"pairs, {name}").astype(str)
        for name in table
        if name not in ("outcome", "simulated")
    }
    judge = text["judge"] + " / " + text["session"] if "session" in text else text["judge"]
    image = text["image"].to_numpy() if "image" in text else np.full(len(table), "")
    teams, code = np.unique(np.concatenate([text["first"], text["second"]]), return_inverse=True)
    judges, judge_code = np.unique(judge.to_numpy(dtype=str), return_inverse=True)
    images, image_code = np.unique(image.astype(str), return_inverse=True)
    outcome = numbers(table["outcome"], what="pairs, outcome")
    first, second = code[: len(table)], code[len(table) :]
    count_pairs(first, second, outcome, len(teams))
    simulated = "simulated" in table and bool(truths(table["simulated"], "pairs, simulated").any())
    return Pairs(
        judges=judges.tolist(),
        images=images.tolist(),
        teams=teams.tolist(),
        judge=judge_code,
        image=image_code,
        first=first,
        second=second,
        outcome=outcome,
        simulated=simulated,
    )
