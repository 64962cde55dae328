"""Which of the three tables a file is, and the user study in it."""

import warnings
from collections.abc import Sequence
from typing import Any

import pandas as pd

from analysis.errors import AnalysisError, InputWarning
from analysis.pairs import Pairs, validate_pairs
from analysis.ratings import Ratings, validate_ratings
from analysis.rule import Rule
from analysis.rule.value import PAIR_SCORES
from analysis.tables import Source, read_table
from analysis.user_study.base import Table, UserStudy
from analysis.user_study.of_pairs import PairStudy
from analysis.user_study.of_ratings import RatingStudy
from analysis.user_study.of_votes import VoteStudy
from analysis.votes import Votes, remarked, told_votes, validate_votes

Answers = Votes | Pairs | Ratings


def table_of(columns: Any) -> Table | None:
    """Name the table that has such columns; None where they are nobody's answers."""
    names = {str(name).strip().casefold().replace(" ", "_").replace("-", "_") for name in columns}
    if {"team_a", "team_b"} <= names:
        return "pairs"
    if {"judge", "team", "score"} <= names and "rank" not in names:
        return "ratings"
    return "votes" if "judge" in names else None


def read_answers(source: Source, *, scale: tuple[float, float] | None = None, or_scores: bool = False) -> Any:
    """Read votes, pairs or ratings, whichever the columns say.

    Parameters
    ----------
    source
        As `analysis.tables.read_table` takes it.
    scale
        Lowest and highest score of ratings; 1 to 5 without it.
    or_scores
        Take a table of scores, too, which has no judges.

    Returns
    -------
    Votes, Pairs, Ratings, or DataFrame
        The last for a table of scores, as it was read.

    Raises
    ------
    AnalysisError
        As the readers of the three; for a scale where there are no ratings.
    """
    with remarked() as remarks:
        table = read_table(source)
    kind = table_of(table.columns)
    if or_scores and kind is None:
        return _warned(table, remarks)
    if scale is not None and kind != "ratings":
        raise AnalysisError(f"--scale is for ratings; this is a table of {kind or 'something else'}")
    if kind not in ("pairs", "ratings"):
        return told_votes(table, remarks)
    return validate_answers(kind, _warned(table, remarks), scale=scale)


def _warned(table: pd.DataFrame, remarks: Sequence[str]) -> pd.DataFrame:
    for remark in remarks:
        warnings.warn(remark, InputWarning, stacklevel=3)
    return table


def validate_answers(kind: Table, table: Any, *, scale: tuple[float, float] | None = None) -> Answers:
    """Validate a table whose kind is known; see `read_answers`."""
    if kind == "pairs":
        return validate_pairs(table)
    return validate_ratings(table, scale=scale or (1, 5)) if kind == "ratings" else validate_votes(table)


def name_of(answers: Answers) -> Table:
    """Say which table some answers are."""
    return "pairs" if isinstance(answers, Pairs) else "ratings" if isinstance(answers, Ratings) else "votes"


def usual_draws(answers: Answers) -> int:
    """The default number of resamples of judges and images."""
    return {"votes": VoteStudy, "pairs": PairStudy, "ratings": RatingStudy}[name_of(answers)].usual_draws


def user_study(answers: Answers, rule: Rule) -> UserStudy:
    """Return the study of some answers, with the scores that a rule takes."""
    if isinstance(answers, Pairs):
        return PairStudy(answers, tuple(name for name in PAIR_SCORES if rule.needs(name)))
    return RatingStudy(answers) if isinstance(answers, Ratings) else VoteStudy(answers, rule.points)
