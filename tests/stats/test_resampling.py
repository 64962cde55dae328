"""The two-way bootstrap: coverage, its draws against brute force, missing ballots, degenerate studies."""

import numpy as np
import pandas as pd
import pytest

from analysis.errors import AnalysisError
from analysis.models.choices import choices_of_ballots
from analysis.models.plackett_luce import fit_choices
from analysis.planning.simulation import simulate_ranks, simulated_votes
from analysis.points import team_points
from analysis.resampling.draws import points_table, s3_draws, two_way_weights, worth_draws
from analysis.resampling.intervals import analytic_interval, calibrated, percentile_interval
from analysis.resampling.summary import bootstrap_summary
from analysis.rule import POINTS
from analysis.votes import validate_votes
from tests.drawn_study import drawn_study

QUALITY = np.linspace(1, -1, 8)
TASTES = {"image_sd": 0.6, "judge_sd": 0.3}


def study(seed, *, judges=6, images=9, quality=QUALITY[:5], missing=False, **tastes):
    rng = np.random.default_rng(seed)
    rank = simulate_ranks(quality, judges=judges, images=images, rng=rng, **tastes)[0]
    votes = simulated_votes(rank, rng=rng)
    if missing:
        gone = (votes["judge"] == "J01") & (votes["team"] == "T05") & votes["rank"].isna()
        unanswered = (votes["judge"] == "J02") & (votes["image"] <= "003")
        votes = votes[~gone & ~unanswered]
    return votes


def s3_by_repeating_rows(votes, judge_times, image_times):
    """S3 of a resample in which every drawn judge and image becomes a judge and an image of its own."""
    copies = []
    for (judge, image), ballot in votes.groupby(["judge", "image"]):
        for a in range(judge_times[judge]):
            times = range(image_times[image])
            copies += [ballot.assign(judge=f"{judge}.{a}", image=f"{image}.{b}") for b in times]
    return team_points(validate_votes(pd.concat(copies)), points=POINTS).set_index("team")["s3"].sort_index()


def short_images(votes):
    """Images on which J01 was not shown T05."""
    seen = votes[(votes["judge"] == "J01") & (votes["team"] == "T05")]["image"]
    return set(votes["image"]) - set(seen)


@pytest.mark.parametrize("missing", [False, True])
def test_a_draw_is_the_s3_of_the_repeated_ballots(missing):
    votes = study(1, missing=missing)
    # Ballots that lack a team are completed once, by the whole panel, and drawn as completed.
    votes = votes[(votes["judge"] != "J01") | ~votes["image"].isin(short_images(votes))]
    ballots = validate_votes(votes).ballots
    table = points_table(ballots, points=POINTS)
    assert table.complete != missing
    (weights,) = two_way_weights(6, 9, draws=4, chunk=10, rng=np.random.default_rng(3))
    for judge_times, image_times in zip(*weights, strict=True):
        judge = dict(zip(ballots.judges, judge_times.astype(int), strict=True))
        image = dict(zip(ballots.images, image_times.astype(int), strict=True))
        expected = s3_by_repeating_rows(votes, judge, image)
        ours = table.s3(judge_times[None, :], image_times[None, :])[0]
        np.testing.assert_allclose(ours, expected, atol=1e-9)


@pytest.mark.parametrize("missing", [False, True])
def test_everybody_once_is_the_announced_s3(missing):
    votes = study(2, missing=missing)
    table = points_table(validate_votes(votes).ballots, points=POINTS)
    expected = team_points(validate_votes(votes), points=POINTS).set_index("team")["s3"].sort_index()
    np.testing.assert_allclose(table.s3(np.ones((1, 6)), np.ones((1, 9)))[0], expected, atol=1e-12)


def test_crowds_are_kept_sparse_and_give_the_same_draws(monkeypatch):
    ballots = validate_votes(study(3, missing=True)).ballots
    dense = s3_draws(points_table(ballots, points=POINTS), draws=50, rng=np.random.default_rng(1))
    monkeypatch.setattr("analysis.resampling.draws._CELLS", 10)
    monkeypatch.setattr("analysis.resampling.draws._DENSE", 0)
    table = points_table(ballots, points=POINTS)
    assert hasattr(table.points, "indptr")
    np.testing.assert_allclose(s3_draws(table, draws=50, rng=np.random.default_rng(1)), dense, atol=1e-12)


def test_the_draws_do_not_depend_on_the_chunks():
    (one,) = two_way_weights(4, 5, draws=9, chunk=9, rng=np.random.default_rng(1))
    many = list(two_way_weights(4, 5, draws=9, chunk=2, rng=np.random.default_rng(1)))
    for side in (0, 1):
        np.testing.assert_array_equal(one[side], np.concatenate([part[side] for part in many]))


def test_model_refits_use_the_same_two_way_weights():
    ballots = validate_votes(study(4, judges=5, images=10)).ballots
    choices = choices_of_ballots(ballots)
    draws, _ = worth_draws(ballots, choices, draws=3, rng=np.random.default_rng(2))
    weights = two_way_weights(5, 10, draws=3, chunk=3, rng=np.random.default_rng(2))
    for judge_weights, image_weights in weights:
        for row in range(3):
            weight = judge_weights[row, ballots.judge] * image_weights[row, ballots.image]
            fit = fit_choices(choices, weights=weight)
            np.testing.assert_allclose(draws[row], fit.log_worth, atol=1e-8)


def true_s3(images):
    """Expected S3 over all judges and images, from one very large study."""
    rng = np.random.default_rng(99)
    totals = [
        np.array([0, 3, 2, 1])[simulate_ranks(QUALITY, judges=150, images=150, rng=rng, **TASTES)[0]].mean(
            (0, 1)
        )
        for _ in range(12)
    ]
    return images * np.mean(totals, axis=0)


def test_two_way_intervals_cover_and_one_way_or_vote_level_ones_do_not():
    """Trap: resampling single votes, or only judges, gives intervals that are far too short."""
    judges, images, studies = 10, 25, 70
    truth, rng = true_s3(images), np.random.default_rng(7)
    hits = dict.fromkeys(["two-way", "judges", "votes"], 0.0)
    for seed in range(studies):
        ballots = validate_votes(study(seed, judges=judges, images=images, quality=QUALITY, **TASTES)).ballots
        table = points_table(ballots, points=POINTS)
        s3 = table.s3(np.ones((1, judges)), np.ones((1, images)))[0]
        _, analytic = analytic_interval(ballots, points=POINTS)
        draws = calibrated(s3_draws(table, draws=400, rng=rng), s3, analytic, highest=3 * images)
        of_judges = rng.multinomial(judges, np.full(judges, 1 / judges), 400).astype(float)
        only_judges = table.s3(of_judges, np.ones((400, images)))
        per_vote = table.points.reshape(judges * images, -1)
        of_votes = rng.multinomial(len(per_vote), np.full(len(per_vote), 1 / len(per_vote)), 400)
        for name, sample in {
            "two-way": draws,
            "judges": only_judges,
            "votes": of_votes @ per_vote / judges,
        }.items():
            low, high = percentile_interval(sample).T
            hits[name] += ((low <= truth) & (truth <= high)).mean() / studies
    assert 0.92 <= hits["two-way"] <= 0.985
    assert hits["judges"] < 0.85
    assert hits["votes"] < 0.80


def test_the_analytic_interval_is_the_mean_squares_formula():
    ballots = validate_votes(study(5, judges=4, images=7, **TASTES)).ballots
    y = points_table(ballots, points=POINTS).points.reshape(4, 7, 5)
    grand, of_judge, of_image = y.mean((0, 1)), y.mean(1), y.mean(0)
    ms_judge = 7 * ((of_judge - grand) ** 2).sum(0) / 3
    ms_image = 4 * ((of_image - grand) ** 2).sum(0) / 6
    rest = y - of_judge[:, None] - of_image[None] + grand
    ms_rest = (rest**2).sum((0, 1)) / 18
    variance = np.maximum(ms_judge + ms_image - ms_rest, np.maximum(ms_judge, ms_image)) / 28 * 49
    np.testing.assert_allclose(analytic_interval(ballots, points=POINTS)[0], np.sqrt(variance), atol=1e-12)


def test_calibration_sets_the_width_and_keeps_the_middle_and_the_range():
    rng = np.random.default_rng(1)
    draws = rng.normal([10.0, 0.2], [2, 0.2], (4000, 2))
    out = calibrated(draws, np.array([10.0, 0.2]), np.array([[9.0, 11], [-1, 1.4]]), highest=30)
    low, high = percentile_interval(out).T
    assert (low[0], high[0]) == pytest.approx((9, 11), abs=0.1)
    assert low[1] == 0
    untouched = calibrated(draws[:, :1], np.array([10.0]), np.full((1, 2), np.nan), highest=30)
    np.testing.assert_allclose(untouched, draws[:, :1])


def test_the_summary_is_the_same_for_the_same_seed_and_any_order_of_rows():
    votes = study(6)
    first = bootstrap_summary(drawn_study(votes, draws=300, seed=5), refits=50)
    again = bootstrap_summary(drawn_study(votes.sample(frac=1, random_state=2), draws=300, seed=5), refits=50)
    other = bootstrap_summary(drawn_study(votes, draws=300, seed=6), refits=50)
    assert first == again
    assert first["s3"] != other["s3"]


def test_the_summary_has_the_published_keys_and_sane_numbers():
    votes = study(7, missing=True)
    summary = bootstrap_summary(drawn_study(votes, draws=500), refits=100)
    s3 = team_points(validate_votes(votes), points=POINTS).set_index("team")["s3"]
    for team, row in summary["s3"].items():
        assert row["mean"] == pytest.approx(s3[team])
        assert row["ci"][0] <= row["mean"] <= row["ci"][1]
    for chances in summary["p_rank"].values():
        assert sum(chances) == pytest.approx(1)
    assert {team for group in summary["tie_groups"] for team in group} == set(s3.index)
    assert summary["simulated"] is True


@pytest.mark.parametrize(("judges", "images", "word"), [(1, 9, "only one judge"), (5, 1, "only one image")])
def test_one_judge_or_one_image_is_said(judges, images, word):
    votes = study(8, judges=judges, images=images)
    summary = bootstrap_summary(drawn_study(votes, draws=200), refits=20)
    assert word in summary["resampled"]["reason"]
    assert "nothing is known about other" in summary["resampled"]["reason"]
    for name in ("s3", "s3n", "final"):
        assert all(row["ci"] == [None, None] for row in summary[name].values())
    assert all(chances == [None] * 5 for chances in summary["p_rank"].values())
    assert all(row["p_any"] is None for row in summary["awards"].values())
    assert len(summary["tie_groups"]) == 1
    assert set(map(tuple, summary["rank_interval"].values())) == {(1, 5)}


def test_a_single_ballot_has_no_spread_and_no_traceback():
    votes = study(9, judges=1, images=1)
    summary = bootstrap_summary(drawn_study(votes, draws=100), refits=10)
    assert "one judge" in summary["resampled"]["reason"]
    assert "one image" in summary["resampled"]["reason"]
    assert all(row["ci"] == [None, None] for row in summary["s3"].values())


def test_teams_all_the_same_have_no_s3n_and_are_one_group():
    ranks = np.array([[[1, 2, 3], [2, 3, 1], [3, 1, 2]]] * 2)
    votes = simulated_votes(ranks, rng=np.random.default_rng(1))
    summary = bootstrap_summary(drawn_study(votes, draws=200), refits=20)
    assert "all teams have the same S3" in summary["s3n_undefined"]
    assert all(row["mean"] is None for row in summary["s3n"].values())
    assert summary["rank"] == dict.fromkeys(["T01", "T02", "T03"], None)


def test_a_team_without_votes_gets_numbers_and_a_penalty():
    votes = study(10, quality=np.array([1, 0.5, 0, 0, -60.0]))
    summary = bootstrap_summary(drawn_study(votes, draws=200), refits=30)
    assert summary["model"] == {"refits": 30, "finite": False, "penalty": 0.5, "penalised_refits": 30}
    low, high = summary["s3"]["T05"]["ci"]
    # The rule of three: 3 picks in 54 ballots, worth 2 points each, over 9 images.
    assert low == 0
    assert high == pytest.approx(3 / 54 * 2 * 9, rel=0.3)
    assert summary["p_rank"]["T05"][-1] > 0.95


def test_too_few_draws_are_refused():
    with pytest.raises(AnalysisError, match="50 resamples are too few"):
        bootstrap_summary(drawn_study(study(1), draws=50))
