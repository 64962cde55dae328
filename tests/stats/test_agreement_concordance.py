"""Kendall's W with ties: the peer's numbers, its chance level, its permutation test."""

import numpy as np
import pandas as pd
import pingouin
import pytest
from scipy.stats import chi2, rankdata

from analysis.agreement import kendall_w
from analysis.agreement.blocks import Block, mid_ranks
from analysis.agreement.concordance import concordance_test, permutation_p, w_under_chance
from analysis.agreement.shuffles import shuffles
from analysis.errors import AnalysisError
from analysis.planning.simulation import simulate_ranks


def top3(judges, teams=12, seed=0, quality=None):
    quality = np.linspace(0, 1.5, teams) if quality is None else quality
    rng = np.random.default_rng(seed)
    return mid_ranks(simulate_ranks(quality, judges=judges, images=1, rng=rng)[0, :, 0])


def block(ranks):
    m, n = ranks.shape
    return Block(0, np.arange(m), np.arange(m), np.arange(n), ranks)


def test_mid_ranks_of_a_top_three_are_those_of_scipy():
    places = np.array([[0, 3, 0, 1, 2, 0, 0]])
    np.testing.assert_array_equal(mid_ranks(places)[0], rankdata(np.where(places[0] > 0, places[0], 99)))


@pytest.mark.parametrize("judges", [2, 5, 18])
def test_w_is_the_textbook_formula_with_ties(judges):
    ranks = top3(judges)
    m, n = ranks.shape
    rank_sums = ranks.sum(axis=0)
    ties = m * ((n - 3) ** 3 - (n - 3))
    expected = 12 * ((rank_sums - m * (n + 1) / 2) ** 2).sum() / (m**2 * (n**3 - n) - m * ties)
    assert kendall_w(ranks) == pytest.approx(expected, abs=1e-12)


def test_w_is_pingouins():
    ranks = top3(9)
    peer = pingouin.friedman(pd.DataFrame(ranks))
    assert kendall_w(ranks) == pytest.approx(float(peer["W"].iloc[0]), abs=1e-6)


def test_w_takes_different_ties_in_different_ballots():
    ranks = np.array([rankdata(row) for row in [[1, 2, 3, 4, 5], [1, 1, 2, 2, 3], [2, 1, 1, 1, 1]]])
    m, n = ranks.shape
    ties = sum(((c**3 - c) for row in ranks for c in np.unique(row, return_counts=True)[1]), 0)
    spread = ((ranks.sum(axis=0) - m * (n + 1) / 2) ** 2).sum()
    assert kendall_w(ranks) == pytest.approx(12 * spread / (m**2 * (n**3 - n) - m * ties), abs=1e-12)


def test_unanimity_is_one_and_perfect_opposition_of_two_is_zero():
    ballot = top3(1)[0]
    assert kendall_w(np.tile(ballot, (7, 1))) == pytest.approx(1)
    assert kendall_w(np.array([[1, 2, 3, 4], [4, 3, 2, 1]])) == pytest.approx(0)


@pytest.mark.parametrize("ranks", [[[1.0, 2.0, 3.0]], [[2.0, 2.0, 2.0], [2.0, 2.0, 2.0]], [[1.0], [1.0]]])
def test_w_is_undefined_for_one_judge_or_nothing_told_apart(ranks):
    assert np.isnan(kendall_w(np.array(ranks)))


def test_a_ballot_that_tells_nothing_apart_does_not_count_as_a_judge():
    ranks = top3(4)
    silent = np.full(ranks.shape[1], (ranks.shape[1] + 1) / 2)
    assert kendall_w(np.vstack([ranks, silent])) == pytest.approx(kendall_w(ranks))


def test_a_vector_is_refused():
    with pytest.raises(AnalysisError, match="matrix"):
        kendall_w(np.arange(4))


def test_w_does_not_depend_on_the_order_of_judges_or_teams():
    ranks, rng = top3(6), np.random.default_rng(3)
    shuffled = ranks[rng.permutation(6)][:, rng.permutation(12)]
    assert kendall_w(shuffled) == pytest.approx(kendall_w(ranks), abs=1e-12)


@pytest.mark.parametrize(
    "ranks",
    [
        top3(5),
        np.array(
            [[1.0, 2.0, 3.0], [3.0, 2.0, 1.0], [2.0, 1.0, 3.0]]
        ),  # a team in the very middle, too, must move
        np.array([[1.0, 2.0, 3.5, 3.5, np.nan], [1.0, 2.0, 4.0, 4.0, 4.0], [np.nan, 1.0, 3.0, 3.0, 3.0]]),
    ],
)
def test_the_chance_level_of_w_is_one_over_the_judges_and_not_zero(ranks):
    draws = w_under_chance(block(ranks), 20_000, np.random.default_rng(1))
    assert draws.mean() == pytest.approx(1 / len(ranks), abs=4 * draws.std() / np.sqrt(len(draws)))


def test_permutation_p_is_the_exact_one_where_that_can_be_listed():
    """Two judges naming the best of three agree by chance once in three; W is 1 then, else 1/4."""
    agree = block(np.array([[1, 2.5, 2.5], [1, 2.5, 2.5]]))
    p = concordance_test([agree], permutations=20_000, rng=np.random.default_rng(0)).p[0]
    assert p == pytest.approx(1 / 3, abs=0.015)


def test_permutation_p_agrees_with_chi_square_for_many_judges():
    ranks = top3(15, seed=8, quality=np.linspace(0, 0.9, 12))
    result = concordance_test([block(ranks)], permutations=9999, rng=np.random.default_rng(0))
    assert result.p[0] == pytest.approx(chi2.sf(15 * 11 * result.observed[0], 11), abs=0.02)


def test_p_counts_the_data_among_the_draws_so_that_none_is_zero():
    assert permutation_p(1.0, np.zeros(99)) == 0.01
    assert permutation_p(0.5, np.array([0.5 - 1e-12, 0.4, 0.6])) == 0.75


def test_images_without_two_judges_are_left_out_of_the_mean():
    one, many = block(top3(1)), block(top3(5))
    result = concordance_test([one, many], permutations=99, rng=np.random.default_rng(0))
    assert np.isnan(result.p[0])
    assert result.mean == pytest.approx(kendall_w(many.ranks))
    assert result.chance == pytest.approx(1 / 5)


@pytest.mark.parametrize("values", [[1.0, 2.0, 4.0, 4.0, 4.0], np.arange(9.0)])
def test_shuffles_put_every_value_everywhere_equally_often(values):
    values = np.array(values)
    drawn = shuffles(values, 30_000, np.random.default_rng(4))
    np.testing.assert_array_equal(np.sort(drawn, axis=1), np.tile(np.sort(values), (len(drawn), 1)))
    share = np.mean(drawn == values.min(), axis=0)
    np.testing.assert_allclose(share, 1 / len(values), atol=4 * np.sqrt(1 / len(values) / len(drawn)))
