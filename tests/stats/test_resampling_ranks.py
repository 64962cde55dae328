"""Ranks, awards and tie groups from draws; influence of one judge or image; other rules and weights."""

import numpy as np
import pandas as pd
import pytest

from analysis.planning.simulation import simulate_ranks, simulated_votes
from analysis.points import team_points
from analysis.ranking import outcome_of
from analysis.resampling.influence import s3_without_images, s3_without_judges
from analysis.resampling.ranks import rank_probabilities, tie_groups
from analysis.resampling.rules import rule_flips, weight_grid, weighted_parts
from analysis.resampling.summary import bootstrap_summary
from analysis.rule import POINTS, ranks, read_rule
from analysis.votes import validate_votes
from tests.drawn_study import drawn_study

SCORES = pd.DataFrame(
    {"team": ["T01", "T02", "T03", "T04"], "s2": [80.0, 95, 90, 70], "escore": [10.0, 20, 5, 25]}
)


def votes_of(*ballots, judges=None):
    """One ballot for each text like "a b c | d": listed in order, then the unlisted; an image each."""
    rows = []
    for number, ballot in enumerate(ballots):
        listed, _, rest = ballot.partition("|")
        shown = listed.split() + rest.split()
        for slot, team in enumerate(shown, 1):
            rank = slot if slot <= len(listed.split()) else None
            rows.append((judges[number] if judges else "June", f"{number:03d}", team, slot, rank))
    return pd.DataFrame(rows, columns=["judge", "image", "team", "slot", "rank"])


def test_tied_teams_share_the_better_rank_in_p_rank():
    chances = rank_probabilities(ranks(np.array([[3.0, 3, 1], [3, 2, 1]])))
    np.testing.assert_array_equal(chances, [[1, 0, 0], [0.5, 0.5, 0], [0, 0, 1]])


def test_overlapping_intervals_can_still_be_a_clear_difference():
    """Trap: two teams move together with the judges, so their single intervals overlap widely."""
    rng = np.random.default_rng(1)
    shared = rng.normal(0, 5, (2000, 1))
    scores = np.array([20.0, 18.0])
    draws = scores + shared + rng.normal(0, 0.2, (2000, 2))
    low, high = np.percentile(draws, [2.5, 97.5], axis=0)
    assert low[0] < high[1]
    assert tie_groups(scores, draws)[0] == [[0], [1]]


def test_tie_groups_overlap_and_leave_no_team_out():
    rng = np.random.default_rng(2)
    scores = np.array([10.0, 8.5, 7.0, 1.0, np.nan])
    draws = np.hstack([scores[:4] + rng.normal(0, 0.5, (3000, 4)), np.full((3000, 1), np.nan)])
    groups, critical, _ = tie_groups(scores, draws)
    assert groups == [[0, 1], [1, 2], [3]]
    assert 2.3 < critical < 2.8


def test_simultaneous_intervals_keep_equal_teams_together():
    """Ten equal teams: the family-wise error stays near 5 %, where single tests would err in most studies."""
    wrong = 0
    for seed in range(150):
        rng = np.random.default_rng(seed)
        truth = rng.normal(0, 1, 10)
        wrong += len(tie_groups(truth, truth + rng.normal(0, 1, (400, 10)))[0]) > 1
    assert wrong / 150 <= 0.11


def test_leaving_one_out_is_the_announced_score_of_the_others():
    rng = np.random.default_rng(3)
    votes = simulated_votes(simulate_ranks([1, 0.5, 0, -0.5], judges=4, images=5, rng=rng)[0], rng=rng)
    votes = votes[~((votes["judge"] == "J02") & (votes["image"] == "003"))]
    ballots = validate_votes(votes).ballots
    for row, judge in zip(s3_without_judges(ballots, points=POINTS), ballots.judges, strict=True):
        rest = (
            team_points(validate_votes(votes[votes["judge"] != judge]), points=POINTS)
            .set_index("team")["s3"]
            .sort_index()
        )
        np.testing.assert_allclose(row, rest, atol=1e-12)
    votes = votes[~((votes["judge"] == "J03") & (votes["team"] == "T04") & votes["rank"].isna())]
    ballots = validate_votes(votes).ballots
    for row, image in zip(s3_without_images(ballots, points=POINTS), ballots.images, strict=True):
        rest = (
            team_points(validate_votes(votes[votes["image"] != image]), points=POINTS)
            .set_index("team")["s3"]
            .sort_index()
        )
        np.testing.assert_allclose(row, rest, atol=1e-12)


def test_a_colluding_judge_who_decides_the_winner_is_named():
    ballots = ["a b c | d", "b a c | d"] * 4 + ["a c d | b"] * 3
    judges = ["June", "Jude"] * 4 + ["Carl"] * 3
    votes = votes_of(*ballots, judges=judges)
    votes["image"] = [f"{i:03d}" for b in range(8) for i in [b // 2] * 4] + [
        f"{i:03d}" for i in range(3) for _ in range(4)
    ]
    summary = bootstrap_summary(drawn_study(votes, draws=200), refits=0)
    assert summary["rank"]["a"] == 1
    changed = {row["left_out"]: row["changes"] for row in summary["leave_one_out"]["judges"]}
    assert changed["Carl"]["b"] == [2, 1]


def test_a_leader_that_depends_on_the_rule():
    """Trap: a is listed first most often, b is never out of the top three."""
    votes = votes_of(*["a b c | d"] * 5, *["c b d | a"] * 2, *["d b c | a"] * 2)
    flips = rule_flips(validate_votes(votes).ballots, prizes=1, points=POINTS)
    leader = {rule: min(flip["ranks"], key=flip["ranks"].get) for rule, flip in flips.items()}
    assert leader["points"] == "b"
    assert leader["first_places"] == "a"
    assert leader["majority"] == "a"
    assert leader["borda"] == "b"
    assert flips["first_places"]["winner_changes"] is True
    assert flips["first_places"]["prize_changes"] == {"a": [2, 1], "b": [1, 4]}
    assert flips["points"]["prize_changes"] == {}


def test_a_team_among_many_tied_is_not_said_to_move():
    # By first places b, c and d are all level at 0, on the places 2 to 4.
    flips = rule_flips(validate_votes(votes_of(*["a b c | d"] * 3)).ballots, prizes=3, points=POINTS)
    assert flips["first_places"]["ranks"] == {"a": 1, "b": 2, "c": 2, "d": 2}
    assert flips["first_places"]["prize_changes"] == {}


def test_majority_and_borda_count_head_to_head_with_unlisted_teams_tied():
    votes = votes_of("a | b c", "a | b c", "b | a c")
    flips = rule_flips(validate_votes(votes).ballots, prizes=6, points=POINTS)
    assert flips["majority"]["scores"] == {"a": 2, "b": 1, "c": 0}
    shares = {"a": 4.5 / 6, "b": 3 / 6, "c": 1.5 / 6}
    assert flips["borda"]["scores"] == pytest.approx(shares)


def test_the_grid_of_weights_holds_the_announced_ranking():
    rule, s2, s3 = read_rule("raim-2024"), SCORES["s2"].to_numpy(), np.array([57.0, 46, 14, 1])
    grid = weight_grid(rule, weighted_parts(rule, s2, {"u": s3}, None), steps=10)
    assert grid["weights"].shape == (11, 3)
    at = np.flatnonzero((np.abs(grid["weights"] - grid["announced"]) < 1e-9).all(axis=1))
    np.testing.assert_array_equal(grid["ranks"][at[0]], outcome_of(SCORES.assign(s3=s3), rule).rank)
    assert grid["ranks"][np.argmax(grid["weights"][:, 0])].tolist() == [3, 1, 2, 4]


def test_the_grid_puts_raim_2025_on_the_triangle():
    s2, s3, e = SCORES["s2"].to_numpy(), np.array([57.0, 46, 14, 1]), SCORES["escore"].to_numpy()
    rule = read_rule("raim-2025")
    grid = weight_grid(rule, weighted_parts(rule, s2, {"u": s3}, e), steps=4)
    assert grid["weights"].shape == (15, 3)
    np.testing.assert_allclose(grid["weights"].sum(axis=1), 1)
    a, b, c = grid["announced"]
    final = a * s2 + b * 100 * s3 / s3.max() + c * e / 0.3
    expected = outcome_of(SCORES.assign(s3=s3), rule).final
    np.testing.assert_allclose(final / final[0], expected / expected[0])


def test_scores_reach_the_finals_and_a_missing_part_has_no_rank():
    rng = np.random.default_rng(4)
    votes = simulated_votes(simulate_ranks([1, 0.5, 0, -0.5], judges=4, images=6, rng=rng)[0], rng=rng)
    scores = SCORES.copy()
    scores.loc[3, "s2"] = np.nan
    summary = bootstrap_summary(drawn_study(votes, scores=scores, rule="raim-2024", draws=300), refits=0)
    assert summary["rank"]["T04"] is None
    assert summary["p_rank"]["T04"] == [None] * 4
    assert summary["awards"]["T04"]["p_class"] is None
    assert sorted(t for group in summary["tie_groups"] for t in group)[-1] != "T04"
    assert summary["final"]["T01"]["mean"] is not None
