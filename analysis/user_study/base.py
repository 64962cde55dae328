"""What is asked of answers of any table: the teams' scores, their resamples, those without single judges."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.columns import column
from analysis.resampling.draws import Resample
from analysis.texts import joined

Array = NDArray[Any]
Table = Literal["votes", "pairs", "ratings"]
Generator = Callable[[], np.random.Generator]
"""Makes one and the same generator at each call, so that several scores have the same resamples."""

COLUMN = {"u": "s3"}
"""What a score of formulas is called as a column of tables, where it has another name there."""


class Asked(Protocol):
    """Ballots, comparisons or ratings as arrays."""

    @property
    def teams(self) -> Array: ...

    @property
    def judges(self) -> Array: ...

    @property
    def images(self) -> Array: ...

    @property
    def size(self) -> int: ...


@dataclass(frozen=True)
class StudyDraws:
    """Resamples of a user study.

    Attributes
    ----------
    scores
        By name, (R, N) each; the first is the one that the study ranks by.
    plain
        That one before it got its width, (R, N).
    analytic
        (N, 2) the interval that it got its width from.
    """

    scores: Mapping[str, Array]
    plain: Array
    analytic: Array


class UserStudy(ABC):
    """The answers of a study as scores of its teams."""

    table: ClassVar[Table]
    lead: ClassVar[str]
    """The score that the study ranks by where no rule says otherwise, as formulas call it."""
    columns: ClassVar[tuple[str, ...]]
    """What a table of the ranking has of the user study, in order, as far as there is any."""
    file: ClassVar[str]
    """The file of an export that holds `scores_table`."""
    answers_are: ClassVar[str]
    """What one answer is called, in the plural."""
    usual_draws: ClassVar[int] = 10_000
    """The default number of resamples of judges and images."""

    @property
    @abstractmethod
    def answers(self) -> Any:
        """The validated table."""

    @property
    @abstractmethod
    def asked(self) -> Asked:
        """What of the answers counts in ranks, as arrays."""

    @abstractmethod
    def score(self) -> Mapping[str, Array]:
        """Return scores by the names of formulas, (N,) each; the lead is among them."""

    @cached_property
    def teams(self) -> list[str]:
        """The teams that are ranked, in the order of every array here."""
        return [str(team) for team in self.asked.teams]

    @cached_property
    def judges(self) -> list[str]:
        """Who answered, by name."""
        return [str(judge) for judge in self.asked.judges]

    @cached_property
    def images(self) -> list[str]:
        """What was asked about, by name."""
        return [str(image) for image in self.asked.images]

    @cached_property
    def observed(self) -> Mapping[str, Array]:
        """What `score` returns."""
        return self.score()

    @property
    def size(self) -> int:
        """Number of answers that count."""
        return self.asked.size

    @property
    def method(self) -> str:
        """What the ranking score is, in plain language."""
        shown = column("ranking.csv", COLUMN.get(self.lead, self.lead))
        return joined(", ", [shown.title, shown.meaning])

    @property
    def remarks(self) -> tuple[str, ...]:
        """What must be known of the score that the study ranks by."""
        return ()

    @property
    @abstractmethod
    def bounds(self) -> tuple[float, float]:
        """Between what the lead must lie."""

    @abstractmethod
    def scores_table(self) -> pd.DataFrame:
        """A row for each team, the best by the lead first."""

    @abstractmethod
    def draw(self, *, draws: int, level: float, resample: Resample, generator: Generator) -> StudyDraws:
        """Resample judges and images, or one of them; NaN throughout where nothing is known of others."""

    @abstractmethod
    def without_each(self, what: Literal["judges", "images"]) -> Mapping[str, Array]:
        """Scores without each judge, or each image, (J, N) or (I, N) each."""

    @abstractmethod
    def without(self, judges: Collection[str]) -> "UserStudy":
        """The same study without some judges."""

    @abstractmethod
    def renamed(self, *, judges: Mapping[str, str], teams: Mapping[str, str]) -> "UserStudy":
        """The same answers under other names, in the same order."""

    @property
    def simulated(self) -> bool:
        """Whether any answer is marked as simulated."""
        return self.answers.simulated

    def rows(self) -> pd.DataFrame:
        """Team and the scores as columns of a table, in the order of `teams`."""
        scores = {COLUMN.get(name, name): values for name, values in self.observed.items()}
        return pd.DataFrame({"team": self.teams, **scores})

    def enough(self, resample: Resample = "both") -> bool:
        """Whether there are two at least of what is taken as a sample."""
        sizes = {"judges": len(self.judges), "images": len(self.images)}
        return min(sizes.values() if resample == "both" else [sizes[resample]]) > 1


def ranking_columns(user: UserStudy) -> list[str]:
    """Name the columns of scores that a ranking may have, each with its ends, in their order."""
    return [
        column
        for part in ("s2", *user.columns, "escore", "final")
        for column in (part, f"{part}_low", f"{part}_high")
    ]


def sorted_by(table: pd.DataFrame, lead: str) -> pd.DataFrame:
    """The best team first, equal ones by name."""
    return table.sort_values([lead, "team"], ascending=[False, True], ignore_index=True)
