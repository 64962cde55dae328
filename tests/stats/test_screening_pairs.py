"""Paired comparisons: circular triads by counting, leave-one-out likelihood by hand."""

from itertools import combinations

import choix
import numpy as np
import pytest

from analysis.errors import AnalysisError
from analysis.planning.simulated_answers import simulated_pairs
from analysis.screening.pairs import circular_triads, side_bias, suspicious, unlikely_comparers
from tests.stats.compared import pairs_of, pairs_of_wins, rows_of

WORTH = np.linspace(-1.5, 1.5, 6)


def tournament(n, rng):
    upper = np.triu(rng.random((n, n)) < 0.5, k=1)
    return (upper | (np.tril(~upper.T, k=-1))).astype(int)


def comparisons(judges, rng, worth=WORTH, repeats=2):
    """Every judge compares every pair `repeats` times."""
    n = len(worth)
    wins = np.zeros((judges, n, n))
    for a, b in combinations(range(n), 2):
        first = rng.binomial(repeats, 1 / (1 + np.exp(worth[b] - worth[a])), size=judges)
        wins[:, a, b], wins[:, b, a] = first, repeats - first
    return wins


@pytest.mark.parametrize("n", [3, 4, 7, 8])
def test_circular_triads_are_those_one_can_count(n):
    rng = np.random.default_rng(n)
    for _ in range(20):
        wins = tournament(n, rng)
        circles = 0
        for three in combinations(range(n), 3):
            inside = wins[np.ix_(three, three)].sum(axis=1)
            circles += bool((inside == 1).all())
        assert circular_triads(wins).circular == circles


def test_a_consistent_judge_has_zeta_one_and_the_most_contradictory_zero():
    order = np.triu(np.ones((5, 5)), k=1)
    assert circular_triads(order).zeta == 1
    ring = np.zeros((5, 5))
    for item in range(5):
        ring[item, [(item + 1) % 5, (item + 2) % 5]] = 1
    assert circular_triads(ring).zeta == 0


def test_a_coin_tosser_has_a_quarter_of_the_triads():
    rng = np.random.default_rng(0)
    found = [circular_triads(tournament(7, rng)).circular for _ in range(2000)]
    assert np.mean(found) == pytest.approx(circular_triads(tournament(7, rng)).expected, rel=0.03)


def test_pairs_must_be_compared_once():
    with pytest.raises(AnalysisError, match="exactly once"):
        circular_triads(np.zeros((3, 3)))


def test_the_likelihood_is_under_the_peers_model_of_the_others():
    wins = comparisons(8, np.random.default_rng(1), repeats=4)
    loglik, _ = unlikely_comparers(pairs_of_wins(wins))
    others = wins[1:].sum(axis=0).astype(int)
    data = [(a, b) for a, b in np.argwhere(others) for _ in range(others[a, b])]
    worth = choix.ilsr_pairwise(6, data, tol=1e-12)
    chance = 1 / (1 + np.exp(worth - worth[:, None]))
    expected = (wins[0] * np.log(chance)).sum() / wins[0].sum()
    assert loglik[0] == pytest.approx(expected, abs=1e-6)


def test_a_judge_who_compares_upside_down_is_found():
    wins = comparisons(10, np.random.default_rng(2), repeats=4)
    wins[3] = wins[3].T
    _, distance = unlikely_comparers(pairs_of_wins(wins))
    assert np.flatnonzero(suspicious(distance)).tolist() == [3]


def test_unanimous_judges_get_a_finite_likelihood():
    """All prefer the same item of every pair: no finite estimate exists, so the penalty is used."""
    wins = np.tile(np.triu(np.ones((4, 4)), k=1), (5, 1, 1))
    loglik, distance = unlikely_comparers(pairs_of_wins(wins))
    assert np.isfinite(loglik).all()
    assert np.isnan(distance).all()


def test_a_judge_with_an_image_of_their_own_has_no_likelihood():
    wins = comparisons(6, np.random.default_rng(3))
    rows = [*rows_of(wins), *rows_of(wins[:1], image="alone")]
    alone = [("Z", "alone-too", "T0", "T1", "a")]
    loglik, distance = unlikely_comparers(pairs_of([*rows, *alone]))
    assert np.isnan(loglik[-1])
    assert not suspicious(distance)[-1]
    assert loglik[0] == pytest.approx(unlikely_comparers(pairs_of_wins(wins))[0][0], abs=1e-9)
    assert np.isnan(unlikely_comparers(pairs_of_wins(wins[:3]))[1]).all()


def test_a_team_that_only_tied_is_screened_too():
    rows = [(f"J{j}", "i", a, b, "tie") for j in range(5) for a, b in (("A", "B"), ("B", "C"))]
    loglik, _ = unlikely_comparers(pairs_of(rows))
    np.testing.assert_allclose(loglik, np.log(0.5))


def test_side_bias_takes_judges_for_clusters():
    """Half of the judges always answer left: the answers are many, but the judges who differ are few."""
    judge = np.repeat(np.arange(10), 40)
    always = np.where(judge % 2 == 0, 0, np.tile([0, 1], 200))
    found = side_bias(judge, always, 10)
    assert found.left == 0.75
    as_if_independent = np.sqrt(0.75 * 0.25 / 400)
    assert found.se == pytest.approx(np.std(found.of_judge, ddof=1) / np.sqrt(10))
    assert found.se > 3 * as_if_independent


def test_without_bias_the_test_of_sides_says_so_in_five_of_a_hundred():
    rng = np.random.default_rng(5)
    p = []
    for _ in range(300):
        pairs = simulated_pairs(rng, judges=12, images=4, teams=4)
        p.append(side_bias(pairs.judge, pairs.answer, 12).p)
    assert 0.01 <= np.mean(np.array(p) < 0.05) <= 0.09
    biased = simulated_pairs(rng, judges=12, images=10, teams=4, beta=0.8)
    assert side_bias(biased.judge, biased.answer, 12).p < 1e-3
