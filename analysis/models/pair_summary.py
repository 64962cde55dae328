"""Everything that paired comparisons say: worths with intervals, ranks, consistency, sides, judges."""

from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.agreement.comparisons import pair_agreement
from analysis.errors import AnalysisError
from analysis.models import thurstone
from analysis.models.bradley_terry import (
    BradleyTerry,
    Ties,
    fit_bradley_terry,
    influence,
    refit_bradley_terry,
)
from analysis.models.pair_counts import PairCounts, separate_groups
from analysis.models.quasi import contrast_variances, quasi_variances
from analysis.pairs import ANSWERS, Pairs
from analysis.resampling.pair_draws import Refit, calibrated_draws, pair_cells
from analysis.resampling.two_way import TWO_WAY, Sampling
from analysis.scores import Scores, standing
from analysis.screening.consistency import U_NEEDS, kendall_u, stochastic_transitivity, triads_p
from analysis.screening.pair_checks import identical_trials, repeated_trials
from analysis.screening.pairs import rounds_of_triads, side_bias, suspicious, unlikely_comparers

Array = NDArray[Any]


def pair_scores(
    pairs: Pairs,
    *,
    ties: Ties = "half",
    order_effect: bool = False,
    penalty: float | None = None,
    prior: float = 0.0,
    sampling: Sampling = TWO_WAY,
    rng: np.random.Generator,
) -> tuple[Scores, BradleyTerry]:
    """Bradley-Terry log worths of the teams with their resamples, as the score `bt` of a final rule.

    Parameters
    ----------
    pairs : Pairs
    ties, order_effect, penalty
        As in `analysis.models.bradley_terry.fit_bradley_terry`.
    prior : float
        Wins added to every candidate over every other, so that unanimous pairs have a finite estimate.
    sampling : Sampling
        No draws where nothing is known of other judges or images.
    rng : numpy.random.Generator

    Raises
    ------
    AnalysisError
        As `fit_bradley_terry`, and where groups of candidates were never compared with each other.
    """
    counts = linked_counts(pairs, prior)
    fit = fit_bradley_terry(counts, ties=ties, order_effect=order_effect, penalty=penalty)
    refit = partial(refit_bradley_terry, fit=fit, ties=ties)
    moved = influence(fit, pairs.first, pairs.second, pairs.outcome)
    draws = calibrated_draws(
        pairs, pair_cells(pairs), fit.log_worth, moved, with_prior(refit, prior), sampling=sampling, rng=rng
    )[1]
    return Scores("bt", pairs.teams, fit.log_worth, draws), fit


def jod_scores(
    pairs: Pairs,
    *,
    penalty: float | None = None,
    prior: float = 0.0,
    sampling: Sampling = TWO_WAY,
    rng: np.random.Generator,
) -> tuple[Scores, thurstone.Thurstone]:
    """Quality in JOD with resamples, by Thurstone's case V; the arguments as in `pair_scores`."""
    fit = thurstone.fit_thurstone(linked_counts(pairs, prior), penalty=penalty)
    refit = partial(thurstone.refit_thurstone, fit=fit)
    moved = thurstone.influence(fit, pairs.first, pairs.second, pairs.outcome)
    draws = calibrated_draws(
        pairs, pair_cells(pairs), fit.jod, moved, with_prior(refit, prior), sampling=sampling, rng=rng
    )[1]
    return Scores("jod", pairs.teams, fit.jod, draws), fit


def pair_summary(
    pairs: Pairs,
    *,
    ties: Ties = "davidson",
    order_effect: bool = False,
    penalty: float | None = None,
    prior: float = 0.0,
    sampling: Sampling = TWO_WAY,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Everything of a table of comparisons, ready for JSON; the arguments as in `pair_scores`."""
    for_worths, for_jod = rng.spawn(2)
    both: dict[str, Any] = {"penalty": penalty, "prior": prior, "sampling": sampling}
    scores, fit = pair_scores(pairs, ties=ties, order_effect=order_effect, rng=for_worths, **both)
    jod, thurstone_fit = jod_scores(pairs, rng=for_jod, **both)
    level = sampling.level
    found = standing(scores, level=level)
    wins, met = pairs.counts.wins(), pairs.counts.met()
    share = np.divide(wins, met, out=np.full(wins.shape, np.nan), where=met > 0)
    names = [str(team) for team in pairs.teams]
    return {
        "n_comparisons": pairs.size,
        "n_judges": len(pairs.judges),
        "n_images": len(pairs.images),
        "answers": dict(zip(ANSWERS, np.bincount(pairs.answer, minlength=4).tolist(), strict=True)),
        "simulated": pairs.simulated,
        "ties": ties,
        "level": level,
        "resampled": sampling.resample,
        "draws": len(scores.draws),
        "teams": _rows(found["teams"], jod, fit, wins, met, pairs.teams, level),
        "p_rank": found["p_rank"],
        "tie_groups": found["tie_groups"],
        "wins": {"teams": names, "values": wins.tolist(), "met": met.tolist()},
        "covariance": {"teams": names, "values": fit.covariance.tolist()},
        "order": {"effect": fit.order, "se": fit.order_se, "p": fit.order_p},
        "nu": {"value": fit.nu, "se": fit.nu_se},
        "loglik": fit.loglik,
        "finite": fit.finite,
        "penalty": fit.penalty,
        "prior": prior,
        "groups": [[names[t] for t in group] for group in fit.groups],
        "jod": {name: getattr(thurstone_fit, name) for name in ("finite", "penalty", "loglik")},
        "sides": _sides(pairs),
        "agreement": {name: estimate.as_dict() for name, estimate in pair_agreement(pairs).items()},
        "judges": _judges(pairs),
        "kendall_u": _u(pairs),
        "transitivity": asdict(stochastic_transitivity(share)),
    }


def with_prior(refit: Refit, prior: float) -> Refit:
    """The refit of counts with so many wins more."""
    return (lambda counts: refit(counts.with_prior(prior))) if prior else refit


def linked_counts(pairs: Pairs, prior: float) -> PairCounts:
    """The counts, with the prior; refused where they fall into groups between which nothing was compared."""
    groups = separate_groups(pairs.counts.met())
    if len(groups) > 1:
        said = "; ".join(", ".join(str(pairs.teams[t]) for t in group) for group in groups)
        raise AnalysisError(
            f"pairs: the candidates fall into {len(groups)} groups that were never compared with each "
            f"other: {said}. Compare some across groups, or analyse each group separately"
        )
    return pairs.counts.with_prior(prior) if prior else pairs.counts


def _rows(
    rows: list[dict[str, Any]],
    jod: Scores,
    fit: BradleyTerry,
    wins: Array,
    met: Array,
    teams: Array,
    level: float,
) -> list[dict[str, Any]]:
    quasi = _quasi(fit)
    interval = jod.interval(level)
    place = {str(team): code for code, team in enumerate(teams)}
    found = []
    for row in rows:
        t = place[row["team"]]
        found.append(
            {
                "team": row["team"],
                "rank": row["rank"],
                "log_worth": row["bt"],
                **{key: row[key] for key in ("low", "high")},
                "jod": float(jod.mean[t]),
                "jod_low": float(interval[t, 0]),
                "jod_high": float(interval[t, 1]),
                "win_share": float(wins[t].sum() / met[t].sum()),
                "comparisons": int(met[t].sum()),
                **{key: row[key] for key in ("p_first", "rank_low", "rank_high", "tie_groups")},
                "model_se": float(fit.se[t]),
                "quasi_se": quasi[t],
            }
        )
    return found


def _quasi(fit: BradleyTerry) -> list[float | None]:
    none: list[float | None] = [None] * len(fit.se)
    try:
        q, worst = quasi_variances(contrast_variances(fit.covariance))
    except AnalysisError:
        return none
    return none if np.isnan(worst) else [float(np.sqrt(value)) if value >= 0 else None for value in q]


def _u(pairs: Pairs) -> dict[str, Any]:
    if (pairs.outcome == 0.5).any():  # halves can add up to whole numbers
        return {"u": None, "undefined": U_NEEDS}
    try:
        return asdict(kendall_u(pairs.wins_by_image)) | {"undefined": None}
    except AnalysisError as error:
        return {"u": None, "undefined": str(error)}


def _sides(pairs: Pairs) -> dict[str, Any]:
    found = side_bias(pairs.judge, pairs.answer, len(pairs.judges))
    said = {"left": found.left, "se": found.se, "p": found.p, "answers": found.answers}
    return said | {"identical": identical_trials(pairs).as_dict()}


def _judges(pairs: Pairs) -> list[dict[str, Any]]:
    loglik, distance = unlikely_comparers(pairs)
    rounds = rounds_of_triads(pairs)
    left = side_bias(pairs.sitting, pairs.answer, len(pairs.sittings)).of_judge
    given = np.bincount(pairs.sitting, minlength=len(left))
    level = np.bincount(pairs.sitting, pairs.outcome == 0.5, len(left))
    owner = np.zeros(len(left), dtype=np.int64)
    owner[pairs.sitting] = pairs.judge
    repeats, identical = repeated_trials(pairs), identical_trials(pairs)
    return [
        {
            "judge": str(name),
            "comparisons": int(given[s]),
            "left": float(left[s]),
            "ties": float(level[s] / given[s]),
            **_triads(rounds[s], len(pairs.teams)),
            "repeats": int(repeats.shown[owner[s]]),
            "repeats_same": int(repeats.same[owner[s]]),
            "identical": int(identical.shown[owner[s]]),
            "identical_sides": int(identical.sides[owner[s]]),
            "loglik": float(loglik[s]),
            "distance": float(distance[s]),
            "investigate": bool(suspicious(distance[s])),
        }
        for s, name in enumerate(pairs.sittings)
    ]


def _triads(rounds: list[Any], n: int) -> dict[str, Any]:
    if not rounds or n < 3:
        return {"rounds": 0, "circular": None, "zeta": None, "circular_p": None}
    circular = [r.circular for r in rounds]
    return {
        "rounds": len(rounds),
        "circular": sum(circular),
        "zeta": 1 - sum(circular) / sum(r.largest for r in rounds),
        "circular_p": triads_p(circular, n),
    }
