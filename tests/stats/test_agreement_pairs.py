"""Measures on pairs of judges: scipy's numbers, set counting, chance levels, different teams shown."""

from itertools import combinations, permutations

import numpy as np
import pytest
from scipy.stats import kendalltau, spearmanr

from analysis.agreement import kendall_w, pairwise
from analysis.agreement.blocks import Block, mid_ranks
from analysis.agreement.overlap import (
    average_overlap_weights,
    chance_overlap,
    overlap_weights,
    rbo_weights,
    weighted_overlap,
)
from analysis.agreement.pairwise import pair_matrix, pair_sums, spearman, tau_b
from analysis.planning.simulation import simulate_ranks


def block(places):
    m, n = places.shape
    return Block(0, np.arange(m), np.arange(m), np.arange(n), mid_ranks(places))


def ballots(judges=7, teams=8, seed=0):
    rng = np.random.default_rng(seed)
    return simulate_ranks(np.linspace(0, 1, teams), judges=judges, images=1, rng=rng)[0, :, 0]


def with_conflicts(places):
    """Judges 0, 2 and 4 were not shown a team that they would not have placed."""
    places = places.copy()
    for judge in (0, 2, 4):
        places[judge, np.flatnonzero(places[judge] == 0)[judge % 3]] = -1
    return places


def by_pair(ranks, measure):
    m = len(ranks)
    values = np.full((m, m), np.nan)
    for a, b in permutations(range(m), 2):
        both = ~np.isnan(ranks[a] + ranks[b])
        values[a, b] = measure(ranks[a][both], ranks[b][both]).statistic
    return values


@pytest.mark.parametrize("places", [ballots(), with_conflicts(ballots())], ids=["all shown", "conflicts"])
@pytest.mark.parametrize(("embedding", "peer"), [(spearman, spearmanr), (tau_b, kendalltau)])
def test_correlations_are_scipys_on_the_teams_both_judges_saw(places, embedding, peer):
    one = block(places)
    expected = by_pair(one.ranks, peer)
    matrix, sums = pair_matrix(one, embedding), pair_sums(one, embedding)
    off = ~np.eye(len(places), dtype=bool)
    np.testing.assert_allclose(matrix[off], expected[off], atol=1e-12)
    np.testing.assert_allclose(sums.per_ballot, np.nanmean(expected, axis=1), atol=1e-12)
    assert sums.mean == pytest.approx(np.nanmean(expected), abs=1e-12)


def test_mean_spearman_follows_from_w():
    one = block(ballots(judges=11))
    m, w = 11, kendall_w(one.ranks)
    assert pair_sums(one, spearman).mean == pytest.approx((m * w - 1) / (m - 1), abs=1e-12)


def test_large_blocks_are_worked_through_in_parts(monkeypatch):
    one = block(with_conflicts(ballots(judges=20)))
    whole = pair_sums(one, tau_b)
    monkeypatch.setattr(pairwise, "_ROWS", 3)
    np.testing.assert_allclose(pair_sums(one, tau_b).per_ballot, whole.per_ballot, atol=1e-12)


def shared(a, b, depth):
    top = [set(np.flatnonzero((row > 0) & (row <= depth))) for row in (a, b)]
    return len(top[0] & top[1])


def test_overlaps_are_what_counting_sets_gives():
    places, p = ballots(), 0.8
    pairs = list(combinations(places, 2))
    one = block(places)
    overlap = np.mean([shared(a, b, 3) / 3 for a, b in pairs])
    average = np.mean([np.mean([shared(a, b, d) / d for d in (1, 2, 3)]) for a, b in pairs])
    tail = np.mean([shared(a, b, 3) / 3 * p**3 for a, b in pairs])
    rbo = tail + (1 - p) / p * np.mean([sum(shared(a, b, d) / d * p**d for d in (1, 2, 3)) for a, b in pairs])
    for weights, expected in [
        (overlap_weights(3), overlap),
        (average_overlap_weights(3), average),
        (rbo_weights(3, p), rbo),
    ]:
        assert pair_sums(one, weighted_overlap(weights)).mean == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("weights", [overlap_weights(3), average_overlap_weights(3), rbo_weights(3, 0.9)])
def test_equal_lists_overlap_fully_and_disjoint_lists_not_at_all(weights):
    places = np.array([[1, 2, 3, 0, 0, 0], [1, 2, 3, 0, 0, 0], [0, 0, 0, 1, 2, 3]])
    matrix = pair_matrix(block(places), weighted_overlap(weights))
    assert matrix[0, 1] == pytest.approx(1)
    assert matrix[0, 2] == 0


def all_lists(teams, hidden=()):
    """Every possible top 3 of the teams that are not hidden."""
    rows = []
    for first, second, third in permutations([t for t in range(teams) if t not in hidden], 3):
        row = np.zeros(teams, dtype=int)
        row[[first, second, third]] = 1, 2, 3
        row[list(hidden)] = -1
        rows.append(row)
    return np.array(rows)


@pytest.mark.parametrize("weights", [overlap_weights(3), average_overlap_weights(3), rbo_weights(3, 0.9)])
@pytest.mark.parametrize("hidden", [(), (5,)], ids=["all shown", "a conflict"])
def test_chance_overlap_is_the_mean_over_all_lists(weights, hidden):
    free, limited = all_lists(6), all_lists(6, hidden)
    one = block(np.vstack([free, limited]))
    of_pairs = np.ix_(range(len(free)), range(len(free), len(free) + len(limited)))
    found = pair_matrix(one, weighted_overlap(weights))[of_pairs].mean()
    np.testing.assert_allclose(pair_matrix(one, chance_overlap(weights))[of_pairs], found, atol=1e-12)


def test_the_chance_level_of_average_overlap_is_two_over_the_teams():
    matrix = pair_matrix(block(ballots(teams=12)), chance_overlap(average_overlap_weights(3)))
    assert matrix[0, 1] == pytest.approx(2 / 12)


def test_a_ballot_with_fewer_places_cannot_be_compared_at_depth_three():
    sums = pair_sums(
        block(np.array([[1, 2, 0, 0, 0], [1, 2, 3, 0, 0], [3, 2, 1, 0, 0]])),
        weighted_overlap(overlap_weights(3)),
    )
    assert sums.count.tolist() == [0, 1, 1]
    assert np.isnan(sums.per_ballot[0])


def test_judges_who_saw_no_two_teams_in_common_are_not_compared():
    places = np.array([[1, 2, 0, -1, -1], [-1, -1, 1, 2, 0]])
    for embedding in (spearman, tau_b):
        assert np.isnan(pair_sums(block(places), embedding).mean)
