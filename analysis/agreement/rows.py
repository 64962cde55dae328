"""The rows of the agreement tables: judges, images, the matrix of judges, differences between teams."""

from dataclasses import asdict
from typing import Any

import numpy as np

from analysis.agreement.alpha import alpha_of_coincidences, coincidences
from analysis.agreement.blocks import Block
from analysis.agreement.concordance import WTest, w_of_deviations
from analysis.agreement.friedman import (
    friedman,
    nemenyi_difference,
    nemenyi_groups,
    nemenyi_p,
    skillings_mack,
)
from analysis.agreement.images import false_discovery, first_margin, points_entropy
from analysis.agreement.judges import leave_one_out
from analysis.agreement.matrix import MAX_JUDGES, cluster_order, judge_matrix
from analysis.agreement.measures import Measures
from analysis.errors import AnalysisError
from analysis.points import image_points
from analysis.votes import BallotArrays

OF_JUDGES = (
    "mean_spearman",
    "mean_tau_b",
    "percent_top1",
    "brennan_prediger_top1",
    "fleiss_kappa_top1",
    "gwet_ac1_top1",
    "top3_overlap",
    "average_overlap",
    "rbo_ext",
)


def number(value: float) -> float | None:
    """A float for JSON; None for NaN."""
    return None if value is None or np.isnan(value) else float(value)


def judge_table(
    ballots: BallotArrays,
    parts: list[Block],
    measures: Measures,
    test: WTest,
    *,
    permutations: int,
    rng: np.random.Generator,
) -> list[dict[str, Any]]:
    """One row for each judge: agreement with the rest and with each other judge, and the panel without."""
    loo = leave_one_out(parts, len(ballots.judges), permutations=permutations, rng=rng)
    means = {name: _mean_by(measures.per_ballot[name], ballots.judge, len(loo)) for name in OF_JUDGES}
    w_without, alpha_without = _without(parts, len(loo), test)
    images = np.bincount(ballots.judge, minlength=len(loo))
    return [
        {
            "judge": str(judge),
            "images": int(images[code]),
            "loo_spearman": number(own.value),
            "loo_ci": list(own.ci) if own.ci else None,
            "loo_p": number(own.p),
            "loo_q99": number(own.q99),
            "undefined": None if own.images else "there is no image on which the ranks of both sides differ",
            **{name: number(values[code]) for name, values in means.items()},
            "kendall_w_without": number(w_without[code]),
            "alpha_without": number(alpha_without[code]),
        }
        for code, (judge, own) in enumerate(zip(ballots.judges, loo, strict=True))
    ]


def image_table(
    ballots: BallotArrays, parts: list[Block], measures: Measures, test: WTest
) -> list[dict[str, Any]]:
    """One row for each image: agreement, and how far it tells the teams apart."""
    points = _points(ballots)
    columns = {
        "kendall_w": test.observed,
        "p": test.p,
        "p_adjusted": false_discovery(test.p),
        "points_entropy": points_entropy(points),
        "margin": first_margin(points),
    } | measures.per_image
    best = np.nanargmax(points, axis=1)
    return [
        {
            "image": str(image),
            "judges": len(parts[code].ballot),
            "leader": str(ballots.teams[best[code]]) if columns["margin"][code] > 0 else None,
            **{name: number(values[code]) for name, values in columns.items()},
        }
        for code, image in enumerate(ballots.images)
    ]


def matrix_table(parts: list[Block], judges: np.ndarray) -> dict[str, Any]:
    """The matrix of judges in clustered order: {judges, values, undefined}."""
    if len(judges) > MAX_JUDGES:
        return {
            "judges": [],
            "values": [],
            "undefined": f"{len(judges)} judges; only drawn up to {MAX_JUDGES}",
        }
    matrix = judge_matrix(parts, len(judges))
    order = cluster_order(matrix)
    values = [[number(value) for value in row] for row in matrix[np.ix_(order, order)]]
    return {"judges": [str(judge) for judge in judges[order]], "values": values, "undefined": None}


def differences(ballots: BallotArrays) -> dict[str, Any]:
    """Whether the teams differ at all: Friedman's test on points per image, Nemenyi's critical difference."""
    points = _points(ballots)
    complete = points[~np.isnan(points).any(axis=1)]
    names = [str(team) for team in ballots.teams]
    try:
        found = friedman(complete)
    except AnalysisError as error:
        lacking = len(points) - len(complete)
        left_out = (
            f"{error}; {lacking} of {len(points)} images have no points for some team and were left out"
        )
        undefined = left_out if lacking else str(error)
        return {"images": len(complete), "undefined": undefined} | _incomplete(points)
    difference = nemenyi_difference(found.images, len(names))
    groups = nemenyi_groups(found.mean_ranks, difference)
    return {
        "images": found.images,
        "undefined": None,
        "friedman_chi2": found.chi2,
        "friedman_p": found.p,
        "iman_davenport_f": number(found.f) if np.isfinite(found.f) else None,
        "iman_davenport_p": found.p_f,
        "mean_ranks": dict(zip(names, found.mean_ranks.tolist(), strict=True)),
        "nemenyi_cd": difference,
        "nemenyi_p": {"teams": names, "values": nemenyi_p(found.mean_ranks, found.images).tolist()},
        "nemenyi_groups": [[names[team] for team in group] for group in groups],
    } | _incomplete(points)


def _incomplete(points: np.ndarray) -> dict[str, Any]:
    """The test for images that lack teams, which Friedman's leaves out; None where no image lacks any."""
    if not np.isnan(points).any():
        return {"skillings_mack": None}
    try:
        found = skillings_mack(points)
    except AnalysisError as error:
        return {"skillings_mack": {"undefined": str(error)}}
    return {"skillings_mack": asdict(found) | {"undefined": None}}


def _points(ballots: BallotArrays) -> np.ndarray:
    """Mean points of every team on every image, k for the first of k places (3, 2, 1 for top 3)."""
    return image_points(ballots, points=range(ballots.places, 0, -1))


def _mean_by(values: np.ndarray, code: np.ndarray, size: int) -> np.ndarray:
    known = ~np.isnan(values)
    total = np.bincount(code, np.where(known, values, 0.0), minlength=size)
    count = np.bincount(code, known, minlength=size)
    return np.divide(total, count, out=np.full(size, np.nan), where=count > 0)


def _without(parts: list[Block], judges: int, test: WTest) -> tuple[np.ndarray, np.ndarray]:
    """Mean W and alpha of the panel without each judge; NaN for panels too large to try."""
    if judges > MAX_JUDGES:
        return np.full(judges, np.nan), np.full(judges, np.nan)
    levels = np.unique(np.concatenate([np.unique(part.ranks[part.shown]) for part in parts]))
    whole = np.stack([coincidences(part.ranks, levels) for part in parts])
    w = np.tile(test.observed, (judges, 1))
    matrices = np.tile(whole.sum(axis=0), (judges, 1, 1))
    for index, part in enumerate(parts):
        for row, judge in enumerate(part.judge):
            rest = np.delete(np.arange(len(part.judge)), row)
            w[judge, index] = w_of_deviations(part.deviations[rest])
            matrices[judge] += coincidences(part.ranks[rest], levels) - whole[index]
    known = ~np.isnan(w)
    mean_w = np.divide(
        np.where(known, w, 0).sum(axis=1), known.sum(axis=1), out=np.full(judges, np.nan), where=known.any(1)
    )
    return mean_w, alpha_of_coincidences(matrices)
