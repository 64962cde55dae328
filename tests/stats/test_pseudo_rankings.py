"""Plackett-Luce with a ghost: its objective, finite where the plain estimate is not, and the command."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.optimize import minimize

from analysis.cli import main
from analysis.errors import AnalysisError
from analysis.models.plackett_luce import fit_plackett_luce, fit_with_pseudo_rankings
from analysis.planning.simulation import simulate_ranks, simulated_votes

RANK = np.array([[1, 2, 0], [1, 0, 2], [1, 2, 0], [2, 1, 0]])


@pytest.mark.parametrize("times", [0.5, 2.0])
def test_the_estimate_maximises_ballots_and_comparisons_with_the_ghost(times):
    shown = np.ones_like(RANK, dtype=bool)

    def loss(theta):
        total = 0.0
        for ballot in RANK:
            left = list(range(3))
            for place in (1, 2):
                pick = int(np.flatnonzero(ballot == place)[0])
                total += theta[pick] - np.log(np.exp(theta[left]).sum())
                left.remove(pick)
        return -total - times * (theta - 2 * np.logaddexp(0, theta)).sum()

    best = minimize(loss, np.zeros(3), tol=1e-12).x
    fit = fit_with_pseudo_rankings(RANK, shown, times=times)
    np.testing.assert_allclose(fit.log_worth, best - best.mean(), atol=1e-4)


def test_a_team_that_never_lost_has_a_finite_worth_and_few_ghosts_change_little():
    won = np.array([[1, 0], [1, 0], [1, 0]])
    shown = np.ones_like(won, dtype=bool)
    fit = fit_with_pseudo_rankings(won, shown, times=0.5)
    assert not fit.finite
    assert 0 < fit.log_worth[0] < 5
    full = np.ones_like(RANK, dtype=bool)
    mixed = np.vstack([RANK, [[0, 1, 2], [2, 0, 1]]])
    plain = fit_plackett_luce(mixed, np.ones_like(mixed, dtype=bool))
    near = fit_with_pseudo_rankings(mixed, np.ones_like(mixed, dtype=bool), times=1e-4)
    np.testing.assert_allclose(near.log_worth, plain.log_worth, atol=1e-2)
    with pytest.raises(AnalysisError, match="give a number above 0"):
        fit_with_pseudo_rankings(RANK, full, times=0)


def test_the_command_names_the_ghost_and_refuses_it_beside_a_penalty(tmp_path):
    rank = simulate_ranks([1, 0, 0, -1], judges=4, images=5, rng=np.random.default_rng(1))[0]
    simulated_votes(rank, rng=np.random.default_rng(2)).to_csv(tmp_path / "votes.csv", index=False)
    call = ["model", str(tmp_path / "votes.csv"), "--pseudo", "0.5", "--format", "json"]
    result = CliRunner().invoke(main, call)
    assert json.loads(result.stdout)["pseudo"] == 0.5
    assert "an imaginary one 0.5 times" in result.stderr
    assert CliRunner().invoke(main, [*call, "--penalty", "1"]).exit_code == 2
