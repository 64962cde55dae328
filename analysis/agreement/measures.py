"""Every measure of agreement: per ballot, per image, and as sums from which intervals follow."""

from dataclasses import dataclass

import numpy as np

from analysis.agreement.alpha import Level, alpha_of_coincidences, coincidences, fixed_difference
from analysis.agreement.blocks import Block
from analysis.agreement.images import first_picks
from analysis.agreement.intervals import ImageStatistic, mean_statistic, ratio
from analysis.agreement.kappa import (
    corrected,
    fleiss_chance,
    gwet_chance,
    no_chance,
    pair_agreement,
    uniform_chance,
)
from analysis.agreement.overlap import (
    average_overlap_weights,
    chance_overlap,
    overlap_weights,
    rbo_weights,
    weighted_overlap,
)
from analysis.agreement.pairwise import Embedding, pair_sums, spearman, tau_b
from analysis.amounts import how_many

SAME_PICK = "every first place went to the same team, so chance agreement is perfect too"


@dataclass(frozen=True)
class Measures:
    """Measures by name.

    Attributes
    ----------
    per_ballot
        Mean agreement of each ballot with the others on its image, shape (B,); NaN where undefined.
    per_image
        Shape (I,); NaN where undefined.
    statistics
        The study's value as a function of sums over images.
    """

    per_ballot: dict[str, np.ndarray]
    per_image: dict[str, np.ndarray]
    statistics: dict[str, ImageStatistic]


def measure(blocks: list[Block], teams: int, *, depth: int, rbo_p: float) -> Measures:
    """Compute the measures that compare ballots.

    Parameters
    ----------
    blocks
        The ballots of each image.
    teams
        Number of teams in the study, N.
    depth
        How many places the overlaps look at.
    rbo_p
        Persistence p of the rank-biased overlap.
    """
    measures = Measures({}, {}, {})
    nobody = nothing_to_compare(blocks)
    for name, embedding in {"mean_spearman": spearman, "mean_tau_b": tau_b}.items():
        _add(measures, name, _pairs(blocks, embedding), undefined=nobody, chance=0.0)
    _add_overlaps(measures, blocks, depth, rbo_p)
    _add_alpha(measures, blocks)
    _add_first_place(measures, blocks, teams)
    _add_reliability(measures, blocks)
    return measures


def _add(
    measures: Measures,
    name: str,
    values: tuple[np.ndarray, np.ndarray],
    *,
    undefined: str,
    chance: float | None,
) -> None:
    measures.per_image[name], measures.per_ballot[name] = values
    measures.statistics[name] = mean_statistic(values[0], undefined, chance)


def _add_overlaps(measures: Measures, blocks: list[Block], depth: int, p: float) -> None:
    short = f"no two ballots on the same image list {how_many(depth, 'places')}"
    weights = overlap_weights(depth)
    raw, chance = (_pairs(blocks, embed(weights)) for embed in (weighted_overlap, chance_overlap))
    values = (corrected(raw[0], chance[0]), corrected(raw[1], chance[1]))
    everything = short if np.isnan(raw[0]).all() else f"every list of {depth} contains all the teams"
    _add(measures, "top3_overlap", values, undefined=everything, chance=0.0)
    for name, weights in {
        "average_overlap": average_overlap_weights(depth),
        "rbo_ext": rbo_weights(depth, p),
    }.items():
        expected, _ = _pairs(blocks, chance_overlap(weights))
        values = _pairs(blocks, weighted_overlap(weights))
        _add(measures, name, values, undefined=short, chance=_mean(expected))


def _add_alpha(measures: Measures, blocks: list[Block]) -> None:
    per_image, statistic = alpha_statistic(blocks, "ordinal")
    measures.per_image["krippendorff_alpha_ordinal"] = per_image
    measures.statistics["krippendorff_alpha_ordinal"] = statistic


def alpha_statistic(blocks: list[Block], level: Level) -> tuple[np.ndarray, ImageStatistic]:
    """Krippendorff's alpha of the mid-ranks at a level, of each image (I,) and of all."""
    levels = np.unique(np.concatenate([np.unique(block.ranks[block.shown]) for block in blocks]))
    matrices = np.stack([coincidences(block.ranks, levels) for block in blocks])
    difference = fixed_difference(levels, level)

    def alpha(total: np.ndarray) -> np.ndarray:
        return alpha_of_coincidences(total.reshape(*total.shape[:-1], len(levels), len(levels)), difference)

    undefined = nothing_to_compare(blocks) if not matrices.any() else "all candidates got the same rank"
    sums = matrices.reshape(len(blocks), -1)
    return alpha_of_coincidences(matrices, difference), ImageStatistic(sums, alpha, undefined, 0.0)


def _add_first_place(measures: Measures, blocks: list[Block], teams: int) -> None:
    counts = first_picks(blocks, teams)
    same, judges = pair_agreement(counts), counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, judges, out=np.zeros_like(counts), where=judges > 0)
    defined = ~np.isnan(same)
    sums = np.column_stack([np.where(defined, same, 0.0), defined, judges > 0, shares])
    _, of_ballot = _pairs(blocks, weighted_overlap(np.ones(1)))
    kinds = {
        "percent_top1": no_chance,
        "brennan_prediger_top1": uniform_chance,
        "fleiss_kappa_top1": fleiss_chance,
        "gwet_ac1_top1": gwet_chance,
    }
    for name, chance in kinds.items():

        def kappa(total: np.ndarray, chance=chance) -> np.ndarray:
            return corrected(ratio(total[..., 0], total[..., 1]), chance(total[..., 3:] / total[..., 2:3]))

        expected = chance(sums[:, 3:].sum(axis=0) / sums[:, 2].sum())
        measures.per_image[name] = corrected(same, expected)
        measures.per_ballot[name] = corrected(of_ballot, expected)
        undefined = SAME_PICK if defined.any() else nothing_to_compare(blocks)
        by_chance = 1 / teams if name == "percent_top1" else 0.0
        measures.statistics[name] = ImageStatistic(sums, kappa, undefined, by_chance)


def _add_reliability(measures: Measures, blocks: list[Block]) -> None:
    """Spearman-Brown: how well the mean of as many judges would agree with the mean of another such panel."""
    rho = measures.per_image["mean_spearman"]
    defined = ~np.isnan(rho)
    judges = np.array([len(block.ballot) for block in blocks])
    sums = np.column_stack([np.where(defined, rho, 0.0), np.where(defined, judges, 0), defined])

    def reliability(total: np.ndarray) -> np.ndarray:
        return spearman_brown(ratio(total[..., 0], total[..., 2]), ratio(total[..., 1], total[..., 2]))

    undefined = (
        "judges disagree as much as they possibly can" if defined.any() else nothing_to_compare(blocks)
    )
    measures.per_image["panel_reliability"] = spearman_brown(rho, judges)
    measures.statistics["panel_reliability"] = ImageStatistic(sums, reliability, undefined, 0.0)


def nothing_to_compare(blocks: list[Block]) -> str:
    """Why no agreement is defined, for such a study."""
    if max(len(block.ballot) for block in blocks) < 2:
        return "no image has two judges"
    return "no image has two ballots that tell teams apart"


def spearman_brown(r: np.ndarray, judges: np.ndarray) -> np.ndarray:
    """Reliability of the mean of m judges, m r / (1 + (m - 1) r), from their mean correlation r.

    >>> spearman_brown(np.array([0.3]), np.array([15])).round(3)
    array([0.865])
    """
    r, judges = np.asarray(r, dtype=float), np.asarray(judges, dtype=float)
    return ratio(judges * r, 1 + (judges - 1) * r)


def _pairs(blocks: list[Block], embedding: Embedding) -> tuple[np.ndarray, np.ndarray]:
    """Mean over the pairs of each image (I,), and of each ballot with the others (B,)."""
    of_ballot = np.full(sum(len(block.ballot) for block in blocks), np.nan)
    value = np.empty(len(blocks))
    for index, block in enumerate(blocks):
        sums = pair_sums(block, embedding)
        value[index], of_ballot[block.ballot] = sums.mean, sums.per_ballot
    return value, of_ballot


def _mean(values: np.ndarray) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None
