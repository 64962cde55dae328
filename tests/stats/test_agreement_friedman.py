"""Friedman's test with ties and Nemenyi's difference against scipy, pingouin and scikit-posthocs."""

import numpy as np
import pandas as pd
import pingouin
import pytest
import scikit_posthocs
from scipy.stats import friedmanchisquare

from analysis.agreement import friedman, nemenyi_difference
from analysis.agreement.friedman import nemenyi_groups, nemenyi_p, skillings_mack
from analysis.errors import AnalysisError


def scores(seed=0, images=20, teams=6):
    """Whole numbers, so that there are ties."""
    rng = np.random.default_rng(seed)
    return np.round(rng.normal(np.linspace(0, 2, teams), 1.5, size=(images, teams)))


@pytest.mark.parametrize("seed", range(4))
def test_chi_square_is_scipys_with_the_correction_for_ties(seed):
    values = scores(seed)
    found, peer = friedman(values), friedmanchisquare(*values.T)
    assert found.chi2 == pytest.approx(peer.statistic, abs=1e-9)
    assert found.p == pytest.approx(peer.pvalue, abs=1e-9)


def test_f_is_pingouins():
    """pingouin 0.7 takes (N - 1) - 2/I degrees of freedom; the statistic is the same and ours has N - 1."""
    values = scores(1)
    peer = pingouin.friedman(pd.DataFrame(values), method="f")
    assert friedman(values).f == pytest.approx(float(peer["F"].iloc[0]), abs=1e-6)


def test_the_correction_for_ties_matters():
    values = scores(2, images=10, teams=5)
    result = friedman(values)
    images, teams = values.shape
    plain = 12 * images / (teams * (teams + 1)) * ((result.mean_ranks - (teams + 1) / 2) ** 2).sum()
    assert result.chi2 > plain * 1.01


def test_difference_tells_apart_the_pairs_that_the_peer_does():
    values = scores(3)
    result = friedman(values)
    difference = nemenyi_difference(*values.shape)
    apart = np.abs(result.mean_ranks[:, None] - result.mean_ranks) > difference
    peer = scikit_posthocs.posthoc_nemenyi_friedman(values).to_numpy()
    np.testing.assert_array_equal(apart, peer < 0.05)
    assert apart.any()


def test_groups_are_the_longest_runs_within_the_difference():
    ranks = np.array([4.0, 1.0, 2.5, 1.2, 6.0])
    assert nemenyi_groups(ranks, 1.6) == [[1, 3, 2], [2, 0]]
    assert nemenyi_groups(ranks, 0.1) == []


def test_complete_agreement_of_the_images_has_an_infinite_f():
    result = friedman(np.tile([3.0, 2.0, 1.0], (5, 1)))
    assert result.f == np.inf
    assert result.p_f == 0


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.ones((1, 3)), "two images"),
        (np.ones((3, 1)), "two teams"),
        (np.ones((3, 3)), "tie on every image"),
        (np.array([[1.0, np.nan], [1.0, 2.0]]), "every team on every image"),
    ],
)
def test_what_cannot_be_tested_says_why(values, message):
    with pytest.raises(AnalysisError, match=message):
        friedman(values)


def test_nemenyi_p_is_the_peers():
    points = np.random.default_rng(2).normal(size=(12, 5)) + np.linspace(0, 1.5, 5)
    found = friedman(points)
    peer = scikit_posthocs.posthoc_nemenyi_friedman(points).to_numpy()
    p = nemenyi_p(found.mean_ranks, found.images)
    np.testing.assert_allclose(p, peer, atol=1e-3)
    apart = np.abs(found.mean_ranks[:, None] - found.mean_ranks) > nemenyi_difference(12, 5)
    assert ((p < 0.05) == apart).all()


def test_skillings_mack_is_friedman_where_nothing_is_missing_and_uses_what_friedman_leaves_out():
    rng = np.random.default_rng(3)
    points = rng.normal(size=(9, 4)) + np.linspace(0, 1, 4)
    assert skillings_mack(points).chi2 == pytest.approx(friedman(points).chi2)
    points[1, 2] = points[4, 0] = np.nan
    with pytest.raises(AnalysisError, match="every team on every image"):
        friedman(points)
    found = skillings_mack(points)
    assert (found.df, found.images) == (3, 9)
    shuffled = points[rng.permutation(9)][:, [3, 1, 0, 2]]
    assert skillings_mack(shuffled).chi2 == pytest.approx(found.chi2)


def test_skillings_mack_refuses_teams_that_never_meet():
    apart = np.array([[1, 2, np.nan, np.nan], [np.nan, np.nan, 1, 2]])
    with pytest.raises(AnalysisError, match="are never on an image"):
        skillings_mack(apart)
