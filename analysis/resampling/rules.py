"""Would another reasonable rule, or another weighting of the parts, hand the prizes to others?

The announced rule stays the official one; these are for comparison. Rules: first places only, Borda (each
opponent below counts one, a tie one half), Plackett-Luce, and the majority rule (Copeland: opponents
beaten head to head).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analysis.models.choices import choices_of_ballots
from analysis.models.plackett_luce import fit_choices
from analysis.points import image_points, summed
from analysis.rule import Rule, minmax, ranks
from analysis.rule.evaluation import Scope, evaluate
from analysis.rule.language import parse
from analysis.rule.value import ANSWERED
from analysis.unshown import expected_points
from analysis.votes import BallotArrays

Array = NDArray[Any]
ESCORE_MAX = 30.0  # three metrics of at most 10 points each


def head_to_head(ballots: BallotArrays) -> Array:
    """(N, N) in how many ballots team a stands above team b; teams that are both unlisted are tied."""
    choices = choices_of_ballots(ballots)
    counts = choices.counts()[0]
    above = np.zeros((choices.n_teams, choices.n_teams))
    np.add.at(above, choices.pair_winner, counts[:, None] * choices.sets[choices.pair_set])
    if ballots.has_ties:  # each of those that share a place was chosen from all of them
        shared = ballots.tied > 1
        group = ballots.ballot[shared].astype(np.int64) * (ballots.places + 1) + ballots.rank[shared]
        _, group = np.unique(group, return_inverse=True)
        shape = (int(group.max()) + 1, choices.n_teams)
        together = sparse.csr_array((np.ones(len(group)), (group, ballots.team[shared])), shape=shape)
        above -= np.asarray((together.T @ together).todense())
    np.fill_diagonal(above, 0)
    return above


def scores_by_rule(ballots: BallotArrays, *, points: Sequence[float]) -> dict[str, Array]:
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
    above = head_to_head(ballots)
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


def rule_flips(ballots: BallotArrays, *, points: Sequence[float], prizes: int) -> dict[str, dict[str, Any]]:
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
    official = ranks(scores["points"])
    return {rule: _flip(ballots.teams, official, score, prizes) for rule, score in scores.items()}


def weighted_parts(
    rule: Rule, s2: Array | None, scores: Mapping[str, Array], escore: Array | None
) -> dict[str, Array]:
    """The parts on a common scale of 100: S2, the user study as the rule takes it, 100 * EScore / 30.

    A part that the study does not have is not there.

    Parameters
    ----------
    scores
        Those of the judges' answers by the names of formulas; the first is the one that they rank by.
    """
    found = {"s2": s2, "study": 100 * user_study(rule, scores), "escore": escore}
    scale = {"escore": 100 / ESCORE_MAX}
    return {name: values * scale.get(name, 1.0) for name, values in found.items() if values is not None}


def user_study(rule: Rule, scores: Mapping[str, Array]) -> Array:
    """The answers' score from 0 to 1 as the rule takes it: min-max, or divided by the highest."""
    term = rule.study_term(next(iter(scores))).text
    shared = f"minmax({term})" if term in scores else term
    known = dict(scores)
    if "u" in known:
        known["s3n"] = minmax(known["u"])
    return evaluate(parse(shared), Scope(known))


def announced_weights(rule: Rule, lead: str = "u") -> Array | None:
    """The rule's weights of the `weighted_parts`, adding up to one; None where it is no such sum."""
    study = rule.study_term(lead).text
    scale = {"s2": 1.0, "escore": ESCORE_MAX / 100, study: 0.01}
    place = {"s2": 0, study: 1, "escore": 2}
    weights = np.zeros(3)
    for term in rule.terms or ():
        if term.text not in scale or term.weight < 0 or (term.text in ANSWERED and term.text != "s3n"):
            return None
        weights[place[term.text]] += term.weight * scale[term.text]
    return weights / weights.sum() if weights.sum() > 0 else None


def weight_grid(
    rule: Rule, parts: Mapping[str, Array], *, lead: str = "u", steps: int = 20
) -> dict[str, Any]:
    """The ranking at every weighting S2 : S3 : E that adds up to one, to plot what the weights decide.

    Parameters
    ----------
    rule : Rule
    parts : mapping
        As `weighted_parts` returns them; one that is not there gets the weight 0 throughout.
    lead : str
        The score that the user study ranks by.
    steps : int
        Steps along each side of the triangle.

    Returns
    -------
    dict
        `weights` (G, 3) of S2, the user study and EScore, `ranks` (G, N), 0 where undefined, and
        `announced`, the rule's own weights (None where it has none).
    """
    corners = [
        (a, b, steps - a - b)
        for a in range(steps + 1)
        for b in range(steps + 1 - a)
        if not ("s2" not in parts and a) and not ("escore" not in parts and steps - a - b)
    ]
    weights = np.array(corners) / steps
    names = ("s2", "study", "escore")
    finals = sum(weights[:, [k]] * parts[name] for k, name in enumerate(names) if name in parts)
    announced = announced_weights(rule, lead)
    return {
        "weights": weights,
        "ranks": ranks(np.asarray(finals)),
        "announced": None if announced is None else announced.tolist(),
    }


def _flip(teams: Array, official: Array, score: Array, prizes: int) -> dict[str, Any]:
    rank = ranks(score)
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
