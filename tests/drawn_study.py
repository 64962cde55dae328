"""A study resampled from a table of votes, with few resamples where their values do not matter."""

from collections.abc import Sequence

import pandas as pd

from analysis.parts import Parts
from analysis.resampling.draws import Resample
from analysis.resampling.joint import LEVEL, JointDraws, joint_draws, observe
from analysis.rule import POINTS, read_rule
from analysis.votes import validate_votes

FEW = 200


def drawn_study(
    votes: pd.DataFrame,
    *,
    scores: pd.DataFrame | None = None,
    parts: Parts | None = None,
    draws: int = FEW,
    level: float = LEVEL,
    resample: Resample = "both",
    seed: int = 1,
    rule: str | dict[str, object] = "user-study",
    points: Sequence[float] = POINTS,
) -> JointDraws:
    """Draw a study; `scores` are other parts, taken as they are, and `rule` as study.yaml has it."""
    study = observe(validate_votes(votes), parts or Parts(scores), read_rule(rule, points=points))
    return joint_draws(study, draws=draws, level=level, resample=resample, seed=seed)
