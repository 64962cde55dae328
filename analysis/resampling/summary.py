"""What a ranking is worth: intervals, P(rank = r), awards, tie groups, and what would change it."""

from collections.abc import Sequence
from itertools import combinations, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.columns import titles
from analysis.models.choices import choices_of_ballots
from analysis.models.plackett_luce import fit_choices
from analysis.points import why_no_s3n
from analysis.resampling.draws import worth_draws
from analysis.resampling.intervals import percentile_interval
from analysis.resampling.joint import PARTS, JointDraws, Observed
from analysis.resampling.ranks import pairwise_p, rank_intervals, rank_probabilities, tie_groups
from analysis.resampling.rules import (
    head_to_head,
    met_in_ballots,
    rule_flips,
    weight_grid,
    weighted_parts,
)
from analysis.rule import Outcome, award_classes, award_names, minmax
from analysis.unshown import unshown_note
from analysis.user_study.base import COLUMN
from analysis.user_study.of_votes import VoteStudy
from analysis.votes import BallotArrays

Array = NDArray[Any]


def bootstrap_summary(drawn: JointDraws, *, refits: int = 1_000) -> dict[str, Any]:
    """Two-way bootstrap of a whole study, ready for JSON.

    Parameters
    ----------
    drawn : JointDraws
    refits : int
        Resamples of the Plackett-Luce model (0 leaves the model out).

    Returns
    -------
    dict
        `final` and the scores of the answers (of votes `s3`, of pairs `bt` and `win_share`, of ratings `mos`
        and, with a hidden reference, `dmos`): {team: {mean, ci, ...}}, `mean` being the observed value
        (itself a mean over judges); `lead` names the one that the user study ranks by; and of `s2` and
        `escore` as far as there are any, `ci` None where they are taken as they are;
        `p_rank` {team: [P(rank 1), P(rank 2), ...]} of the final score in a new study
        of the same size, allowing for the winner's luck, tied teams sharing the better rank; `p_best` {team:
        probability that its final is truly the highest}; `awards` {team: {award, p_award (this class or
        better in a new study; None without an award), p_class (exactly this class, or none), p_any (some)}};
        `rank_interval` {team: [best, worst]}, for all teams at once; `tie_groups`, lists of
        teams no two of which differ significantly; `pairwise`, every two teams with difference, simultaneous
        `ci`, `p` and `p_adjusted` (see `pairwise_p`); `leave_one_out`, `weight_grid`. Of votes also `s3n`,
        `log_worth`, `head_to_head` {teams, above [[ballots that put the row
        above the column]], met [[ballots that showed both]]}, two unlisted teams being tied; `unshown`,
        what was done with ballots that lack a team
        (None where none does); `flips`.

    Notes
    -----
    See `analysis.resampling.draws` for the resampling and `calibrated` for the width of its intervals.
    """
    study, user = drawn.study, drawn.study.user
    votes = user if isinstance(user, VoteStudy) else None
    return {
        "method": _method(drawn),
        "answers": user.table,
        "n_judges": len(user.judges),
        "n_images": len(user.images),
        f"n_{user.answers_are}": user.size,
        "n_teams": len(user.teams),
        "simulated": user.simulated,
        "draws": len(drawn),
        "level": drawn.level,
        "rule": study.rule.plain(),
        "resample": drawn.resample,
        "resampled": _resampled(drawn),
        "lead": COLUMN.get(user.lead, user.lead),
        **_scores(drawn),
        **_parts(drawn),
        "final": _within(study.teams, study.final, drawn.final_interval),
        **_ranks(study, *drawn.new_study),
        **groups_of(drawn),
        "leave_one_out": study.without_each(),
        "weight_grid": _grid(study),
        **(_of_votes(drawn, votes, refits) if votes else {}),
    }


def _of_votes(drawn: JointDraws, user: VoteStudy, refits: int) -> dict[str, Any]:
    """What only ballots that place candidates can say."""
    ballots, rule = user.ballots, drawn.study.rule
    return {
        "s3n": _within(user.teams, minmax(drawn.study.lead), drawn.normalised_interval),
        "s3n_undefined": why_no_s3n(drawn.study.lead),
        "unshown": unshown_note(ballots),
        **_model(drawn, ballots, refits),
        "head_to_head": _head_to_head(ballots),
        "flips": rule_flips(ballots, points=rule.points, prizes=sum(rule.awards)),
    }


METHODS = {
    "both": "two-way (judges x images) pigeonhole bootstrap, widths calibrated to the two-way variance",
    "judges": "bootstrap of judges only, these images kept, widths calibrated to the variance between judges",
    "images": "bootstrap of images only, these judges kept, widths calibrated to the variance between images",
}


def _method(drawn: JointDraws) -> str:
    said = [METHODS[drawn.resample]]
    if "s2" in drawn.parts:
        said.append("S2: pairs resampled together for all teams, widths of t intervals")
    if "escore" in drawn.parts:
        said.append("EScore: times resampled within their intervals and ranked again")
    return "; ".join(said)


def _resampled(drawn: JointDraws) -> dict[str, Any]:
    """What was resampled, and a reason where something was not."""
    user, sources, resample = drawn.study.user, drawn.study.sources, drawn.resample
    reasons = [
        f"only one {name}: nothing is known about other {name}s, so {lead_title(drawn)} and the final have "
        "no interval, and ranks no probability"
        for name, labels in (("judge", user.judges), ("image", user.images))
        if len(labels) == 1 and resample in ("both", f"{name}s")
    ]
    if sources.paired is not None and "s2" not in drawn.parts:
        reasons.append("only one pair, so S2 is not resampled")
    if sources.measures is not None and "escore" not in drawn.parts:
        reasons.append("times have no intervals, so EScore is not resampled")
    enough = user.enough(resample)
    return {
        "judges": enough and resample != "images",
        "images": enough and resample != "judges",
        "pairs": "s2" in drawn.parts,
        "times": "escore" in drawn.parts,
        "reason": "; ".join(reasons) or None,
    }


def lead_title(drawn: JointDraws) -> str:
    """What people read in the place of the score that the user study ranks by."""
    name = COLUMN.get(drawn.study.user.lead, drawn.study.user.lead)
    return titles("ranking.csv", [name])[name]


def _scores(drawn: JointDraws) -> dict[str, Any]:
    user = drawn.study.user
    found = {
        COLUMN.get(name, name): _intervals(drawn, user.observed[name], draws)
        for name, draws in drawn.scores.items()
    }
    plain = percentile_interval(drawn.pigeonhole, level=drawn.level)
    for t, row in enumerate(found[COLUMN.get(user.lead, user.lead)].values()):
        row["analytic_ci"] = [_number(x) for x in drawn.analytic[t]]
        row["pigeonhole_ci"] = [_number(x) for x in plain[t]]
    return found


def _parts(drawn: JointDraws) -> dict[str, Any]:
    """S2 and EScore with their intervals; None for one that was given and not drawn."""
    found = {}
    for name in PARTS:
        if name not in drawn.study.parts:
            continue
        values = drawn.study.parts[name]
        if name in drawn.parts:
            found[name] = _intervals(drawn, values, drawn.parts[name])
        else:
            found[name] = {
                str(team): {"mean": _number(value), "ci": None}
                for team, value in zip(drawn.study.teams, values, strict=True)
            }
    return found


def _ranks(study: Observed, truth: Outcome, new: Outcome) -> dict[str, Any]:
    """Ranks in new studies, and which team is truly best."""
    teams, awards = study.teams, study.rule.awards
    ranks, rank = new.rank, study.outcome.rank
    classes, own = award_classes(ranks, awards), award_classes(rank, awards)
    defined = (ranks > 0).sum(axis=0)
    better, exact, some = (
        np.where(defined, (hit & (ranks > 0)).sum(axis=0) / np.maximum(defined, 1), np.nan)
        for hit in (classes <= own, classes == own, classes < len(awards))
    )
    named = award_names(rank, awards)
    chances, best = rank_probabilities(ranks), rank_probabilities(truth.rank)[:, 0]
    return {
        "rank": {team: int(r) or None for team, r in zip(teams, rank, strict=True)},
        "p_rank": {team: [_number(p) for p in row] for team, row in zip(teams, chances, strict=True)},
        "p_best": {team: _number(p) for team, p in zip(teams, best, strict=True)},
        "awards": {
            team: {
                "award": named[t],
                "p_award": _number(better[t]) if rank[t] and own[t] < len(awards) else None,
                "p_class": _number(exact[t]) if rank[t] else None,
                "p_any": _number(some[t]) if rank[t] else None,
            }
            for t, team in enumerate(teams)
        },
    }


def any_apart(drawn: JointDraws) -> bool | None:
    """Whether the study tells any two teams apart, all pairs at once; None where nothing can be said."""
    value, draws = _compared(drawn)
    _, critical, error = tie_groups(value, draws, level=drawn.level)
    low, _ = rank_intervals(value, critical, error)
    known = np.isfinite(low)
    return bool((low[known] > 1).any()) if drawn.known and known.sum() > 1 else None


def _compared(drawn: JointDraws) -> tuple[Array, Array]:
    """The score, the highest best, whose differences separate teams, (N,), and its draws, (R, N)."""
    study = drawn.study
    if study.rule.user_study_alone:
        # Min-max pins the best team at 100 and the last at 0 in every draw; the score has no such corners.
        return study.lead, drawn.lead
    sign = -1.0 if study.rule.lower_is_better else 1.0
    return sign * study.final, sign * drawn.final


def groups_of(drawn: JointDraws) -> dict[str, Any]:
    """Which teams the study does not tell apart, as `bootstrap_summary` has it: groups, pairs, ranks."""
    teams = np.array(drawn.study.teams, dtype=object)
    value, draws = _compared(drawn)
    groups, critical, error = tie_groups(value, draws, level=drawn.level)
    low, high = rank_intervals(value, critical, error)
    return {
        "rank_interval": {
            str(team): [int(low[t]), int(high[t])] if np.isfinite(low[t]) else None
            for t, team in enumerate(teams)
        },
        "tie_groups": [[str(teams[t]) for t in group] for group in groups],
        "neighbours": _neighbours(teams, value, critical, error),
        "pairwise": _pairwise(teams, value, critical * error, *pairwise_p(value, draws)),
    }


def _pairwise(teams: Array, value: Array, half: Array, p: Array, adjusted: Array) -> list[dict[str, Any]]:
    """Every two teams, the better first: the difference with its simultaneous interval, and p."""
    order = [t for t in np.argsort(-value, kind="stable") if not np.isnan(value[t])]
    return [
        {
            "better": str(teams[a]),
            "worse": str(teams[b]),
            "difference": float(value[a] - value[b]),
            "ci": [_number(float(value[a] - value[b] + sign * half[a, b])) for sign in (-1, 1)],
            "p": _number(float(p[a, b])),
            "p_adjusted": _number(float(adjusted[a, b])),
        }
        for a, b in combinations(order, 2)
    ]


def _head_to_head(ballots: BallotArrays) -> dict[str, Any]:
    """In how many ballots the team of the row stood above that of the column, and in how many both stood."""
    above = head_to_head(ballots)
    return {
        "teams": [str(team) for team in ballots.teams],
        "above": above.astype(int).tolist(),
        "met": met_in_ballots(ballots).astype(int).tolist(),
    }


def _neighbours(teams: Array, observed: Array, critical: float, error: Array) -> list[dict[str, Any]]:
    """Each team against the next one in the ranking, with the simultaneous interval of the difference."""
    order = [t for t in np.argsort(-observed, kind="stable") if not np.isnan(observed[t])]
    rows = []
    for better, worse in pairwise(order):
        difference = float(observed[better] - observed[worse])
        half = critical * float(error[better, worse])
        rows.append(
            {
                "better": str(teams[better]),
                "worse": str(teams[worse]),
                "difference": difference,
                "ci": [_number(difference - half), _number(difference + half)],
                "apart": bool(difference > half + 1e-9),
            }
        )
    return rows


def _model(drawn: JointDraws, ballots: BallotArrays, refits: int) -> dict[str, Any]:
    if refits == 0:
        return {}
    choices = choices_of_ballots(ballots)
    fit = fit_choices(choices)
    draws, penalised = worth_draws(
        ballots,
        choices,
        draws=refits,
        penalty=fit.penalty,
        rng=drawn.generator("model"),
        resample=drawn.resample,
    )
    return {
        "log_worth": _intervals(drawn, fit.log_worth, draws),
        "model": {
            "refits": refits,
            "finite": fit.finite,
            "penalty": fit.penalty,
            "penalised_refits": penalised,
        },
    }


def _grid(study: Observed) -> dict[str, Any]:
    parts = weighted_parts(study.rule, study.parts.get("s2"), study.user.observed, study.parts.get("escore"))
    grid = weight_grid(study.rule, parts, lead=study.user.lead)
    return {
        "teams": study.teams,
        "weights": grid["weights"].tolist(),
        "ranks": grid["ranks"].tolist(),
        "announced": grid["announced"],
    }


def _intervals(drawn: JointDraws, value: Array, draws: Array) -> dict[str, dict[str, Any]]:
    return _within(drawn.study.teams, value, percentile_interval(draws, level=drawn.level))


def _within(teams: Sequence[str], value: Array, limits: Array) -> dict[str, dict[str, Any]]:
    return {
        str(team): {"mean": _number(value[t]), "ci": [_number(x) for x in limits[t]]}
        for t, team in enumerate(teams)
    }


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
