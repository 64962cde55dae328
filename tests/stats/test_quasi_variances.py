"""Quasi-variances by their defining property, AIC and BIC, covariances and the error of the tie parameter."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.stats import norm

from analysis.cli import main
from analysis.errors import AnalysisError
from analysis.models.bradley_terry import fit_bradley_terry
from analysis.models.pair_counts import count_pairs
from analysis.models.quasi import contrast_variances, quasi_variances
from analysis.opinion import fit_subject_model
from analysis.planning.simulation import simulate_ranks, simulated_votes


def covariance(n, rng):
    a = rng.normal(size=(n, n + 4))
    return a @ a.T + np.diag(rng.uniform(0.5, 2, n))


def sums(q):
    return q[:, None] + q


@pytest.mark.parametrize("seed", range(4))
def test_three_teams_get_the_exact_variance_of_every_difference(seed):
    wanted = contrast_variances(covariance(3, np.random.default_rng(seed)))
    q, worst = quasi_variances(wanted)
    off = ~np.eye(3, dtype=bool)
    np.testing.assert_allclose(sums(q)[off], wanted[off], rtol=1e-6)
    assert worst < 1e-6


@pytest.mark.parametrize("n", [4, 9])
def test_no_other_numbers_come_nearer_to_the_variances_of_all_differences(n):
    rng = np.random.default_rng(n)
    wanted = contrast_variances(covariance(n, rng))
    q, worst = quasi_variances(wanted)
    upper = np.triu_indices(n, 1)

    def misfit(q):
        return (np.log(sums(q)[upper] / wanted[upper]) ** 2).sum()

    best = misfit(q)
    assert all(misfit(q * rng.uniform(0.97, 1.03, n)) >= best for _ in range(50))
    assert np.abs(np.sqrt(sums(q) / np.where(wanted > 0, wanted, np.inf))[upper] - 1).max() == pytest.approx(
        worst
    )
    # A shift that all teams share changes no difference, and hence nothing.
    shared = covariance(n, np.random.default_rng(n)) + 7.0
    np.testing.assert_allclose(quasi_variances(contrast_variances(shared))[0], q, rtol=1e-5)


def test_two_teams_and_equal_teams_have_none():
    assert np.isnan(quasi_variances(np.array([[0, 2.0], [2.0, 0]]))[0]).all()
    with pytest.raises(AnalysisError, match="without variance"):
        quasi_variances(np.zeros((3, 3)))


def test_the_model_gives_covariance_quasi_errors_and_criteria(tmp_path):
    rank = simulate_ranks([1, 0.4, 0, -0.5], judges=6, images=9, image_sd=0.4, rng=np.random.default_rng(1))[
        0
    ]
    simulated_votes(rank, rng=np.random.default_rng(2)).to_csv(tmp_path / "votes.csv", index=False)
    result = CliRunner().invoke(main, ["model", str(tmp_path / "votes.csv"), "--format", "json"])
    data = json.loads(result.stdout)
    values = np.array(data["covariance"]["values"])
    np.testing.assert_allclose(np.sqrt(np.diag(values)), list(data["se"].values()), rtol=1e-9)
    q = np.array(list(data["quasi_se"].values())) ** 2
    upper = np.triu_indices(4, 1)
    relative = np.sqrt(sums(q)[upper] / contrast_variances(values)[upper])
    assert np.abs(relative - 1).max() == pytest.approx(data["quasi_worst"], abs=1e-9)
    assert data["quasi_worst"] < 0.05
    assert min(data["quasi_se_two_way"].values()) > 0
    assert data["parameters"] == 3
    assert data["aic"] == pytest.approx(6 - 2 * data["loglik"])
    assert data["bic"] == pytest.approx(3 * np.log(54) - 2 * data["loglik"])


def test_the_error_of_the_tie_parameter_is_that_of_resampled_comparisons():
    rng = np.random.default_rng(3)
    first, second = rng.integers(0, 3, 600), rng.integers(1, 3, 600)
    second = (first + second) % 3
    outcome = rng.choice([0, 0.5, 1], size=600, p=[0.3, 0.25, 0.45])
    fit = fit_bradley_terry(count_pairs(first, second, outcome, 3))
    draws = []
    for _ in range(120):
        rows = rng.integers(0, 600, 600)
        draws.append(fit_bradley_terry(count_pairs(first[rows], second[rows], outcome[rows], 3)).nu)
    assert fit.nu_se == pytest.approx(np.std(draws), rel=0.2)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance)), fit.se)
    assert fit_bradley_terry(count_pairs(first, second, outcome, 3), ties="half").nu_se is None


def test_criteria_of_the_model_of_subjects_prefer_it_where_subjects_differ():
    rng = np.random.default_rng(4)
    quality = np.linspace(1, 5, 30)
    scores = (
        quality
        + rng.normal(0, 0.6, 12)[:, None]
        + rng.normal(size=(12, 30)) * np.linspace(0.2, 1, 12)[:, None]
    )
    model = fit_subject_model(scores)
    assert (model.scores, model.parameters) == (360, 30 + 12 + 11)
    expected = model.quality + model.bias[:, None]
    loglik = norm.logpdf(scores, expected, model.inconsistency[:, None]).sum()
    assert model.loglik == pytest.approx(loglik)
    assert model.bic == pytest.approx(np.log(360) * 53 - 2 * loglik)
    residual = scores - scores.mean(axis=0)
    plain = norm.logpdf(residual, scale=np.sqrt((residual**2).mean())).sum()
    assert model.bic < np.log(360) * 31 - 2 * plain
