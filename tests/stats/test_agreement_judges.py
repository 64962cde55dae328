"""Judges: leave-one-out, the matrix and its order, drift over the session."""

import numpy as np
import pytest
from scipy.stats import norm, spearmanr

from analysis.agreement.blocks import blocks
from analysis.agreement.drift import drift
from analysis.agreement.judges import directions, leave_one_out
from analysis.agreement.matrix import cluster_order, judge_matrix
from analysis.planning.simulation import simulate_ranks, simulated_votes
from analysis.votes import validate_votes

QUALITY = np.linspace(0, 2.5, 9)


def panel(judges=6, images=12, seed=0):
    return simulate_ranks(QUALITY, judges=judges, images=images, rng=np.random.default_rng(seed))[0]


def arrays(rank):
    return validate_votes(simulated_votes(rank, rng=np.random.default_rng(0))).ballots


def against_the_rest(rank, **options):
    options = {"permutations": 999, "rng": np.random.default_rng(0)} | options
    return leave_one_out(blocks(arrays(rank)), len(rank), **options)


def test_leave_one_out_is_spearman_with_the_sum_of_the_others():
    rank = panel()
    expected = []
    for block in blocks(arrays(rank)):
        others = block.ranks.sum(axis=0) - block.ranks
        expected.append(
            [spearmanr(own, rest).statistic for own, rest in zip(block.ranks, others, strict=True)]
        )
    found = [judge.value for judge in against_the_rest(rank)]
    np.testing.assert_allclose(found, np.mean(expected, axis=0), atol=1e-12)


def test_a_judge_without_some_images_is_measured_on_the_rest():
    rank = panel()
    rank[2, 4:] = -1
    result = against_the_rest(rank)
    assert [judge.images for judge in result] == [12, 12, 4, 12, 12, 12]
    alone = against_the_rest(rank[:, :4])
    assert result[2].value == pytest.approx(alone[2].value, abs=1e-12)


def test_a_team_that_only_one_side_saw_does_not_count():
    rank = panel(judges=3, images=1)
    rank[1:, 0, rank[0, 0] == 0] = -1  # the others saw only what judge 0 placed
    rank[1, 0, rank[0, 0] > 0] = rank[2, 0, rank[0, 0] > 0] = [1, 2, 3]
    block = next(blocks(arrays(rank)))
    own = rank[0, 0][rank[0, 0] > 0]
    assert directions(block).correlation[0] == pytest.approx(spearmanr(own, [1, 2, 3]).statistic)


def test_a_judge_at_random_stays_below_the_quantile_and_an_honest_one_does_not():
    rank = panel(judges=8, images=30)
    rank[3] = np.random.default_rng(9).permuted(rank[3], axis=-1)
    result = against_the_rest(rank)
    assert result[3].value < result[3].q99
    assert result[3].p > 0.01
    assert all(
        judge.value > judge.q99 and judge.p == 0.001 for index, judge in enumerate(result) if index != 3
    )


def test_a_contrarian_is_far_below_zero():
    rank = panel(judges=8, images=20)
    worst = np.argsort(QUALITY)[:3]
    rank[0] = 0
    rank[0, :, worst] = np.array([1, 2, 3])[:, None]
    result = against_the_rest(rank)[0]
    assert result.value < -0.3
    assert result.ci[1] < 0


def test_the_quantile_is_that_of_permuted_ballots():
    """A correlation of permuted ranks has variance 1/(N - 1) exactly, so the mean of I images is known."""
    result = against_the_rest(panel(images=25), permutations=20_000)
    assert result[0].q99 == pytest.approx(norm.ppf(0.99) / np.sqrt(25 * (len(QUALITY) - 1)), rel=0.05)


def test_a_judge_alone_has_no_value():
    result = against_the_rest(panel(judges=1))[0]
    assert np.isnan(result.value)
    assert result.ci is None
    assert result.images == 0


def test_the_matrix_holds_the_mean_correlation_of_every_two_judges():
    rank = panel(judges=4, images=5)
    rank[3, 1:] = -1
    matrix = judge_matrix(blocks(arrays(rank)), 4)
    ranks = [block.ranks for block in blocks(arrays(rank))]
    assert matrix[0, 1] == pytest.approx(np.mean([spearmanr(one[0], one[1]).statistic for one in ranks]))
    assert matrix[3, 2] == matrix[2, 3] == pytest.approx(spearmanr(ranks[0][3], ranks[0][2]).statistic)


def test_judges_who_share_no_image_have_no_entry_and_are_still_ordered():
    rank = panel(judges=4, images=4)
    rank[0, :2] = rank[1, 2:] = -1
    matrix = judge_matrix(blocks(arrays(rank)), 4)
    assert np.isnan(matrix[0, 1])
    assert sorted(cluster_order(matrix)) == [0, 1, 2, 3]


def test_judges_of_one_school_stand_together():
    school = np.array([0, 1, 0, 1, 0, 1, 1])
    matrix = np.where(school[:, None] == school, 0.8, 0.1) + 0.2 * np.eye(7)
    assert np.abs(np.diff(school[cluster_order(matrix)])).sum() == 1


def test_drift_finds_a_change_and_is_quiet_without_one():
    rng = np.random.default_rng(3)
    judge, position = np.repeat(np.arange(15), 50), np.tile(np.arange(1, 51), 15)
    noise = rng.normal(0, 0.3, 750)
    tiring = drift(0.4 - 0.005 * position + noise, position, judge)
    assert tiring.slope == pytest.approx(-0.05, abs=0.02)
    assert tiring.p < 0.001
    assert tiring.quarters[0] > tiring.quarters[3]
    assert drift(0.4 + noise, position, judge).p > 0.05


def test_the_drift_test_rejects_as_often_as_it_says():
    rng = np.random.default_rng(5)
    judge, position = np.repeat(np.arange(4), 12), np.tile(np.arange(12.0), 4)
    p = np.array([drift(rng.exponential(size=48), position, judge).p for _ in range(1000)])
    assert (p < 0.05).mean() == pytest.approx(0.05, abs=0.025)


@pytest.mark.parametrize(
    ("agreement", "position"), [([0.1, 0.2], [np.nan, np.nan]), ([0.3, 0.3], [1, 2]), ([0.1, 0.2], [1, 1])]
)
def test_there_is_no_drift_without_change(agreement, position):
    assert drift(np.array(agreement), np.array(position, dtype=float), np.zeros(2, dtype=int)) is None
