"""A study drawn anew from a table of votes, with few draws where what they say does not matter."""

from typing import Any

import pandas as pd

from analysis.parts import Parts
from analysis.resampling.draws import Resample
from analysis.resampling.joint import LEVEL, JointDraws, joint_draws, observe
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
    **rule: Any,
) -> JointDraws:
    """Draw a study; `scores` are other parts, taken as they are, and `rule` is preset, weights, points."""
    study = observe(validate_votes(votes), parts or Parts(scores), **rule)
    return joint_draws(study, draws=draws, level=level, resample=resample, seed=seed)
