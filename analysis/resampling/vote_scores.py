"""The votes' scores as any other score with resamples: what a final rule takes from ballots."""

from typing import Literal

import numpy as np

from analysis.points import row_points
from analysis.resampling.joint import JointDraws
from analysis.scores import Scores


def vote_scores(drawn: JointDraws, name: Literal["u", "points"] = "u") -> Scores:
    """Scores from ballots with their resamples.

    Parameters
    ----------
    drawn : JointDraws
    name : {"u", "points"}
        "u" is S3, the mean over the judges; "points" the plain total, whose resamples are those of S3 in
        proportion.

    Returns
    -------
    Scores
        Without draws where nothing is known of other judges or images.
    """
    study = drawn.study
    teams = study.ballots.teams
    draws = drawn.s3 if drawn.known else np.empty((0, len(teams)))
    if name == "u":
        return Scores("u", teams, study.s3, draws)
    ballots = study.ballots
    total = np.bincount(ballots.team, row_points(ballots, points=study.rule.points), len(teams))
    scale = np.divide(total, study.s3, out=np.zeros(len(teams)), where=study.s3 > 0)
    return Scores("points", teams, total, draws * scale)
