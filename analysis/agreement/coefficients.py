"""Coefficients besides the headline measures, for readers who know another one: values, errors, intervals."""

from collections.abc import Callable
from typing import Any

import numpy as np

from analysis.agreement.alpha import Level
from analysis.agreement.blocks import Block
from analysis.agreement.icc import FORMS, intraclass_correlations
from analysis.agreement.intervals import estimate_all
from analysis.agreement.measures import alpha_statistic
from analysis.agreement.raters import (
    Coefficient,
    brennan_prediger_weighted,
    conger_kappa,
    fleiss_weighted,
    gwet_ac2,
)
from analysis.errors import AnalysisError
from analysis.votes import BallotArrays

MOST_CELLS = 4_000_000
ALPHAS: tuple[Level, ...] = ("nominal", "interval", "ratio")
LABELS = {
    "fleiss_kappa_top1_se": "Fleiss' kappa of the first place, with Gwet's standard error",
    "conger_kappa_top1": "Conger's kappa of the first place, where chance uses each judge's own shares",
    "gwet_ac1_top1_all": "Gwet's AC1 of the first place, with every team as a category",
    "gwet_ac1_top1_used": "Gwet's AC1 of the first place, with the teams ever put first as categories",
    "brennan_prediger_top1_se": "Brennan and Prediger's coefficient of the first place, all teams",
    "gwet_ac2_ranks": "Gwet's AC2 of the mid-ranks, ordinal weights; units (image, team)",
    **{form: f"intraclass correlation {form[4:]} of the mid-ranks; units (image, team)" for form in FORMS},
}


def coefficients(ballots: BallotArrays, blocks: list[Block]) -> dict[str, dict[str, Any]]:
    """Compute the further coefficients of a study.

    Parameters
    ----------
    ballots
        The votes.
    blocks
        The same ballots by image.

    Returns
    -------
    dict
        By name {label, value, se, ci, undefined}: `krippendorff_alpha_` nominal, interval, ratio (interval of
        the jackknife over images, no se), then those of `LABELS`. Standard errors take images, or candidates,
        as the sample and the judges as given.
    """
    found = estimate_all(
        {f"krippendorff_alpha_{level}": alpha_statistic(blocks, level)[1] for level in ALPHAS}
    )
    rows = {
        name: _row(f"Krippendorff's alpha of the mid-ranks, {name.rsplit('_', 1)[1]}", e.value, None, e.ci)
        | {"undefined": e.undefined or e.ci_undefined}
        for name, e in found.items()
    }
    judges, images, teams = len(ballots.judges), len(ballots.images), len(ballots.teams)
    if judges * images * teams > MOST_CELLS:
        reason = (
            f"{judges} judges x {images} images x {teams} teams: only computed up to {MOST_CELLS:,} cells"
        )
        return rows | {name: _row(label) | {"undefined": reason} for name, label in LABELS.items()}
    return rows | _first_places(ballots, blocks) | _ranks(ballots, blocks)


def _first_places(ballots: BallotArrays, blocks: list[Block]) -> dict[str, dict[str, Any]]:
    first = np.full((len(ballots.judges), len(ballots.images)), np.nan)
    for block in blocks:
        best = np.nanargmin(block.ranks, axis=1)
        alone = np.nanmin(block.ranks, axis=1) == 1  # a first place that is shared is nobody's
        first[block.judge[alone], block.image] = block.team[best[alone]]
    teams = np.arange(len(ballots.teams))
    some = ~np.isnan(first).all(axis=1)
    kinds: dict[str, Callable[[], Coefficient]] = {
        "fleiss_kappa_top1_se": lambda: fleiss_weighted(first),
        "conger_kappa_top1": lambda: conger_kappa(first[some]),
        "gwet_ac1_top1_all": lambda: gwet_ac2(first, categories=teams),
        "gwet_ac1_top1_used": lambda: gwet_ac2(first),
        "brennan_prediger_top1_se": lambda: brennan_prediger_weighted(first, categories=teams),
    }
    return {name: _coefficient(LABELS[name], compute) for name, compute in kinds.items()}


def _ranks(ballots: BallotArrays, blocks: list[Block]) -> dict[str, dict[str, Any]]:
    ranks = np.full((len(ballots.judges), len(ballots.images), len(ballots.teams)), np.nan)
    for block in blocks:
        ranks[block.judge[:, None], block.image, block.team] = block.ranks
    ranks = ranks.reshape(len(ranks), -1)
    ranks = ranks[:, ~np.isnan(ranks).all(axis=0)]
    name = "gwet_ac2_ranks"
    rows = {name: _coefficient(LABELS[name], lambda: gwet_ac2(ranks, weights="ordinal"))}
    try:
        correlations = intraclass_correlations(ranks)
    except AnalysisError as error:
        return rows | {form: _row(LABELS[form]) | {"undefined": str(error)} for form in FORMS}
    return rows | {
        form: _row(LABELS[form], c.value, None, (c.low, c.high)) for form, c in correlations.items()
    }


def _coefficient(label: str, compute: Callable[[], Coefficient]) -> dict[str, Any]:
    try:
        found = compute()
    except AnalysisError as error:
        return _row(label) | {"undefined": str(error)}
    if np.isnan(found.value):
        return _row(label) | {"undefined": "all ratings are the same, so chance agreement is perfect too"}
    return _row(label, found.value, found.se, (found.low, found.high))


def _row(
    label: str,
    value: float | None = None,
    se: float | None = None,
    ci: tuple[float, float] | None = None,
) -> dict[str, Any]:
    known = ci is not None and not np.isnan(ci).any()
    se = None if se is None or np.isnan(se) else se
    return {
        "label": label,
        "value": value,
        "se": se,
        "ci": list(ci) if ci and known else None,
        "undefined": None,
    }
