"""What a new study would find: calibrated, and not the winner's luck."""

import numpy as np
import pytest

from analysis.resampling.replication import new_study_draws, truth_draws
from benchmarks.coverage import coverage
from benchmarks.replication import FIELDS, held_twice


def test_scores_that_differ_by_sampling_error_alone_are_drawn_together_and_real_differences_stay():
    rng = np.random.default_rng(1)
    errors = rng.normal(0, 1, (4000, 10))
    observed = rng.normal(0, 1, 10)
    near = truth_draws(observed, errors, size=4000, rng=rng).mean(axis=0)
    far = truth_draws(20 * observed, errors, size=4000, rng=rng).mean(axis=0)
    assert np.ptp(near) < 0.7 * np.ptp(observed)
    assert np.ptp(far) == pytest.approx(20 * np.ptp(observed), rel=0.02)
    assert near.mean() == pytest.approx(observed.mean(), abs=0.05)


def test_a_new_study_scatters_twice_as_much_about_what_was_seen_as_the_study_about_the_truth():
    rng = np.random.default_rng(2)
    errors = rng.normal(0, 1, (4000, 6))
    errors -= errors.mean(axis=1, keepdims=True)
    observed = 50 + 30 * np.arange(6)
    truth = truth_draws(observed, errors, size=4000, rng=rng)
    new = new_study_draws(truth, errors, bounds=(0, 1000), rng=rng)
    assert np.var(new - observed, axis=0).mean() == pytest.approx(2 * np.var(errors, axis=0).mean(), rel=0.1)


@pytest.mark.parametrize("field", ["equal teams", "spread: from 1 to -1"])
def test_the_chance_stated_for_the_winner_is_how_often_it_wins_again(field):
    found = held_twice(FIELDS[field], studies=40, judges=8, images=15, draws=400, seed=1)
    assert found["stated"] - found["wins again"] < 0.3
    assert found["stated"] < found["stated by plain resamples"]
    assert found["rank intervals hold"] >= 0.85


@pytest.mark.slow
@pytest.mark.parametrize(("field", "off"), list(zip(FIELDS, (0.12, 0.12, 0.08, 0.25), strict=True)))
def test_stated_chances_are_calibrated_where_the_field_is_what_it_is_taken_for(field, off):
    found = held_twice(FIELDS[field], studies=400, judges=15, images=50, draws=1000, seed=3)
    assert abs(found["stated"] - found["wins again"]) < off
    assert found["rank intervals hold"] >= 0.95


@pytest.mark.slow
@pytest.mark.parametrize("field", ["close", "rare"])
def test_normalised_scores_and_rare_teams_are_covered(field):
    shares = coverage(studies=400, judges=15, images=50, field=field)
    assert shares["S3n (reported)"] >= 0.95
    assert shares["S3n of the best team"] >= 0.93
    assert all(shares[f"S3 of the team {place} from the end"] >= 0.9 for place in (1, 2, 3))
