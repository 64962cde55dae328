"""Scores of teams and what a rule makes of them, from votes, pairs and ratings alike."""

import numpy as np
import pandas as pd
import pytest

from analysis.agreement.of_answers import rating_measures
from analysis.pairs import Pairs, validate_pairs
from analysis.parts import Parts
from analysis.planning.simulated_answers import simulated_pairs, simulated_ratings
from analysis.points import team_points
from analysis.ratings import Ratings, validate_ratings
from analysis.resampling.joint import joint_draws, observe, part_intervals
from analysis.resampling.summary import bootstrap_summary
from analysis.rule import read_rule
from analysis.rule.value import ALONE
from analysis.scores import Scores, standing
from analysis.user_study.read import user_study
from analysis.votes import validate_votes

LEADS = {"votes": "u", "pairs": "bt", "ratings": "mos"}


def votes(judges=6, images=8):
    rng = np.random.default_rng(0)
    rows = []
    for judge in range(judges):
        for image in range(images):
            order = np.argsort(np.array([1.0, 0.5, 0, -0.5]) + rng.gumbel(size=4))[::-1]
            ranks = {team: place for place, team in enumerate(order[:3], start=1)}
            rows += [(f"J{judge}", f"I{image}", f"T{team:04d}", ranks.get(team)) for team in range(4)]
    return validate_votes(pd.DataFrame(rows, columns=["judge", "image", "team", "rank"]))


def pairs(**how) -> Pairs:
    """Simulated pairs as a table that was read."""
    made = simulated_pairs(np.random.default_rng(1), **({"teams": 4, "judges": 8, "images": 10} | how))
    table = pd.DataFrame(
        {
            "judge": made.judges[made.judge],
            "image": made.images[made.image],
            "team_a": made.teams[made.first],
            "team_b": made.teams[made.second],
            "answer": np.array(["a", "b", "tie", "bad"])[made.answer],
        }
    )
    return validate_pairs(table)


def ratings(*, reference=False, **how) -> Ratings:
    """Simulated ratings as a table that was read; the first team is the hidden reference if asked for."""
    made = simulated_ratings(np.random.default_rng(2), **({"teams": 4, "judges": 8, "images": 10} | how))
    teams = np.array(["reference", *made.teams[1:]]) if reference else made.teams
    table = pd.DataFrame(
        {
            "judge": made.judges[made.judge],
            "image": made.images[made.image],
            "team": teams[made.team],
            "score": made.score,
        }
    )
    return validate_ratings(table)


MADE = {"votes": votes, "pairs": pairs, "ratings": ratings}


def drawn(table, rule=None, draws=300):
    answers = MADE[table]()
    return joint_draws(observe(answers, Parts(), read_rule(rule or ALONE[table])), draws=draws, seed=1)


@pytest.fixture(scope="module")
def of_tables():
    return {table: drawn(table) for table in MADE}


@pytest.mark.parametrize("table", MADE)
def test_answers_of_every_table_have_scores_with_draws_about_them(table, of_tables):
    found = of_tables[table]
    assert found.study.user.lead == LEADS[table]
    assert found.study.teams == ["T0000", "T0001", "T0002", "T0003"]
    for name, draws in found.scores.items():
        assert draws.shape == (300, 4)
        low, high = np.percentile(draws, [2.5, 97.5], axis=0)
        assert ((low < found.study.user.observed[name]) & (found.study.user.observed[name] < high)).all()


@pytest.mark.parametrize("table", MADE)
def test_a_study_without_a_rule_ranks_by_the_score_of_its_table(table, of_tables):
    data = bootstrap_summary(of_tables[table], refits=0)
    lead = of_tables[table].study.lead
    best = of_tables[table].study.teams[int(np.argmax(lead))]
    assert data["rank"][best] == 1
    for row in data["p_rank"].values():
        assert sum(row) == pytest.approx(1)
    for row in data["final"].values():
        assert row["ci"][0] <= row["mean"] <= row["ci"][1]
    assert {tuple(sorted(row)) for row in data["leave_one_out"]["judges"]} <= {("changes", "left_out")}


@pytest.mark.parametrize("table", MADE)
def test_leaving_one_out_is_the_study_without_it(table, of_tables):
    user = of_tables[table].study.user
    without = user.without_each("judges")[user.lead]
    alone = user.without([user.judges[2]]).observed[user.lead]
    np.testing.assert_allclose(without[2], alone, atol=1e-6)
    assert user.without_each("images")[user.lead].shape == (len(user.images), 4)


@pytest.mark.parametrize("table", MADE)
def test_other_names_change_nothing_else(table, of_tables):
    found = of_tables[table]
    renamed = found.renamed(judges={found.study.user.judges[0]: "Jude"}, teams={"T0001": "Second light"})
    assert renamed.study.teams[1] == "Second light"
    assert renamed.study.user.judges[0] == "Jude"
    np.testing.assert_array_equal(renamed.study.lead, found.study.lead)
    assert set(renamed.study.user.answers.table["judge"].astype(str)) == set(renamed.study.user.judges)


def test_the_tables_of_scores_say_the_best_first():
    table = user_study(votes(), read_rule("user-study")).scores_table()
    assert table["s3"].tolist() == team_points(votes(), points=(3, 2, 1))["s3"].tolist()
    worths = user_study(pairs(), read_rule("bt")).scores_table()
    assert list(worths) == ["team", "comparisons", "wins", "bt", "win_share"]
    assert worths["bt"].is_monotonic_decreasing
    assert (worths["wins"] / worths["comparisons"]).tolist() == pytest.approx(worths["win_share"].tolist())
    assert worths["comparisons"].sum() == 2 * pairs().size


def test_hidden_reference_and_anchor_are_not_ranked_and_serve_the_differences():
    given = ratings(reference=True)
    study = user_study(given, read_rule("mos"))
    assert study.teams == ["T0001", "T0002", "T0003"]
    by_hand = {}
    matrix = pd.DataFrame(given.table).pivot_table("score", ["judge", "image"], "team", observed=True)
    for team in study.teams:
        difference = matrix[team] - matrix["reference"] + 5
        by_hand[team] = difference.groupby("image", observed=True).mean().mean()
    np.testing.assert_allclose(study.observed["dmos"], list(by_hand.values()))
    found = joint_draws(observe(given, Parts(), read_rule("dmos")), draws=200, seed=1)
    assert {"mos_low", "dmos_low", "final_low"} <= set(part_intervals(found))
    assert found.study.outcome.rank.tolist() == [1, 2, 3]


def test_what_judges_are_said_to_agree_on_are_the_teams_and_not_the_hidden_reference():
    given = ratings(reference=True)
    table = given.table
    alone = validate_ratings(table[table["team"] != "reference"])
    assert rating_measures(given) == rating_measures(alone)
    assert rating_measures(given) != rating_measures(ratings())  # the same scores, the reference a team


def test_a_rule_of_pairs_takes_any_of_their_scores_and_other_parts():
    scores = pd.DataFrame({"team": [f"T000{t}" for t in range(4)], "s2": [70.0, 80, 75, 60]})
    rule = read_rule("0.5*s2 + 10*jod + 0*bt_prior + win_share")
    study = observe(pairs(), Parts(scores), rule)
    columns = study.columns
    expected = 0.5 * columns["s2"] + 10 * columns["jod"] + columns["win_share"]
    np.testing.assert_allclose(study.final, expected)
    found = joint_draws(study, draws=200, seed=2)
    assert set(found.scores) == {"bt", "win_share", "bt_prior", "jod"}
    first, second = (outcome.final.std(axis=0) for outcome in found.new_study)
    assert (first > 0).all()
    assert (second > first).all()  # a new study has the scatter of its own on top


@pytest.mark.parametrize("table", MADE)
def test_one_judge_says_nothing_of_others(table):
    one = MADE[table](judges=1)
    found = joint_draws(observe(one, Parts(), read_rule(ALONE[table])), draws=100, seed=0)
    assert not found.known
    assert list(part_intervals(found)) == ["team"]
    data = bootstrap_summary(found, refits=0)
    assert "only one judge" in data["resampled"]["reason"]
    assert data["p_rank"]["T0000"] == [None] * 4


def test_teams_far_apart_are_in_groups_of_their_own_and_equal_ones_together():
    rng = np.random.default_rng(0)
    mean = np.array([3.0, 1.0, 1.0])
    found = standing(
        Scores("mos", np.array(["A", "B", "C"], dtype=object), mean, mean + 0.1 * rng.normal(size=(500, 3)))
    )
    assert found["tie_groups"] == [["A"], ["B", "C"]]
    assert [row["tie_groups"] for row in found["teams"]] == ["1", "2", "2"]
    assert [row["rank"] for row in found["teams"]] == [1, 2, 2]


def test_a_share_of_comparisons_won_lies_between_none_and_all_however_few_judges_there_are():
    few = pairs(judges=2, images=2)
    found = joint_draws(observe(few, Parts(), read_rule("bt")), draws=200, seed=1)
    ends = part_intervals(found)
    assert ends["win_share_low"].min() >= 0
    assert ends["win_share_high"].max() <= 1
    assert (ends["win_share_high"] - ends["win_share_low"]).max() == 1  # two judges say nearly nothing


def test_a_team_that_won_every_comparison_may_lose_one_some_day():
    rows = [
        (f"J{judge}", f"I{image}", a, b, "b" if b == "T2" else "ab"[(judge + image) % 2])
        for judge in range(3)
        for image in range(4)
        for a, b in (("T0", "T1"), ("T0", "T2"), ("T1", "T2"))
    ]
    few = validate_pairs(pd.DataFrame(rows, columns=["judge", "image", "team_a", "team_b", "answer"]))
    found = joint_draws(observe(few, Parts(), read_rule("bt")), draws=4000, seed=1)
    ends = part_intervals(found).set_index("team").loc["T2"]
    assert found.study.user.remarks[0].startswith("some teams won every comparison with some others")
    assert user_study(pairs(), read_rule("bt")).remarks == ()
    assert ends["win_share_high"] == 1
    assert ends["win_share_low"] == pytest.approx(0.05 ** (1 / 24), abs=0.02)  # of 24 of 24


@pytest.mark.parametrize(("table", "says"), [("votes", "S3"), ("pairs", "Bradley-Terry"), ("ratings", "MOS")])
def test_what_a_study_ranks_by_is_said_in_words(table, says):
    rule = read_rule(ALONE[table])
    assert user_study(MADE[table](), rule).method.startswith(f"{says}, ")
    assert rule.text == {"votes": "user-study: 100*minmax(u)", "pairs": "bt", "ratings": "mos"}[table]
