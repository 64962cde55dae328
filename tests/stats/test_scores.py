"""Scores of teams, from votes, pairs and ratings alike."""

import numpy as np
import pandas as pd
import pytest

from analysis.models.pair_summary import pair_scores
from analysis.parts import Parts
from analysis.planning.simulated_answers import simulated_pairs, simulated_ratings
from analysis.points import team_points
from analysis.resampling.joint import joint_draws, observe
from analysis.resampling.rating_draws import rating_scores
from analysis.resampling.two_way import Sampling
from analysis.resampling.vote_scores import vote_scores
from analysis.rule import read_rule
from analysis.scores import Scores, ranked, standing
from analysis.votes import validate_votes


def votes(judges=6, images=8):
    rng = np.random.default_rng(0)
    rows = []
    for judge in range(judges):
        for image in range(images):
            order = np.argsort(np.array([1.0, 0.5, 0, -0.5]) + rng.gumbel(size=4))[::-1]
            ranks = {team: place for place, team in enumerate(order[:3], start=1)}
            rows += [(f"J{judge}", f"I{image}", f"T{team:04d}", ranks.get(team)) for team in range(4)]
    return validate_votes(pd.DataFrame(rows, columns=["judge", "image", "team", "rank"]))


def every_kind():
    rng = np.random.default_rng(1)
    sampling = Sampling(300)
    drawn = joint_draws(observe(votes(), Parts(), read_rule("user-study")), draws=300, seed=1)
    return {
        "u": vote_scores(drawn),
        "points": vote_scores(drawn, "points"),
        "bt": pair_scores(simulated_pairs(rng, teams=4), sampling=sampling, rng=rng)[0],
        "mos": rating_scores(simulated_ratings(rng, teams=4), sampling=sampling, rng=rng)[0],
    }


@pytest.fixture(scope="module")
def scores():
    return every_kind()


@pytest.mark.parametrize("name", ["u", "points", "bt", "mos"])
def test_scores_of_every_kind_have_means_and_draws_of_the_same_teams(name, scores):
    found = scores[name]
    assert found.name == name
    assert found.teams.tolist() == ["T0000", "T0001", "T0002", "T0003"]
    assert found.draws.shape == (300, 4)
    interval = found.interval()
    assert ((interval[:, 0] < found.mean) & (found.mean < interval[:, 1])).all()
    rows = standing(found)
    assert rows["teams"][0]["rank"] == 1
    assert rows["teams"][0][name] == found.mean.max()


def test_points_are_the_totals(scores):
    table = team_points(votes(), points=(3, 2, 1)).set_index("team")
    np.testing.assert_allclose(scores["points"].mean, table["points"][list(scores["points"].teams)])
    np.testing.assert_allclose(scores["u"].mean, table["s3"][list(scores["u"].teams)])


def test_teams_can_be_asked_for_in_another_order(scores):
    found = scores["bt"].of(["T0002", "nobody", "T0000"])
    assert np.isnan(found.mean[1])
    assert np.isnan(found.draws[:, 1]).all()
    assert found.mean[2] == scores["bt"].mean[0]
    assert found.ranks.tolist() == [2, 0, 1]


@pytest.mark.parametrize(("rule", "name"), [("mos", "mos"), ("subjectify-bt", "bt"), ("user-study", "u")])
def test_a_final_rule_takes_scores_of_every_kind(rule, name, scores):
    rows = ranked(read_rule(rule), [scores[name]])
    assert [row["rank"] for row in rows] == sorted(row["rank"] for row in rows)
    best = scores[name].teams[np.argmax(scores[name].mean)]
    assert rows[0]["team"] == best
    assert sum(row["p_first"] for row in rows) == pytest.approx(1)
    for row in rows:
        assert row["low"] <= row["final"] <= row["high"]


def test_a_rule_of_ones_own_joins_ratings_and_comparisons(scores):
    rows = ranked(read_rule("50*minmax(bt) + 10*mos"), [scores["bt"], scores["mos"]])
    bt, mos = scores["bt"].mean, scores["mos"].mean
    expected = 50 * (bt - bt.min()) / np.ptp(bt) + 10 * mos
    found = {row["team"]: row["final"] for row in rows}
    np.testing.assert_allclose([found[team] for team in scores["bt"].teams], expected)
    alone = ranked(read_rule("mos"), [Scores("mos", scores["mos"].teams, mos, np.empty((0, 4)))])
    assert np.isnan(alone[0]["p_first"])


def test_one_judge_says_nothing_of_others():
    drawn = joint_draws(observe(votes(judges=1), Parts(), read_rule("user-study")), draws=100, seed=0)
    found = vote_scores(drawn)
    assert len(found.draws) == 0
    assert np.isnan(found.interval()).all()
    rows = standing(found)
    assert rows["tie_groups"] == []
    assert {row["rank_low"] for row in rows["teams"]} == {None}


def test_teams_far_apart_are_in_groups_of_their_own_and_equal_ones_together():
    rng = np.random.default_rng(0)
    mean = np.array([3.0, 1.0, 1.0])
    found = standing(
        Scores("mos", np.array(["A", "B", "C"], dtype=object), mean, mean + 0.1 * rng.normal(size=(500, 3)))
    )
    assert found["tie_groups"] == [["A"], ["B", "C"]]
    assert [row["tie_groups"] for row in found["teams"]] == ["1", "2", "2"]
    assert [row["rank"] for row in found["teams"]] == [1, 2, 2]
