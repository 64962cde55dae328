"""Everything about the agreement of a study, ready for JSON."""

from typing import Any

import numpy as np

from analysis.agreement.blocks import Block, blocks
from analysis.agreement.coefficients import coefficients
from analysis.agreement.concordance import WTest, concordance_test
from analysis.agreement.intervals import Estimate, estimate_all, mean_statistic
from analysis.agreement.measures import Measures, measure, nothing_to_compare
from analysis.agreement.rows import differences, image_table, judge_table, matrix_table, number
from analysis.agreement.trial_order import session_drift
from analysis.votes import Votes

DEPTH = 3
MEASURES = {
    "kendall_w": "Kendall's W, corrected for ties, mean over images",
    "mean_spearman": "Spearman correlation, mean over pairs of judges, then images",
    "mean_tau_b": "Kendall's tau-b, mean over pairs of judges, then images",
    "krippendorff_alpha_ordinal": "Krippendorff's alpha, ordinal; units (image, team), values mid-ranks",
    "percent_top1": "share of pairs of judges with the same first place",
    "brennan_prediger_top1": "Brennan and Prediger's coefficient of the first place",
    "fleiss_kappa_top1": "Fleiss' kappa of the first place",
    "gwet_ac1_top1": "Gwet's AC1 of the first place",
    "top3_overlap": "overlap of the listed places, corrected for chance",
    "average_overlap": "average overlap of the listed places",
    "rbo_ext": "rank-biased overlap, extrapolated",
    "panel_reliability": "Spearman-Brown reliability of the mean of the panel",
}


def agreement_summary(
    votes: Votes,
    *,
    rng: np.random.Generator,
    permutations: int = 9999,
    rbo_p: float = 0.9,
) -> dict[str, Any]:
    """Measure how far the judges agree.

    Parameters
    ----------
    votes
        Only main trials count.
    rng
        Source of random numbers.
    permutations
        Random permutations for the tests against chance.
    rbo_p
        Persistence of the rank-biased overlap, in (0, 1).

    Returns
    -------
    dict
        For each name in `MEASURES` a dictionary with value, ci, undefined (the reason, or None),
        ci_undefined, chance and, except for kendall_w, per_image {image: value or None}; kendall_w has p, and
        per_image {image: {value, p, judges}}. `judges` and `images` are lists of rows; `judge_matrix` the
        mean Spearman correlation of every two judges in clustered order; `drift` the change of agreement over
        the session; `differences` the tests whether the teams differ at all;
        `coefficients` further coefficients by name (see `analysis.agreement.coefficients`).

    Raises
    ------
    AnalysisError
        If no ballot counts.
    """
    ballots = votes.ballots
    parts = list(blocks(ballots))
    depth = min(DEPTH, ballots.places)
    concordance = concordance_test(parts, permutations=permutations, rng=rng)
    measures = measure(parts, len(ballots.teams), depth=depth, rbo_p=rbo_p)
    w = mean_statistic(concordance.observed, nothing_to_compare(parts), number(concordance.chance))
    statistics = {"kendall_w": w}
    estimates = estimate_all(statistics | measures.statistics)
    judges = judge_table(ballots, parts, measures, concordance, permutations=permutations, rng=rng)
    return {
        "n_judges": len(ballots.judges),
        "n_images": len(ballots.images),
        "n_teams": len(ballots.teams),
        "n_ballots": ballots.size,
        "simulated": votes.simulated,
        "method": _method(permutations),
        "permutations": permutations,
        "depth": depth,
        "rbo_p": rbo_p,
        **_measures(estimates, measures, concordance, parts, ballots.images),
        "judges": judges,
        "images": image_table(ballots, parts, measures, concordance),
        "judge_matrix": matrix_table(parts, ballots.judges),
        "drift": session_drift(measures.per_ballot["mean_spearman"], votes),
        "differences": differences(ballots),
        "coefficients": coefficients(ballots, parts),
    }


def _measures(
    estimates: dict[str, Estimate], measures: Measures, test: WTest, parts: list[Block], images: np.ndarray
) -> dict[str, dict]:
    found = {"kendall_w": estimates["kendall_w"].as_dict()}
    found["kendall_w"] |= {"p": number(test.p_mean), "per_image": _w_per_image(test, parts, images)}
    for name in MEASURES:
        if name not in found:
            values = measures.per_image[name]
            per_image = {str(image): number(value) for image, value in zip(images, values, strict=True)}
            found[name] = estimates[name].as_dict() | {"per_image": per_image}
    return {name: {"label": label, **found[name]} for name, label in MEASURES.items()}


def _w_per_image(test: WTest, parts: list[Block], images: np.ndarray) -> dict[str, dict]:
    rows = zip(images, test.observed, test.p, parts, strict=True)
    return {
        str(image): {"value": number(value), "p": number(p), "judges": len(part.ballot)}
        for image, value, p, part in rows
    }


def _method(permutations: int) -> str:
    return (
        "intervals: 95 % t intervals of the jackknife over the images; "
        f"p: {permutations} permutations of the teams within each ballot, (1 + #>=)/(B + 1)"
    )
