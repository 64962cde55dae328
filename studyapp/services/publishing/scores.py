"""What judges said of each candidate on each image, as a number and in words."""

from dataclasses import dataclass

import numpy as np

from analysis.metrics_against_judges.judged import judged_scores
from analysis.texts import Text, say
from analysis.user_study.base import UserStudy
from analysis.user_study.of_pairs import PairStudy


@dataclass(frozen=True)
class ImageScore:
    """A candidate's score on an image; None where nobody was asked."""

    value: float | None
    count: int
    """Ballots, comparisons or ratings."""
    words: Text | str


def image_scores(user: UserStudy) -> dict[tuple[str, str], ImageScore]:
    """Return the scores by image and team: mean points, the share of comparisons won, or the mean rating."""
    values, counts = _won(user) if isinstance(user, PairStudy) else _means(user)
    return {
        (image, team): _score(user, float(values[row, column]), int(counts[row, column]))
        for row, image in enumerate(user.images)
        for column, team in enumerate(user.teams)
    }


def _score(user: UserStudy, value: float, count: int) -> ImageScore:
    if not count or not np.isfinite(value):
        return ImageScore(None, 0, say("nobody was asked"))
    if user.table == "pairs":
        words = say("%(share)s of comparisons won (n %(count)s)", share=format(value, ".0%"), count=count)
    elif user.table == "ratings":
        words = say("mean score %(score)s (n %(count)s)", score=format(value, ".2f"), count=count)
    else:
        words = say("%(points)s points on average (n %(count)s)", points=format(value, ".2f"), count=count)
    return ImageScore(round(value, 4), count, words)


def _won(user: PairStudy) -> tuple[np.ndarray, np.ndarray]:
    wins = user.pairs.wins_by_image
    met = (wins + wins.transpose(0, 2, 1)).sum(axis=2)
    with np.errstate(invalid="ignore"):
        return wins.sum(axis=2) / met, met


def _means(user: UserStudy) -> tuple[np.ndarray, np.ndarray]:
    judged = judged_scores(user)
    values = judged.candidates(np.ones((1, len(user.judges))))[0]
    table = user.answers.table
    if "kind" in table:
        table = table[table["kind"].astype(str) == "main"]
    shown = table.groupby([table["image"].astype(str), table["team"].astype(str)]).size().to_dict()
    counts = [[shown.get((image, team), 0) for team in user.teams] for image in user.images]
    return values, np.array(counts)
