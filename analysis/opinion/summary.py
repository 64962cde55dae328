"""Everything that ratings say: mean opinion scores with intervals, ranks, the model of subjects, judges."""

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.agreement.of_answers import rating_measures
from analysis.errors import AnalysisError
from analysis.opinion.means import mean_opinion, sos_alpha
from analysis.opinion.screening import Deviation, bt500_screening, mos_correlation, unusual_subjects
from analysis.opinion.subjects import SubjectModel, fit_subject_model
from analysis.ratings import CONTROLS, Ratings
from analysis.resampling.rating_draws import rating_scores, student_intervals
from analysis.resampling.two_way import TWO_WAY, Sampling
from analysis.scores import standing

Array = NDArray[Any]


def rating_summary(
    ratings: Ratings,
    *,
    reference: str | None = None,
    remove_bias: bool = False,
    deviation: Deviation = "sample",
    own_mean: bool = False,
    sampling: Sampling = TWO_WAY,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Everything of a table of ratings, ready for JSON.

    Parameters
    ----------
    ratings : Ratings
    reference : str, optional
        The team that is the hidden reference: adds difference scores (DMOS). It is not ranked, nor are teams
        called reference and anchor.
    remove_bias : bool
        Take each judge's bias off first, as P.913 does; screening, too. Agreement and the model are of the
        scores as given.
    deviation, own_mean
        As in `analysis.opinion.screening`.
    sampling : Sampling
    rng : numpy.random.Generator
    """
    used = ratings.without_bias() if remove_bias else ratings
    against = used.against(reference) if reference else None
    model, undefined = _model(ratings)
    for_mos, for_dmos = rng.spawn(2)
    hidden = {*CONTROLS, reference}
    teams, drawn = _teams(used, model, ratings, sampling, for_mos, hidden)
    if against is not None:
        found, _ = _teams(against, None, against, sampling, for_dmos, hidden)
        teams["teams"] = _beside(teams["teams"], {row["team"]: row for row in found["teams"]})
    return {
        "n_scores": ratings.size,
        "n_judges": len(ratings.judges),
        "n_images": len(ratings.images),
        "n_stimuli": len(ratings.stimuli),
        "scale": list(ratings.scale),
        "simulated": ratings.simulated,
        "bias_removed": remove_bias,
        "reference": reference,
        "deviation": deviation,
        "correlated_with": "all" if own_mean else "others",
        "level": sampling.level,
        "resampled": sampling.resample,
        "draws": drawn,
        "teams": teams["teams"],
        "p_rank": teams["p_rank"],
        "tie_groups": teams["tie_groups"],
        "stimuli": _stimuli(used, against, ratings, model),
        "sos_alpha": _sos(ratings),
        "judges": _judges(used, ratings, model, deviation, own=own_mean),
        "agreement": rating_measures(ratings),
        "model": _fit_of(model),
        "model_undefined": undefined,
    }


def _teams(
    ratings: Ratings,
    model: SubjectModel | None,
    modelled: Ratings,
    sampling: Sampling,
    rng: np.random.Generator,
    hidden: Collection[str | None],
) -> tuple[dict[str, Any], int]:
    """Rows of the teams, best first, then of those that are not ranked: the hidden reference and anchor."""
    scores, se = rating_scores(ratings, sampling=sampling, rng=rng)
    asked = np.array([team not in hidden for team in scores.teams])
    found = standing(scores.part(asked), level=sampling.level)
    unranked = standing(scores.part(~asked), level=sampling.level)["teams"] if not asked.all() else []
    empty = dict.fromkeys(("rank", "p_first", "rank_low", "rank_high")) | {"tie_groups": ""}
    found["teams"] += [row | empty for row in unranked]
    apart = student_intervals(ratings, level=sampling.level)
    place = {str(team): code for code, team in enumerate(ratings.teams)}
    quality = _by_team(modelled, model.quality) if model else None
    given = np.bincount(ratings.team, minlength=len(place))
    for row in found["teams"]:
        t = place[row["team"]]
        row |= {
            "se": float(se[t]),
            "student_low": float(apart[t, 0]),
            "student_high": float(apart[t, 1]),
            "quality": float(quality[t]) if quality is not None else None,
            "scores": int(given[t]),
        }
    return found, len(scores.draws)


def _by_team(ratings: Ratings, values: Array) -> Array:
    """The mean over its images of a value of each stimulus."""
    team = ratings.stimuli[:, 1]
    return np.bincount(team, values) / np.bincount(team)


def _beside(rows: list[dict[str, Any]], differences: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of teams with their difference scores; the reference has none."""
    for row in rows:
        found = differences.get(row["team"], {})
        row |= {
            "dmos": found.get("mos"),
            "dmos_low": found.get("low"),
            "dmos_high": found.get("high"),
            "dmos_rank": found.get("rank"),
        }
    return rows


def _stimuli(
    ratings: Ratings, against: Ratings | None, given: Ratings, model: SubjectModel | None
) -> list[dict[str, Any]]:
    found, ours = _moments(ratings), ratings.stimuli
    difference = {}
    if against is not None:
        moments = _moments(against)
        names = [(against.images[i], against.teams[t]) for i, t in against.stimuli]
        difference = {
            name: {key: float(moments[key][k]) for key in ("mos", "low", "high")}
            for k, name in enumerate(names)
        }
    rows = []
    for k, (image, team) in enumerate(ours):
        row: dict[str, Any] = {"image": str(ratings.images[image]), "team": str(ratings.teams[team])}
        row |= {key: float(values[k]) for key, values in found.items()} | {"n": int(found["n"][k])}
        if against is not None:
            other = difference.get((ratings.images[image], ratings.teams[team]), {})
            row |= {
                f"d{key}" if key == "mos" else f"dmos_{key}": other.get(key) for key in ("mos", "low", "high")
            }
        row["quality"] = float(model.quality[k]) if model else None
        row["quality_se"] = float(model.quality_se[k]) if model else None
        rows.append(row)
    return rows


def _moments(ratings: Ratings) -> dict[str, Array]:
    found = mean_opinion(ratings.matrix)
    return {
        "mos": found.mos,
        "low": found.mos - found.half_width,
        "high": found.mos + found.half_width,
        "sd": found.sd,
        "n": found.n,
    }


def _sos(ratings: Ratings) -> float:
    return sos_alpha(ratings.matrix, lowest=ratings.scale[0], highest=ratings.scale[1])


def _judges(
    used: Ratings, given: Ratings, model: SubjectModel | None, deviation: Deviation, *, own: bool
) -> list[dict[str, Any]]:
    scores = used.matrix
    screening, correlation = bt500_screening(scores, deviation=deviation), mos_correlation(scores, own=own)
    unusual = unusual_subjects(model) if model else np.zeros(len(scores), dtype=bool)
    count = np.bincount(given.judge, minlength=len(scores))
    return [
        {
            "judge": str(name),
            "scores": int(count[s]),
            "correlation": float(correlation[s]),
            "above": int(screening.above[s]),
            "below": int(screening.below[s]),
            "bt500_rejected": bool(screening.rejected[s]),
            "bias": float(model.bias[s]) if model else None,
            "inconsistency": float(model.inconsistency[s]) if model else None,
            "unusual": bool(unusual[s]) if model else None,
        }
        for s, name in enumerate(given.judges)
    ]


def _model(ratings: Ratings) -> tuple[SubjectModel | None, str | None]:
    """The model of subjects, or why it cannot be fitted."""
    try:
        return fit_subject_model(ratings.matrix), None
    except AnalysisError as error:
        return None, str(error)


def _fit_of(model: SubjectModel | None) -> dict[str, Any] | None:
    return model and {name: getattr(model, name) for name in ("loglik", "parameters", "aic", "bic", "steps")}
