"""Bradley-Terry, Davidson and Thurstone: published examples, the peer's numbers, ties, order, extremes."""

import choix
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from analysis.errors import AnalysisError
from analysis.models.bradley_terry import fit_bradley_terry, refit_bradley_terry
from analysis.models.pair_counts import PairCounts, count_pairs
from analysis.models.thurstone import fit_thurstone, refit_thurstone
from analysis.planning.simulated_answers import simulated_pairs
from analysis.resampling.draws import two_way_weights
from analysis.resampling.pair_draws import pair_cells

# American League 1987, games the home team won and lost: Agresti, Categorical Data Analysis, 2nd edition
# (2002), section 10.6; compared with the data set `baseball` of the R package BradleyTerry2, all 42 cells.
TEAMS = ["Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore"]
HOME_WON = [
    [0, 4, 4, 4, 6, 4, 6],
    [3, 0, 4, 4, 6, 6, 4],
    [2, 4, 0, 2, 4, 4, 6],
    [3, 5, 2, 0, 4, 4, 6],
    [5, 2, 3, 4, 0, 5, 6],
    [2, 3, 3, 4, 4, 0, 2],
    [2, 1, 1, 2, 1, 3, 0],
]
HOME_LOST = [
    [0, 3, 2, 3, 1, 2, 0],
    [3, 0, 2, 3, 0, 1, 3],
    [5, 3, 0, 4, 3, 2, 0],
    [3, 1, 5, 0, 3, 2, 1],
    [1, 5, 3, 2, 0, 2, 0],
    [5, 3, 4, 3, 2, 0, 4],
    [5, 5, 6, 4, 6, 4, 0],
]


def of_statsmodels(counts, design, family):
    """A model of statsmodels, which takes a while to import."""
    import statsmodels.api as sm

    return sm.GLM(counts, design, family=getattr(sm.families, family)())


@pytest.fixture
def baseball():
    return PairCounts(np.array(HOME_WON, float), np.array(HOME_LOST, float), np.zeros((7, 7)))


def simulated(theta, *, comparisons, beta=0.0, nu=0.0, seed=0):
    rng = np.random.default_rng(seed)
    n = len(theta)
    first = rng.integers(n, size=comparisons)
    second = (first + rng.integers(1, n, size=comparisons)) % n
    d = np.asarray(theta)[first] - np.asarray(theta)[second] + beta
    weight = np.stack([np.exp(d / 2), np.full(comparisons, nu), np.exp(-d / 2)])
    where = (rng.random(comparisons) * weight.sum(axis=0) > np.cumsum(weight, axis=0)).sum(axis=0)
    return first, second, np.array([1, 0.5, 0])[where]


def logistic(*, home):
    """The same model as a logistic regression on the teams' differences, fitted by statsmodels."""
    won, lost = np.array(HOME_WON), np.array(HOME_LOST)
    pairs = [(i, j) for i in range(7) for j in range(7) if i != j]
    design = np.array([[(k == i) - (k == j) for k in range(6)] + [1] * home for i, j in pairs], float)
    counts = np.array([(won[pair], lost[pair]) for pair in pairs])
    return of_statsmodels(counts, design, "Binomial").fit()


def test_baseball_without_home_advantage_is_the_published_fit(baseball):
    worth = fit_bradley_terry(baseball).log_worth
    published = [1.58, 1.44, 1.29, 1.25, 1.11, 0.68, 0]  # Agresti, table 10.11, third column
    np.testing.assert_array_equal(np.round(worth - worth[-1], 2), published)
    np.testing.assert_allclose((worth - worth[-1])[:6], logistic(home=False).params, atol=1e-6)


def test_baseball_with_home_advantage_is_the_published_fit(baseball):
    fit, peer = fit_bradley_terry(baseball, order_effect=True), logistic(home=True)
    share = np.exp(fit.log_worth) / np.exp(fit.log_worth).sum()
    published = [0.220, 0.190, 0.164, 0.157, 0.137, 0.088, 0.044]  # Agresti, table 10.11, fifth column
    np.testing.assert_array_equal(np.round(share, 3), published)
    assert round(fit.order, 3) == 0.302  # Agresti, section 10.6
    np.testing.assert_allclose((fit.log_worth - fit.log_worth[-1])[:6], peer.params[:6], atol=1e-6)
    assert fit.order == pytest.approx(peer.params[6], abs=1e-6)
    assert fit.order_se == pytest.approx(peer.bse[6], abs=1e-4)
    gained = logistic(home=False).deviance - peer.deviance
    assert fit.order_p == pytest.approx(chi2.sf(gained, 1), rel=1e-4)


def test_chocolate_puddings_are_as_davidson_published_them():
    """Davidson (1970), JASA 65, table 1 and section 5; the counts also in the R package PlackettLuce
    (pudding)."""
    i, j = np.triu_indices(6, 1)
    won, lost, tied = (np.zeros((6, 6)) for _ in range(3))
    # By rows of the upper triangle: 1-2 to 1-6, 2-3 to 2-6, ...
    won[i, j] = [19, 16, 18, 13, 18, 19, 23, 16, 22, 19, 16, 13, 17, 14, 11]
    lost[i, j] = [22, 19, 23, 19, 21, 19, 19, 20, 20, 20, 15, 18, 14, 19, 21]
    tied[i, j] = [16, 12, 13, 18, 12, 10, 9, 12, 12, 15, 17, 10, 16, 18, 12]
    fit = fit_bradley_terry(PairCounts(won, lost, tied))
    worth = np.exp(fit.log_worth) / np.exp(fit.log_worth).sum()
    # Davidson printed what his own iteration gave in its seventh step: to all four digits it is the maximum.
    np.testing.assert_array_equal(np.round(worth, 4), [0.1388, 0.1730, 0.1617, 0.1654, 0.1587, 0.2024])
    assert round(fit.nu, 4) == 0.7468


def test_bottles_of_lead_shot_weigh_more_when_lifted_second():
    """Davidson and Beaver (1977), Biometrics 33, p. 699: fifty subjects, five bottles of 90 to 110 g in both
    orders, which felt heavier (of Beaver and Gokhale 1975; the counts also in the R package eba: heaviness).

    The fit is compared with the same model as a logistic regression, and with what these authors found: the
    bottle lifted second has the advantage.
    """
    lifted_first = np.array(  # [a, b]: a was lifted first and felt heavier than b
        [[0, 14, 6, 2, 1], [32, 0, 14, 7, 2], [36, 34, 0, 12, 5], [47, 43, 34, 0, 10], [47, 46, 40, 28, 0]]
    )
    lifted_second = 50 * (1 - np.eye(5)) - lifted_first
    fit = fit_bradley_terry(
        PairCounts(lifted_first.astype(float), lifted_second, np.zeros((5, 5))), order_effect=True
    )
    pairs = [(a, b) for a in range(5) for b in range(5) if a != b]
    design = np.array([[(k == a) - (k == b) for k in range(4)] + [1] for a, b in pairs], float)
    counts = np.array([(lifted_first[pair], lifted_second[pair]) for pair in pairs])
    peer = of_statsmodels(counts, design, "Binomial").fit(tol=1e-12)
    np.testing.assert_allclose((fit.log_worth - fit.log_worth[-1])[:4], peer.params[:4], atol=1e-6)
    assert fit.order == pytest.approx(peer.params[4], abs=1e-6)
    assert fit.order_se == pytest.approx(peer.bse[4], abs=1e-4)
    assert round(np.exp(-fit.order), 2) == 1.34
    assert fit.order_p < 0.001
    assert np.all(np.diff(fit.log_worth) > 0)


def test_order_effect_and_ties_together_are_the_log_linear_model():
    """Davidson and Beaver's model is Poisson regression with a term for each ordered pair (Fienberg 1979)."""
    counts = count_pairs(*simulated([0.7, 0.1, -0.2, -0.6], comparisons=800, beta=0.3, nu=0.6, seed=2), 4)
    fit = fit_bradley_terry(counts, order_effect=True)
    pairs = [(a, b) for a in range(4) for b in range(4) if a != b]
    rows, seen = [], []
    for k, (a, b) in enumerate(pairs):
        for number, half, tie in (
            (counts.first_wins[a, b], 0.5, 0),
            (counts.second_wins[a, b], -0.5, 0),
            (counts.ties[a, b], 0, 1),
        ):
            rows.append(
                [
                    *np.eye(len(pairs))[k],
                    *(half * ((a == team) - float(b == team)) for team in range(3)),
                    half,
                    tie,
                ]
            )
            seen.append(number)
    peer = of_statsmodels(np.array(seen), np.array(rows, float), "Poisson").fit(tol=1e-12)
    theta = fit.log_worth - fit.log_worth[-1]
    np.testing.assert_allclose(theta[:3], peer.params[-5:-2], atol=1e-5)
    assert fit.order == pytest.approx(peer.params[-2], abs=1e-5)
    assert fit.order_se == pytest.approx(peer.bse[-2], abs=1e-4)
    assert fit.nu == pytest.approx(np.exp(peer.params[-1]), abs=1e-5)
    without_ties = np.delete(np.array(rows, float), -2, axis=1)
    plain = of_statsmodels(np.array(seen), without_ties, "Poisson").fit(tol=1e-12)
    assert fit.order_p == pytest.approx(chi2.sf(plain.deviance - peer.deviance, 1), rel=1e-4)


def test_resamples_are_fitted_as_each_would_be_alone():
    pairs = simulated_pairs(np.random.default_rng(3), judges=6, images=5, teams=5, share=0.5)
    cells = pair_cells(pairs)
    (weights,) = two_way_weights(6, 5, draws=20, chunk=20, rng=np.random.default_rng(1))
    many = cells.counts(*weights)
    drawn = weights[0][:, pairs.judge] * weights[1][:, pairs.image]
    for options in ({}, {"order_effect": True}, {"ties": "half"}):
        fit = fit_bradley_terry(pairs.counts, **options)
        worth, _ = refit_bradley_terry(many, fit, ties=options.get("ties", "davidson"))
        for r in range(20):
            rows = np.repeat(np.arange(pairs.size), drawn[r].astype(int))
            alone = count_pairs(pairs.first[rows], pairs.second[rows], pairs.outcome[rows], 5)
            np.testing.assert_allclose(alone.ties, many.ties[r])
            np.testing.assert_allclose(worth[r], fit_bradley_terry(alone, **options).log_worth, atol=2e-3)
    jod = fit_thurstone(pairs.counts)
    worth, finite = refit_thurstone(many, jod)
    for r in np.flatnonzero(finite):
        alone = fit_thurstone(many.part(np.array([r])).part(0))
        np.testing.assert_allclose(worth[r], alone.jod, atol=1e-4)


def test_a_prior_is_wins_of_everybody_over_everybody():
    fit = fit_bradley_terry(count_pairs([0, 0], [1, 1], [1, 1], 2).with_prior(0.1), ties="half")
    assert fit.log_worth[0] - fit.log_worth[1] == pytest.approx(np.log(2.1 / 0.1))


def test_estimates_are_the_peer_librarys():
    first, second, outcome = simulated([1, 0.3, 0, -0.4, -0.9], comparisons=400)
    pairs = [
        (a, b) if won else (b, a) for a, b, won in zip(first.tolist(), second.tolist(), outcome, strict=True)
    ]
    fit = fit_bradley_terry(count_pairs(first, second, outcome, 5))
    np.testing.assert_allclose(fit.log_worth, choix.ilsr_pairwise(5, pairs, tol=1e-12), atol=1e-6)


def test_half_wins_and_davidson_are_two_models():
    """Trap: a tie says that two candidates are close; half a win also moves worths, and by another amount."""
    counts = count_pairs(*simulated([0.8, 0, -0.8], comparisons=900, nu=1.0), 3)
    davidson, half = fit_bradley_terry(counts), fit_bradley_terry(counts, ties="half")
    assert davidson.nu == pytest.approx(1.0, abs=0.2)
    assert half.nu is None
    assert np.ptp(davidson.log_worth) > 1.2 * np.ptp(half.log_worth)


def test_half_wins_solve_the_score_equations():
    counts = count_pairs(*simulated([0.5, 0, -0.5], comparisons=200, nu=0.7, seed=3), 3)
    theta = fit_bradley_terry(counts, ties="half").log_worth
    flat = counts.with_half_wins().without_order()
    met = flat.first_wins + flat.second_wins
    met = met + met.T
    expected = (met / (1 + np.exp(theta - theta[:, None]))).sum(axis=1)
    won = flat.first_wins.sum(axis=1) + flat.second_wins.sum(axis=0)
    np.testing.assert_allclose(won, expected, atol=1e-6)


def test_davidson_recovers_order_ties_and_worths():
    theta = np.array([0.9, 0.3, -0.2, -1.0])
    counts = count_pairs(*simulated(theta, comparisons=20_000, beta=0.4, nu=0.6), 4)
    fit = fit_bradley_terry(counts, order_effect=True)
    assert np.abs((fit.log_worth - theta) / fit.se).max() < 3.5
    assert fit.order == pytest.approx(0.4, abs=0.06)
    assert fit.nu == pytest.approx(0.6, abs=0.05)
    assert fit.order_p < 1e-6


def test_ignoring_the_order_forgets_it():
    first, second, outcome = simulated([0.5, 0, -0.5], comparisons=300, beta=2.0, nu=0.5)
    turned = count_pairs(second, first, 1 - outcome, 3)
    fits = [fit_bradley_terry(counts) for counts in (count_pairs(first, second, outcome, 3), turned)]
    np.testing.assert_allclose(fits[0].log_worth, fits[1].log_worth, atol=1e-9)
    ordered = fit_bradley_terry(turned, order_effect=True)
    assert ordered.order == pytest.approx(
        -fit_bradley_terry(count_pairs(first, second, outcome, 3), order_effect=True).order
    )


@pytest.mark.parametrize("fit", [fit_bradley_terry, fit_thurstone])
def test_no_finite_estimate_is_said_and_penalised(fit):
    counts = count_pairs([0, 0, 1], [1, 2, 2], [1, 1, 1], 3)
    found = fit(counts)
    assert (found.finite, found.penalty, found.groups) == (False, 0.5, [[0], [1], [2]])
    with pytest.raises(AnalysisError, match="no finite estimate"):
        fit(counts, penalty=0)


def test_an_order_effect_without_limit_is_refused():
    counts = count_pairs([0, 1, 0, 1], [1, 0, 1, 0], [1, 1, 1, 1], 2)
    assert fit_bradley_terry(counts).log_worth == pytest.approx([0, 0])
    with pytest.raises(AnalysisError, match=r"no estimate of the order effect.*infinite"):
        fit_bradley_terry(counts, order_effect=True)


def test_only_ties_tell_nothing():
    with pytest.raises(AnalysisError, match="every comparison is a tie"):
        fit_bradley_terry(count_pairs([0], [1], [0.5], 2))


def test_long_chains_of_near_certain_wins_are_still_estimates():
    first = np.repeat(np.arange(11), 100)
    outcome = np.tile(np.r_[np.ones(99), 0], 11)
    fit = fit_bradley_terry(count_pairs(first, first + 1, outcome, 12))
    np.testing.assert_allclose(-np.diff(fit.log_worth), np.log(99), rtol=1e-6)


def test_unanimous_pairs_are_not_clamped():
    """Trap: with 200 of 200 votes one step up, a clamp at z = 3 would report 3 / 0.6745 = 4.4 JOD."""
    first, second, outcome = (
        [0] * 200 + [0, 1, 1, 2, 2, 0],
        [1] * 200 + [2, 2, 0, 1, 0, 1],
        [1] * 200 + [1, 0, 0, 0, 0, 0],
    )
    fit = fit_thurstone(count_pairs(first, second, outcome, 3))
    assert fit.finite
    again = fit_thurstone(count_pairs(first + [0] * 2000, second + [1] * 2000, outcome + [1] * 2000, 3))
    assert again.jod[0] - again.jod[1] > fit.jod[0] - fit.jod[1]
    for found in (fit, again):
        assert np.isfinite(found.jod).all()


def test_one_jod_is_three_votes_in_four():
    rng = np.random.default_rng(1)
    quality = np.array([1.2, 0.3, 0.0, -1.5])
    first, second = np.repeat(np.arange(4), 4), np.tile(np.arange(4), 4)
    keep = first != second
    first, second = np.repeat(first[keep], 1500), np.repeat(second[keep], 1500)
    noise = rng.normal(0, 1 / 0.6744897501960817, len(first))
    fit = fit_thurstone(
        count_pairs(first, second, (quality[first] - quality[second] + noise > 0).astype(float), 4)
    )
    assert np.abs((fit.jod - quality) / fit.se).max() < 3.5
    assert fit.se.max() < 0.05


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6), n=st.integers(2, 6), size=st.integers(1, 60), nu=st.sampled_from([0.0, 0.5])
)
def test_any_comparisons_give_a_maximum_that_follows_the_labels(seed, n, size, nu):
    first, second, outcome = simulated(np.zeros(n), comparisons=size, nu=nu, seed=seed)
    if (outcome == 0.5).all():
        outcome[0] = 1
    relabel = np.random.default_rng(seed).permutation(n)
    for fit, name in ((fit_bradley_terry, "log_worth"), (fit_thurstone, "jod")):
        value = getattr(fit(count_pairs(first, second, outcome, n)), name)
        again = getattr(fit(count_pairs(relabel[first], relabel[second], outcome, n)), name)
        assert abs(value.sum()) < 1e-7
        np.testing.assert_allclose(again[relabel], value, atol=1e-5)


@pytest.mark.parametrize(
    ("comparison", "message"),
    [
        (([0], [0], [1]), "compared with itself"),
        (([0], [2], [1]), "candidate code 2"),
        (([-1], [1], [1]), "candidate code -1"),
        (([0], [1], [0.7]), r"outcome 0\.7"),
        (([0], [1], [float("nan")]), "outcome nan"),
        (([], [], []), "no comparisons"),
    ],
)
def test_bad_comparisons_are_refused(comparison, message):
    with pytest.raises(AnalysisError, match=message):
        count_pairs(*comparison, 2)
