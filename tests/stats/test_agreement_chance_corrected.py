"""Krippendorff's alpha, Fleiss' kappa, Gwet's AC1: the peers' numbers and what the coefficients mean."""

import krippendorff
import numpy as np
import pytest
from statsmodels.stats.inter_rater import fleiss_kappa as peer_fleiss

from analysis.agreement import brennan_prediger, fleiss_kappa, gwet_ac1, krippendorff_alpha
from analysis.agreement.blocks import mid_ranks
from analysis.errors import AnalysisError
from analysis.planning.simulation import simulate_ranks

# Up to five raters, four categories; irrCAC 0.4.4 gives Fleiss -0.12302 and AC1 0.12304, to five digits.
MISSING = np.array(
    [
        [2, 1, 2, 0],
        [3, 0, 0, 1],
        [2, 0, 1, 1],
        [3, 1, 1, 0],
        [2, 1, 1, 0],
        [2, 0, 3, 0],
        [3, 2, 0, 0],
        [3, 1, 1, 0],
    ]
)


def rank_vectors(judges, images, teams, seed=0):
    """Judges by units (image, team), mid-ranks."""
    rng = np.random.default_rng(seed)
    places = simulate_ranks(np.linspace(0, 2, teams), judges=judges, images=images, rng=rng)[0]
    return np.stack([mid_ranks(places[j]).ravel() for j in range(judges)])


@pytest.mark.parametrize("missing", [0.0, 0.3])
@pytest.mark.parametrize("seed", range(5))
def test_alpha_is_the_peers_on_scores(seed, missing):
    rng = np.random.default_rng(seed)
    values = rng.integers(1, 6, size=(5, 40)).astype(float)
    values[rng.random(values.shape) < missing] = np.nan
    assert krippendorff_alpha(values) == pytest.approx(
        krippendorff.alpha(values, level_of_measurement="ordinal"), abs=1e-9
    )


def test_alpha_is_the_peers_on_rank_vectors_with_missing_ballots():
    values = rank_vectors(6, 10, 12)
    values[2, 12:36] = np.nan
    assert krippendorff_alpha(values) == pytest.approx(
        krippendorff.alpha(values, level_of_measurement="ordinal"), abs=1e-9
    )


def test_alpha_looks_at_the_values_and_not_at_which_units_were_judged():
    """Agreement computed on the keys instead of the values reads 1.0 whatever the judges say."""
    values = rank_vectors(5, 8, 8)
    unrelated = np.random.default_rng(1).permuted(values, axis=1)
    assert krippendorff_alpha(np.tile(values[0], (5, 1))) == pytest.approx(1)
    assert abs(krippendorff_alpha(unrelated)) < 0.1


def test_alpha_depends_on_the_order_of_the_values_only():
    values = rank_vectors(5, 8, 8)
    assert krippendorff_alpha(values**3) == pytest.approx(krippendorff_alpha(values), abs=1e-12)


@pytest.mark.parametrize(
    "values",
    [np.full((3, 4), 2.0), np.array([[1.0, np.nan], [np.nan, 2.0]]), np.full((2, 2), np.nan)],
)
def test_alpha_is_undefined_without_two_values_that_differ(values):
    assert np.isnan(krippendorff_alpha(values))


def test_kappa_is_the_peers_on_complete_data():
    for seed in range(5):
        counts = np.random.default_rng(seed).multinomial(9, [0.4, 0.3, 0.2, 0.1], size=20)
        assert fleiss_kappa(counts) == pytest.approx(peer_fleiss(counts), abs=1e-9)
        assert brennan_prediger(counts) == pytest.approx(peer_fleiss(counts, method="randolph"), abs=1e-9)


def test_kappa_and_ac1_are_the_peers_with_missing_ratings():
    assert fleiss_kappa(MISSING) == pytest.approx(-0.12302, abs=5e-6)
    assert gwet_ac1(MISSING) == pytest.approx(0.12304, abs=5e-6)


def test_a_common_favourite_makes_kappa_collapse_and_ac1_not():
    """Fourteen of fifteen judges name one team on every image: kappa calls that chance, AC1 agreement."""
    counts = np.array([[14, 1], [14, 1], [14, 1], [15, 0]])
    assert fleiss_kappa(counts) < 0
    assert gwet_ac1(counts) > 0.85


def test_perfect_agreement_on_different_teams_is_one():
    counts = np.array([[5, 0, 0], [0, 5, 0], [0, 0, 5]])
    assert fleiss_kappa(counts) == pytest.approx(1)
    assert gwet_ac1(counts) == pytest.approx(1)


def test_kappa_is_undefined_where_all_name_one_team_and_ac1_is_one():
    counts = np.array([[4, 0], [4, 0]])
    assert np.isnan(fleiss_kappa(counts))
    assert gwet_ac1(counts) == pytest.approx(1)


def test_unrelated_picks_are_at_zero():
    rng = np.random.default_rng(2)
    counts = rng.multinomial(10, np.full(6, 1 / 6), size=2000)
    assert fleiss_kappa(counts) == pytest.approx(0, abs=0.01)
    assert gwet_ac1(counts) == pytest.approx(0, abs=0.01)


def test_one_judge_is_undefined_and_an_image_without_picks_is_refused():
    assert np.isnan(fleiss_kappa(np.array([[1, 0], [0, 1]])))
    with pytest.raises(AnalysisError, match="at least one first pick"):
        fleiss_kappa(np.array([[1, 0], [0, 0]]))
