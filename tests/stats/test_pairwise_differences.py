"""Resampling judges or images alone, p of all pairs of teams, and who beat whom."""

import json
from itertools import permutations

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.stats import t as student

from analysis.cli import main
from analysis.planning.simulation import simulate_ranks, simulated_votes
from analysis.resampling.draws import two_way_weights
from analysis.resampling.intervals import analytic_interval
from analysis.resampling.ranks import pairwise_p, tie_groups
from analysis.resampling.summary import bootstrap_summary
from analysis.rule import POINTS
from analysis.votes import validate_votes
from tests.drawn_study import drawn_study

QUALITY_TEAMS = ["T01", "T02", "T03", "T04"]
QUALITY = np.array([1.2, 0.5, 0, -0.5])


def study(*, judges=6, images=8, seed=0, **tastes):
    rng = np.random.default_rng(seed)
    rank = simulate_ranks(QUALITY, judges=judges, images=images, rng=rng, **tastes)[0]
    return simulated_votes(rank, rng=rng)


def summary(votes, resample, draws=400):
    return bootstrap_summary(drawn_study(votes, draws=draws, resample=resample), refits=50)


@pytest.mark.parametrize(("kept", "resample"), [(0, "images"), (1, "judges")])
def test_what_is_not_resampled_counts_once_in_every_draw(kept, resample):
    (weights,) = two_way_weights(5, 7, draws=20, chunk=50, rng=np.random.default_rng(2), resample=resample)
    assert (weights[kept] == 1).all()
    drawn = weights[1 - kept]
    assert (drawn.sum(axis=1) == drawn.shape[1]).all()
    assert drawn.std() > 0


@pytest.mark.parametrize("resample", ["judges", "images"])
def test_intervals_over_one_of_the_two_are_the_t_interval_of_its_means(resample):
    """With complete data a judge, or an image, is one independent number for each team."""
    votes = study(image_sd=0.6, judge_sd=0.3)
    ballots = validate_votes(votes).ballots
    points = votes["rank"].astype(float).map({1: 3, 2: 2, 3: 1}).fillna(0)
    by, other = (["judge", "image"] if resample == "judges" else ["image", "judge"])[:2]
    unit = votes.assign(points=points.astype(float)).groupby([by, "team"])["points"].sum().unstack()
    scale = 1 if resample == "judges" else len(ballots.images) / votes[other].nunique()
    values = unit.to_numpy() * scale
    n = len(values)
    half = student.ppf(0.975, n - 1) * values.std(axis=0, ddof=1) / np.sqrt(n)
    _, found = analytic_interval(ballots, resample=resample, points=POINTS)
    np.testing.assert_allclose((found[:, 1] - found[:, 0]) / 2, half, rtol=1e-9)
    data = summary(votes, resample, draws=2000)
    assert data["resample"] == resample
    assert f"bootstrap of {resample} only" in data["method"]
    other_name = {"judges": "images", "images": "judges"}[resample]
    assert (data["resampled"][resample], data["resampled"][other_name]) == (True, False)
    widths = [row["ci"][1] - row["ci"][0] for row in data["s3"].values()]
    np.testing.assert_allclose(widths, 2 * half, rtol=0.12)


def test_one_image_is_no_obstacle_to_resampling_its_judges():
    votes = study(images=1, judges=9)
    assert summary(votes, "both")["s3"]["T01"]["ci"] == [None, None]
    over_judges, over_images = summary(votes, "judges"), summary(votes, "images")
    assert over_judges["resampled"]["reason"] is None
    low, high = over_judges["s3"]["T01"]["ci"]
    assert low < over_judges["s3"]["T01"]["mean"] < high
    assert over_images["s3"]["T01"]["ci"] == [None, None]
    assert "only one image" in over_images["resampled"]["reason"]


def test_p_of_pairs_agrees_with_what_the_intervals_call_different():
    rng = np.random.default_rng(3)
    scores = np.array([3.0, 2.0, 1.9, 0.0, np.nan])
    draws = scores + rng.normal(0, 0.4, (4000, 5))
    _, critical, error = tie_groups(scores, draws)
    p, adjusted = pairwise_p(scores, draws)
    for a in range(4):
        for b in range(a):
            apart = abs(scores[a] - scores[b]) > critical * error[a, b]
            assert (adjusted[a, b] <= 0.0505) == apart
            assert 0 < p[a, b] <= adjusted[a, b] <= 1
            assert p[a, b] == p[b, a]
    assert np.isnan(p[4]).all()
    assert p[1, 2] > 0.7
    assert adjusted[0, 3] < 0.01


def test_adjusted_p_is_rarely_small_where_no_two_teams_differ():
    rng = np.random.default_rng(4)
    false, single = 0, 0
    for _ in range(200):
        scores = rng.normal(0, 1, 6)
        p, adjusted = pairwise_p(scores, scores + rng.normal(0, 1, (300, 6)))
        single += np.nanmin(p) <= 0.05
        false += np.nanmin(adjusted) <= 0.05
    assert false <= 20
    assert single >= 40


def test_teams_that_never_move_have_p_one_when_equal_and_the_smallest_p_when_not():
    p, adjusted = pairwise_p(np.array([2.0, 2.0, 1.0]), np.tile([2.0, 2.0, 1.0], (99, 1)))
    assert (p[0, 1], adjusted[0, 1]) == (1, 1)
    assert (p[0, 2], adjusted[0, 2]) == (0.01, 0.01)


def test_head_to_head_counts_ballots_as_a_person_would(tmp_path):
    votes = study(judges=3, images=4)
    gone = (votes["judge"] == votes["judge"].iloc[0]) & (votes["team"] == "T04") & votes["rank"].isna()
    votes = votes[~gone]
    above = {(a, b): 0 for a in QUALITY_TEAMS for b in QUALITY_TEAMS}
    met = dict(above)
    for _, ballot in votes.groupby(["judge", "image"]):
        place = dict(zip(ballot["team"], ballot["rank"].fillna(99), strict=True))
        for a, b in permutations(place, 2):
            met[a, b] += 1
            above[a, b] += int(place[a] < place[b])
    data = summary(votes, "both")["head_to_head"]
    n = len(QUALITY_TEAMS)
    assert np.array(data["above"]).ravel().tolist() == list(above.values())
    assert np.array(data["met"]).shape == (n, n)
    assert np.array(data["met"]).ravel().tolist() == list(met.values())


def test_the_command_writes_pairs_and_head_to_head_and_names_what_was_resampled(tmp_path):
    study().to_csv(tmp_path / "votes.csv", index=False)
    base = ["bootstrap", str(tmp_path / "votes.csv"), "--draws", "200", "--resample", "judges"]
    pairs = CliRunner().invoke(main, [*base, "--table", "pairs"])
    assert pairs.stdout.splitlines()[0].startswith("better,worse,difference,low,high,p,p_adjusted")
    assert len(pairs.stdout.splitlines()) == 7
    assert "bootstrap of judges only, these images kept" in pairs.stderr
    heads = CliRunner().invoke(main, [*base, "--table", "head-to-head"])
    assert heads.stdout.splitlines()[0].startswith("above,T01,T02,T03,T04")
    data = json.loads(CliRunner().invoke(main, [*base, "--format", "json"]).stdout)
    assert data["resample"] == "judges"
    assert {"p", "p_adjusted"} <= data["pairwise"][0].keys()
