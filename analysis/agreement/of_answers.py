"""Agreement of judges who compared pairs or rated: every coefficient for such answers, as rows."""

from collections.abc import Callable
from typing import Any

import numpy as np

from analysis.agreement.alpha import LEVELS, Level, alpha_of_rows
from analysis.agreement.comparisons import pair_agreement
from analysis.agreement.icc import intraclass_correlations
from analysis.agreement.raters import (
    Coefficient,
    Weighting,
    brennan_prediger_weighted,
    conger_kappa,
    fleiss_weighted,
    gwet_ac2,
)
from analysis.errors import AnalysisError
from analysis.pairs import Pairs
from analysis.ratings import Ratings
from analysis.screening.consistency import U_NEEDS, kendall_u

COEFFICIENTS = {
    "fleiss": fleiss_weighted,
    "conger": conger_kappa,
    "gwet_ac": gwet_ac2,
    "brennan_prediger": brennan_prediger_weighted,
}
_MOST_DENSE = 4_000_000  # cells up to which coefficients of all raters and categories are worked out


def pair_measures(pairs: Pairs) -> list[dict[str, Any]]:
    """Answers to the same pair of an image, and Kendall's u, each with why it is undefined."""
    rows = []
    for name, estimate in pair_agreement(pairs).items():
        found = estimate.as_dict()
        low, high = found["ci"] or (None, None)
        row = {"coefficient": name, "value": found["value"], "low": low, "high": high}
        undefined = found["undefined"] or found["ci_undefined"]
        rows.append(row | {"chance": found["chance"], "undefined": undefined})
    return [*rows, _kendall(pairs)]


def _kendall(pairs: Pairs) -> dict[str, Any]:
    row = {"coefficient": "kendall_u", "value": None, "low": None, "high": None, "chance": 0.0}
    if (pairs.outcome == 0.5).any():  # halves can add up to whole numbers
        return row | {"undefined": U_NEEDS}
    try:
        return row | {"value": kendall_u(pairs.wins_by_image).u, "undefined": None}
    except AnalysisError as error:
        return row | {"undefined": str(error)}


def rating_measures(ratings: Ratings) -> list[dict[str, Any]]:
    """Every coefficient with standard error and interval as far as available, or why there is none.

    The hidden reference and anchor are left out: they are easy to agree on, and nobody ranks them.
    """
    ratings = ratings.of_teams
    kinds: tuple[Weighting, ...] = ("identity", "ordinal", "quadratic")
    rows = [_row(f"alpha_{level}", lambda level=level: _alpha(ratings, level)) for level in LEVELS]
    if len(ratings.judges) * len(ratings.stimuli) > _MOST_DENSE:
        return [*rows, _empty("others", "too many judges and stimuli for coefficients of all raters")]
    scores = ratings.matrix
    rows += [
        _row(f"{name}_{kind}", lambda c=coefficient, k=kind: c(scores, weights=k))
        for name, coefficient in COEFFICIENTS.items()
        for kind in kinds
    ]
    try:
        correlations = intraclass_correlations(scores)
    except AnalysisError as error:
        return [*rows, _empty("icc", str(error))]
    return rows + [
        {"coefficient": form, "value": c.value, "se": None, "low": c.low, "high": c.high, "undefined": None}
        for form, c in correlations.items()
    ]


def _row(name: str, compute: Callable[[], Coefficient]) -> dict[str, Any]:
    try:
        found = compute()
    except AnalysisError as error:
        return _empty(name, str(error))
    if np.isnan(found.value):
        return _empty(name, "all scores are the same, or no stimulus has two")
    return {
        "coefficient": name,
        "value": found.value,
        "se": found.se,
        "low": found.low,
        "high": found.high,
        "undefined": None,
    }


def _alpha(ratings: Ratings, level: Level) -> Coefficient:
    return Coefficient(alpha_of_rows(ratings.stimulus, ratings.score, level=level), np.nan, np.nan, np.nan)


def _empty(name: str, reason: str) -> dict[str, Any]:
    return {"coefficient": name, "value": None, "se": None, "low": None, "high": None, "undefined": reason}
