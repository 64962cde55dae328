"""Plackett-Luce: the peer's numbers, when an estimate exists, choice sets, invariances, simulated truth."""

import choix
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import AnalysisError
from analysis.models import newton
from analysis.models.choices import choices_of, choices_of_ballots
from analysis.models.connectivity import strongly_connected, win_groups
from analysis.models.plackett_luce import (
    ballot_loglik,
    ballot_scores,
    fit_plackett_luce,
    refit_plackett_luce,
)
from analysis.models.summary import model_summary
from analysis.planning.simulation import simulate_ranks, simulated_votes
from analysis.votes import validate_votes


def simulated(n_ballots, theta, *, places=3, seed=0):
    rank = simulate_ranks(theta, judges=n_ballots, images=1, places=places, rng=np.random.default_rng(seed))
    rank = rank.reshape(n_ballots, -1)
    return rank, np.ones(rank.shape, dtype=bool)


def top1_data(rank, shown):
    """(winner, losers) of every choice, as choix wants them."""
    data = []
    for ranks, seen in zip(rank, shown, strict=True):
        left = set(np.flatnonzero(seen).tolist())
        for team in np.argsort(np.where(ranks > 0, ranks, 99))[: (ranks > 0).sum()].tolist():
            left.remove(team)
            if left:
                data.append((team, tuple(left)))
    return data


def hidden_candidates(rank, shown, rng):
    """Take one candidate away from every third ballot, as a conflict of interest would."""
    rank, shown = rank.copy(), shown.copy()
    for ballot in range(1, len(rank), 3):
        gone = rng.integers(rank.shape[1])
        above = rank[ballot, gone]
        shown[ballot, gone], rank[ballot, gone] = False, 0
        if above:
            rank[ballot, rank[ballot] > above] -= 1
    return rank, shown


def test_estimates_are_the_peer_librarys():
    rank, shown = simulated(300, [1, 0.5, 0.2, 0, -0.3, -0.8])
    fit = fit_plackett_luce(rank, shown)
    peer = choix.ilsr_top1(6, top1_data(rank, shown), tol=1e-12)
    assert fit.finite
    np.testing.assert_allclose(fit.log_worth, peer, atol=1e-6)


def test_estimates_are_the_peer_librarys_with_conflicts_and_missing_candidates():
    rank, shown = hidden_candidates(*simulated(400, [1, 0.5, 0, -0.5, -1]), np.random.default_rng(5))
    peer = choix.ilsr_top1(5, top1_data(rank, shown), tol=1e-12)
    np.testing.assert_allclose(fit_plackett_luce(rank, shown).log_worth, peer, atol=1e-6)


def test_unlisted_teams_are_below_the_listed_and_not_left_out():
    """The trap: ranking the three listed teams among themselves is another model with another answer."""
    theta = np.array([2.0, 1.0, 0.0, -1.0, -2.0, -2.5])
    rank, shown = simulated(4000, theta)
    ours = fit_plackett_luce(rank, shown).log_worth
    among_listed = fit_plackett_luce(rank, rank > 0).log_worth
    assert np.abs(ours - (theta - theta.mean())).max() < 0.15
    listed = [tuple(np.argsort(r)[-3:][np.argsort(np.sort(r)[-3:])].tolist()) for r in rank]
    peer = choix.ilsr_rankings(6, listed, tol=1e-10)
    np.testing.assert_allclose(among_listed, peer, atol=1e-6)
    assert np.abs(peer - ours).max() > 0.1


def test_log_likelihood_is_the_product_formula():
    rank, shown = np.array([[1, 2, 0, 3], [0, 1, 2, 3]]), np.ones((2, 4), dtype=bool)
    fit = fit_plackett_luce(rank, shown, penalty=0.3)
    worth = np.exp(fit.log_worth)
    first = worth[0] / worth.sum() * worth[1] / worth[1:].sum() * worth[3] / worth[2:].sum()
    second = worth[1] / worth.sum() * worth[2] / worth[[0, 2, 3]].sum() * worth[3] / worth[[0, 3]].sum()
    assert fit.loglik == pytest.approx(np.log(first * second), abs=1e-12)
    choices = choices_of(rank, shown)
    np.testing.assert_allclose(ballot_loglik(choices, fit.log_worth), np.log([first, second]))


def test_standard_errors_match_the_curvature_of_the_likelihood():
    rank, shown = simulated(500, [0.5, 0, -0.5])
    fit = fit_plackett_luce(rank, shown)
    choices = choices_of(rank, shown)
    h, basis = 1e-3, np.linalg.svd(np.eye(3) - 1 / 3)[0][:, :2]

    def loglik(shift):
        return ballot_loglik(choices, fit.log_worth + basis @ shift).sum()

    steps = h * np.eye(2)
    hessian = [
        [(loglik(a + b) - loglik(a - b) - loglik(b - a) + loglik(-a - b)) / (4 * h * h) for b in steps]
        for a in steps
    ]
    expected = basis @ np.linalg.inv(-np.array(hessian)) @ basis.T
    np.testing.assert_allclose(fit.covariance, expected, rtol=1e-4, atol=1e-9)
    np.testing.assert_allclose(ballot_scores(choices, fit.log_worth).sum(axis=0), 0, atol=1e-8)


def test_weights_are_repeated_ballots():
    rank, shown = simulated(60, [0.5, 0.2, 0, -0.7])
    times = np.random.default_rng(2).integers(0, 4, 60)
    weighted = fit_plackett_luce(rank, shown, weights=times.astype(float))
    repeated = fit_plackett_luce(np.repeat(rank, times, axis=0), np.repeat(shown, times, axis=0))
    np.testing.assert_allclose(weighted.log_worth, repeated.log_worth, atol=1e-9)
    assert weighted.loglik == pytest.approx(repeated.loglik)


def test_resamples_refitted_together_are_the_single_fits():
    rank, shown = simulated(80, [0.5, 0.2, 0, -0.7])
    weights = np.random.default_rng(3).integers(0, 3, (7, 80)).astype(float)
    together, finite = refit_plackett_luce(choices_of(rank, shown), weights)
    assert finite.all()
    for row, weight in zip(together, weights, strict=True):
        np.testing.assert_allclose(row, fit_plackett_luce(rank, shown, weights=weight).log_worth, atol=1e-8)


def test_a_team_without_votes_has_no_finite_estimate_and_gets_the_documented_penalty():
    rank, shown = simulated(100, [0.5, 0.2, 0, -0.7, -9], places=2)
    assert not rank[:, 4].any()
    fit = fit_plackett_luce(rank, shown)
    assert (fit.finite, fit.penalty, fit.groups[-1]) == (False, 0.5, [4])
    assert np.isfinite(fit.log_worth).all()
    assert fit.log_worth.argmin() == 4
    explicit = fit_plackett_luce(rank, shown, penalty=0.5)
    np.testing.assert_array_equal(fit.log_worth, explicit.log_worth)


def test_the_penalty_is_lambda_times_the_sum_of_squares():
    rank, shown = np.array([[1, 0]] * 3), np.ones((3, 2), dtype=bool)
    theta = fit_plackett_luce(rank, shown, penalty=0.5).log_worth
    difference = theta[0] - theta[1]
    # 3 log sigma(d) - 0.5 * 2 * (d/2)^2 is flat where 3 (1 - sigma(d)) = d/2.
    assert 3 / (1 + np.exp(difference)) == pytest.approx(difference / 2, abs=1e-9)


def test_no_penalty_where_no_estimate_exists_is_refused_and_never_an_unconverged_vector(monkeypatch):
    rank, shown = np.array([[1, 0]] * 3), np.ones((3, 2), dtype=bool)
    with pytest.raises(AnalysisError, match=r"no finite estimate.*penalty above 0"):
        fit_plackett_luce(rank, shown, penalty=0)
    monkeypatch.setattr(newton, "MAX_ITERATIONS", 2)
    with pytest.raises(AnalysisError, match="did not converge in 2 Newton steps"):
        fit_plackett_luce(*simulated(40, [3, 0, -3]))


def test_a_distant_estimate_is_reached_and_not_stopped_short():
    """Trap: a stopping rule that compares an array with itself under another name stops at the first step."""
    rank, shown = np.array([[1, 0], [0, 1]]), np.ones((2, 2), dtype=bool)
    fit = fit_plackett_luce(rank, shown, weights=np.array([1e6, 1.0]))
    assert fit.log_worth[0] - fit.log_worth[1] == pytest.approx(np.log(1e6), abs=1e-6)
    assert fit.iterations > 2


def test_the_peer_returns_an_unconverged_vector_there():
    """Why we check: choix.opt_top1 answers although the likelihood has no maximum."""
    assert np.isfinite(choix.opt_top1(2, [(0, (1,))] * 3)).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"penalty": -1}, "penalty -1"),
        ({"penalty": float("nan")}, "penalty nan"),
        ({"weights": np.ones(3)}, "for 2 ballots"),
        ({"weights": np.array([1.0, -1.0])}, "at least 0"),
        ({"weights": np.array([1.0, np.nan])}, "finite"),
        ({"weights": np.zeros(2)}, "not all 0"),
    ],
)
def test_bad_options_are_refused(options, message):
    with pytest.raises(AnalysisError, match=message):
        fit_plackett_luce(np.array([[1, 0], [0, 1]]), np.ones((2, 2), dtype=bool), **options)


@pytest.mark.parametrize(
    ("ranks", "message"),
    [
        ([1, 0, 0], "not shown"),
        ([0, 1, 1], "twice or skips one"),
        ([0, 1, 3], "twice or skips one"),
    ],
)
def test_impossible_ballots_are_refused(ranks, message):
    with pytest.raises(AnalysisError, match=message):
        choices_of(np.array([ranks]), np.array([[False, True, True]]))


def test_one_team_alone_is_no_choice():
    with pytest.raises(AnalysisError, match="no ballot prefers"):
        fit_plackett_luce(np.array([[1]]), np.ones((1, 1), dtype=bool))


def test_groups_name_the_dominance():
    beats = np.zeros((4, 4), dtype=bool)
    beats[2, 0] = beats[0, 2] = beats[2, 1] = beats[1, 3] = beats[3, 1] = True
    assert win_groups(beats) == [[0, 2], [1, 3]]
    assert not strongly_connected(beats)


def test_recovers_simulated_worths():
    theta = np.linspace(1, -1, 8)
    rank, shown = simulated(20_000, theta, seed=4)
    fit = fit_plackett_luce(rank, shown)
    z = (fit.log_worth - theta) / fit.se
    assert np.abs(z).max() < 3.5
    assert np.abs(fit.log_worth - theta).max() < 0.06


@settings(max_examples=60, deadline=None)
@given(
    n_teams=st.integers(2, 9),
    n_ballots=st.integers(1, 30),
    places=st.integers(1, 4),
    seed=st.integers(0, 10**6),
)
def test_any_ballots_give_a_maximum_that_sums_to_zero_and_follows_the_labels(
    n_teams, n_ballots, places, seed
):
    rng = np.random.default_rng(seed)
    rank, shown = simulated(n_ballots, rng.normal(0, 2, n_teams), places=min(places, n_teams), seed=seed)
    if n_ballots > 1 and n_teams > 2:
        rank, shown = hidden_candidates(rank, shown, rng)
    fit = fit_plackett_luce(rank, shown)
    assert abs(fit.log_worth.sum()) < 1e-9
    choices = choices_of(rank, shown)
    gradient = ballot_scores(choices, fit.log_worth).sum(axis=0) - 2 * fit.penalty * fit.log_worth
    np.testing.assert_allclose(gradient, 0, atol=1e-6)
    relabel, reorder = rng.permutation(n_teams), rng.permutation(n_ballots)
    again = fit_plackett_luce(rank[reorder][:, relabel], shown[reorder][:, relabel])
    assert again.finite == fit.finite
    np.testing.assert_allclose(again.log_worth, fit.log_worth[relabel], atol=1e-7)


def test_many_teams_need_more_than_one_word_of_bits():
    rank, shown = simulated(3000, np.zeros(130), places=3, seed=6)
    fit = fit_plackett_luce(rank, shown, penalty=0.01)
    peer = choix.ilsr_top1(130, top1_data(rank, shown), alpha=0.0, tol=1e-10)
    np.testing.assert_allclose(fit_plackett_luce(rank, shown).log_worth, peer, atol=1e-6)
    assert abs(fit.log_worth.sum()) < 1e-9


@pytest.fixture
def votes():
    rng = np.random.default_rng(7)
    rank = simulate_ranks(
        np.linspace(0.8, -0.8, 6), judges=8, images=12, image_sd=0.4, judge_sd=0.2, rng=rng
    )[0]
    rank[2, :, 5] = np.where(rank[2, :, 5] == 0, -1, rank[2, :, 5])
    return simulated_votes(rank, rng=rng)


def test_a_answers_table_and_its_matrices_give_the_same_choices(votes):
    arrays = validate_votes(votes).ballots
    dense = choices_of(np.maximum(arrays.rank_matrix, 0), arrays.shown_matrix)
    sparse = choices_of_ballots(arrays)
    np.testing.assert_array_equal(dense.sets, sparse.sets)
    np.testing.assert_array_equal(dense.ballots.toarray(), sparse.ballots.toarray())
    assert not arrays.shown_matrix.all()


def test_the_summary_has_the_published_keys(votes):
    summary = model_summary(validate_votes(votes))
    assert {"log_worth", "loglik", "finite", "penalty"} <= summary.keys()
    assert sum(summary["log_worth"].values()) == pytest.approx(0, abs=1e-9)
    assert summary["finite"] is True
    assert summary["penalty"] == 0
    assert summary["simulated"] is True
    assert sum(summary["first_choice"].values()) == pytest.approx(1)
    assert all(summary["se_two_way"][team] > summary["se"][team] / 2 for team in summary["se"])


def test_the_summary_does_not_depend_on_the_order_of_rows(votes):
    assert model_summary(validate_votes(votes)) == model_summary(
        validate_votes(votes.sample(frac=1, random_state=1))
    )


def test_a_missing_estimate_is_explained(votes):
    last = votes["team"].max()
    quiet = votes.copy()
    quiet.loc[quiet["team"] == last, "rank"] = pd.NA
    full = quiet.groupby(["judge", "image"])["rank"].transform("count") == 3
    summary = model_summary(validate_votes(quiet[full]))
    assert summary["finite"] is False
    assert summary["penalty"] == 0.5
    assert summary["reason"] == f"never listed by any judge: {last}"
    assert summary["groups"][-1] == [last]


def test_the_model_error_is_too_small_when_judges_and_images_have_tastes():
    """Images and judges that repeat make the votes dependent: the model's own error misses that."""
    rng = np.random.default_rng(11)
    rank = simulate_ranks(np.zeros(6), judges=10, images=20, image_sd=0.8, judge_sd=0.6, rng=rng)[0]
    summary = model_summary(validate_votes(simulated_votes(rank, rng=rng)))
    ratio = np.mean(list(summary["se_two_way"].values())) / np.mean(list(summary["se"].values()))
    assert ratio > 1.5


def test_reliability_weights_silence_a_judge_who_votes_the_other_way():
    rng = np.random.default_rng(12)
    rank = simulate_ranks(np.linspace(2, -2, 6), judges=8, images=20, rng=rng)[0]
    rank[0] = simulate_ranks(np.linspace(-2, 2, 6), judges=1, images=20, rng=rng)[0, 0]
    summary = model_summary(validate_votes(simulated_votes(rank, rng=rng)), weights="reliability")
    weights = summary["judge_weights"]
    assert weights["J01"] == 0
    assert min(weight for judge, weight in weights.items() if judge != "J01") > 0.8
    assert np.mean(list(weights.values())) == pytest.approx(1)


def test_reliability_weights_need_company():
    rank = simulate_ranks([1, 0, 0, 0], judges=1, images=9, rng=np.random.default_rng(1))[0]
    votes = simulated_votes(rank, rng=np.random.default_rng(1))
    with pytest.raises(AnalysisError, match="at least two judges"):
        model_summary(validate_votes(votes), weights="reliability")
    assert model_summary(validate_votes(votes))["se_two_way"] is None
