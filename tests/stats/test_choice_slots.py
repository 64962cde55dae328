"""The effect of the place on the screen: recovery, calibration, and when it cannot be told."""

import numpy as np
import pytest

from analysis.models.plackett_luce import fit_plackett_luce
from analysis.models.slot_effect import fit_slot_effect
from analysis.models.summary import model_summary
from analysis.planning.simulation import simulate_ranks, simulated_votes
from analysis.votes import validate_votes


def shuffled(rng, n_ballots, theta, beta, places=3):
    n = len(theta)
    slot = np.argsort(rng.random((n_ballots, n)), axis=1) + 1
    utility = np.asarray(theta) + np.asarray(beta)[slot - 1] + rng.gumbel(size=(n_ballots, n))
    order = np.argsort(-utility, axis=1)[:, :places]
    rank = np.zeros((n_ballots, n), dtype=int)
    rank[np.arange(n_ballots)[:, None], order] = np.arange(1, places + 1)
    return rank, np.ones_like(rank, dtype=bool), slot


def test_recovers_a_slot_effect():
    theta, beta = np.array([0.6, 0.2, 0, -0.2, -0.6]), np.array([0.4, 0, 0, 0, -0.4])
    effect = fit_slot_effect(*shuffled(np.random.default_rng(1), 4000, theta, beta))
    assert effect.undefined is None
    assert effect.df == 4
    assert effect.p < 1e-6
    assert np.abs((effect.effect - beta) / effect.se).max() < 3.5
    assert abs(effect.effect.sum()) < 1e-9


def test_the_statistic_is_twice_the_gain_in_log_likelihood_over_the_teams_alone():
    rank, shown, slot = shuffled(np.random.default_rng(2), 60, [0.5, 0, -0.5], [0, 0, 0], places=1)
    effect = fit_slot_effect(rank, shown, slot)
    teams_only = fit_plackett_luce(rank, shown)
    by_slot = np.zeros_like(rank)
    np.put_along_axis(by_slot, slot - 1, rank, axis=1)
    assert effect.statistic >= 0
    # Swapping the roles of teams and slots keeps the joint likelihood, so both tests share it.
    slots_only = fit_plackett_luce(by_slot, shown)
    place_of_slot = np.argsort(slot, axis=1) + 1
    other = fit_slot_effect(by_slot, shown, place_of_slot)
    joint = teams_only.loglik + effect.statistic / 2
    assert joint == pytest.approx(slots_only.loglik + other.statistic / 2, abs=1e-6)


def test_the_test_holds_its_level_without_a_slot_effect():
    p = [
        fit_slot_effect(*shuffled(np.random.default_rng(seed), 150, [0.5, 0, 0, -0.5], [0] * 4)).p
        for seed in range(200)
    ]
    assert 0.01 <= np.mean(np.array(p) < 0.05) <= 0.10


def test_slots_that_never_change_cannot_be_told_from_teams():
    rank, shown, slot = shuffled(np.random.default_rng(3), 50, [0.5, 0, -0.5], [0] * 3)
    slot[:] = np.arange(1, 4)
    assert "cannot be told apart" in fit_slot_effect(rank, shown, slot).undefined


def test_a_slot_that_is_always_chosen_has_no_finite_effect():
    rng = np.random.default_rng(4)
    rank, shown, slot = shuffled(rng, 50, [0.0, 0, 0], [0] * 3, places=1)
    rank = (slot == 1).astype(int)
    assert "no finite estimate" in fit_slot_effect(rank, shown, slot).undefined


def test_one_slot_is_nothing_to_compare():
    one = np.ones((3, 1), dtype=int)
    assert fit_slot_effect(one, one > 0, one).undefined is not None


def test_the_summary_reports_the_effect_by_slot():
    rng = np.random.default_rng(5)
    rank = simulate_ranks([0.5, 0, 0, -0.5], judges=5, images=20, rng=rng)[0]
    slots = model_summary(validate_votes(simulated_votes(rank, rng=rng)))["slot_effect"]
    assert list(slots["effect"]) == ["1", "2", "3", "4"]
    assert slots["df"] == 3
    assert 0 <= slots["p"] <= 1
