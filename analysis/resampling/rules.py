"""Would another reasonable rule, or another weighting of the parts, hand the prizes to others?

The announced rule stays the official one; these stand beside it. Rules: first places only, Borda (each
opponent below counts one, a tie one half), Plackett-Luce, and the majority rule (Copeland: opponents
beaten head to head).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analysis.models.choices import Choices, choices_of_ballots
from analysis.models.plackett_luce import fit_choices
from analysis.points import POINTS, image_points, summed
from analysis.resampling.ranks import normalised_rows, rank_draws, share_of_highest
from analysis.unshown import expected_points
from analysis.votes import BallotArrays

Array = NDArray[Any]
ESCORE_MAX = 30.0  # three metrics of at most 10 points each


def head_to_head(choices: Choices) -> Array:
    """(N, N) in how many ballots team a stands above team b; teams that are both unlisted are tied."""
    counts = choices.counts()[0]
    above = np.zeros((choices.n_teams, choices.n_teams))
    np.add.at(above, choices.pair_winner, counts[:, None] * choices.sets[choices.pair_set])
    np.fill_diagonal(above, 0)
    return above


def scores_by_rule(ballots: BallotArrays, *, points: Sequence[float] = POINTS) -> dict[str, Array]:
    """The score of each team under each rule, (N,) each, higher is better.

    Parameters
    ----------
    ballots : BallotArrays
    points : sequence of float
        Points of the announced rule.

    Returns
    -------
    dict
        `points` (the announced S3), `first_places`, `borda` (the share of comparisons won, ties as half),
        `plackett_luce` (log worth) and `majority` (opponents beaten by a majority, ties as half).
    """
    choices = choices_of_ballots(ballots)
    above = head_to_head(choices)
    met = met_in_ballots(ballots)
    # Counting only first places is the points rule with nothing for the places below.
    first = expected_points(ballots, np.array([0.0, 1.0, *[0.0] * (ballots.places - 1)]))
    decided = (above > above.T) + 0.5 * ((above == above.T) & (met > 0))
    borda = above.sum(axis=1) + 0.5 * (met - above - above.T).sum(axis=1)
    return {
        "points": summed(image_points(ballots, points=points)),
        "first_places": _mean_sum(ballots, first),
        "borda": borda / np.maximum(met.sum(axis=1), 1),
        "plackett_luce": fit_choices(choices).log_worth,
        "majority": decided.sum(axis=1),
    }


def rule_flips(
    ballots: BallotArrays, *, points: Sequence[float] = POINTS, prizes: int = 6
) -> dict[str, dict[str, Any]]:
    """Ranks of the user study under each rule, and the prize places they would change.

    Parameters
    ----------
    ballots : BallotArrays
    points : sequence of float
    prizes : int
        How many of the top ranks win something.

    Returns
    -------
    dict
        For each rule: `ranks` {team: rank}, `scores` {team: score}, `winner_changes` and `prize_changes`
        {team: [rank by points, rank by this rule]} for the teams that either rule gives a prize place, and
        that a tie does not leave where they were.
    """
    scores = scores_by_rule(ballots, points=points)
    official = rank_draws(scores["points"][None, :])[0]
    return {rule: _flip(ballots.teams, official, score, prizes) for rule, score in scores.items()}


def weight_grid(
    s2: Array | None, s3: Array, escore: Array | None, *, preset: str, steps: int = 20
) -> dict[str, Any]:
    """The ranking at every weighting S2 : S3 : E that adds up to one, to plot what the weights decide.

    Parameters
    ----------
    s2, escore : (N,) float or None
        A part that the study does not have gets the weight 0 throughout.
    s3 : (N,) float
    preset : str
        With "raim-2025" the user study enters as 100 * U / max U, otherwise as 100 * S3n.
    steps : int
        Steps along each side of the triangle.

    Returns
    -------
    dict
        `weights` (G, 3) for parts on a common scale (S2; the user study out of 100; 100 * EScore / 30),
        `ranks` (G, N), 0 where undefined, and `announced`, the preset's own weights on that scale (None
        where it has none).
    """
    user = 100 * (share_of_highest(s3) if preset == "raim-2025" else normalised_rows(s3))
    parts = [s2, user, None if escore is None else 100 * escore / ESCORE_MAX]
    corners = [
        (a, b, steps - a - b)
        for a in range(steps + 1)
        for b in range(steps + 1 - a)
        if not (s2 is None and a) and not (escore is None and steps - a - b)
    ]
    weights = np.array(corners) / steps
    finals = sum(weights[:, [k]] * part for k, part in enumerate(parts) if part is not None)
    return {"weights": weights, "ranks": rank_draws(np.asarray(finals)), "announced": _announced(preset)}


def _announced(preset: str) -> list[float] | None:
    weights: Mapping[str, tuple[float, float, float]] = {
        "user-study": (0, 1, 0),
        "raim-2024": (0.4, 0.6, 0),
        "raim-2025": (0.2, 0.8, 0.8 * ESCORE_MAX / 100),
    }
    found = weights.get(preset)
    return None if found is None else [w / sum(found) for w in found]


def _flip(teams: Array, official: Array, score: Array, prizes: int) -> dict[str, Any]:
    rank = rank_draws(score[None, :])[0]
    # Tied teams share the places rank .. rank + tied - 1: a team that had one of these is not moved.
    tied = (rank == rank[:, None]).sum(axis=1)
    moved = (official < rank) | (official >= rank + tied)
    changed = moved & ((rank <= prizes) | (official <= prizes))
    return {
        "ranks": {str(team): int(r) for team, r in zip(teams, rank, strict=True)},
        "scores": {str(team): float(s) for team, s in zip(teams, score, strict=True)},
        "winner_changes": bool(((rank == 1) != (official == 1)).any()),
        "prize_changes": {str(teams[t]): [int(official[t]), int(rank[t])] for t in np.flatnonzero(changed)},
    }


def _wins(rank: Array, prizes: int) -> Array:
    """Whether a prize place is a team's own: a tie over the border of the prizes, as at zero, gives none."""
    last = np.array([(rank <= own).sum() for own in rank])
    return (rank > 0) & (last <= prizes)


def met_in_ballots(ballots: BallotArrays) -> Array:
    """(N, N) in how many ballots both teams were shown; 0 on the diagonal."""
    size, n = ballots.size, len(ballots.teams)
    shown = sparse.csr_array((np.ones(len(ballots.team)), ballots.team, ballots.start), shape=(size, n))
    met = np.asarray((shown.T @ shown).todense())
    np.fill_diagonal(met, 0)
    return met


def _mean_sum(ballots: BallotArrays, earned: Array) -> Array:
    """Mean over the judges shown the team, summed over the images, as S3 is."""
    n_images, n = len(ballots.images), len(ballots.teams)
    cell = ballots.image[ballots.ballot].astype(np.int64) * n + ballots.team
    total, shown = np.bincount(cell, earned, n_images * n), np.bincount(cell, minlength=n_images * n)
    return summed((total / np.maximum(shown, 1)).reshape(n_images, n))
