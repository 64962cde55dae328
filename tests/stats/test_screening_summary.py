"""The screening summary and its command: two rules for a proposal, rankings with and without."""

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from analysis.cli import main
from analysis.planning.simulation import simulate_ranks, simulated_votes
from analysis.points import team_points
from analysis.rule import POINTS, read_rule
from analysis.screening.summary import screening_summary
from analysis.votes import validate_votes

QUALITY = np.linspace(0, 3, 8)


def study(random_judges=(), judges=9, images=25, seed=0):
    rng = np.random.default_rng(seed)
    rank = simulate_ranks(QUALITY, judges=judges, images=images, rng=rng)[0]
    for judge in random_judges:
        rank[judge] = rng.permuted(rank[judge], axis=-1)
    return simulated_votes(rank, rng=rng).drop(columns="simulated")


def summary(votes, **options):
    usual = {"rule": read_rule("user-study"), "rng": np.random.default_rng(1), "permutations": 299}
    return screening_summary(validate_votes(votes), **usual | options)


def decision(found, judge):
    return next(row for row in found["judges"] if row["judge"] == judge)


def test_a_random_judge_is_proposed_by_two_rules_and_nobody_else_is():
    found = summary(study(random_judges=[4]))
    proposed = [row["judge"] for row in found["judges"] if row["decision"] == "propose"]
    assert proposed == ["J05"]
    row = decision(found, "J05")
    assert row["loo_spearman"] <= row["loo_q99"]
    assert row["loo_z"] < -3
    assert "agrees with the others no better than chance" in row["reasons"]


def test_one_rule_alone_proposes_nobody():
    """Half of the panel at random: each is at chance, but none lies far from the others."""
    found = summary(study(random_judges=range(5)))
    assert len(found["rules"]["chance"]["flagged"]) >= 3
    assert not [row for row in found["judges"] if row["decision"] == "propose"]
    assert decision(found, "J01")["decision"] == "investigate"


def test_the_ranking_stands_with_and_without_each_judge_and_without_all_proposed():
    votes = study(random_judges=[2, 5], judges=12)
    found = summary(votes)
    left_out = [ranking["judges"] for ranking in found["rankings"]]
    assert left_out[0] == []
    assert ["J03"] in left_out
    assert left_out[-1] == ["J03", "J06"]
    rest = team_points(validate_votes(votes[~votes["judge"].isin(["J03", "J06"])]), points=POINTS).set_index(
        "team"
    )["s3"]
    for row in found["rankings"][-1]["ranking"]:
        assert row["s3"] == pytest.approx(rest[row["team"]])


def test_rankings_take_the_other_scores_and_the_preset():
    scores = pd.DataFrame({"team": [f"T{t:02}" for t in range(1, 9)], "s2": np.arange(80.0, 88.0)})
    found = summary(study(random_judges=[4]), scores=scores, rule=read_rule("raim-2024"))
    best = found["rankings"][0]["ranking"][0]
    assert best["team"] == "T08"
    assert best["final"] == pytest.approx(0.4 * 87 + 60)


def test_a_planted_trial_changes_no_ranking():
    votes = study(random_judges=[4]).assign(kind="main")
    repeat = votes[votes["image"] == "001"].assign(kind="repeat")
    golden = votes[votes["image"] == "002"].assign(kind="golden", image="golden")
    found = summary(pd.concat([votes, repeat, golden]))
    assert found["rankings"] == summary(votes)["rankings"]
    assert decision(found, "J01")["repeats"] == 1


def test_rules_that_cannot_be_applied_say_why():
    found = json.loads(json.dumps(summary(study(judges=1)), allow_nan=False))
    reasons = {name: rule["undefined"] for name, rule in found["rules"].items()}
    assert all(
        reasons[name] for name in ("chance", "outlier", "likelihood", "repeats", "golden", "pace", "fading")
    )
    assert found["judges"][0]["decision"] == "keep"


@pytest.mark.parametrize("shape", [{"judges": 1, "images": 1}, {"judges": 5, "images": 1}, {"judges": 2}])
def test_small_studies_work(shape):
    json.dumps(summary(study(**shape)), allow_nan=False)


def test_the_same_seed_gives_the_same_bytes_whatever_the_order_of_the_rows():
    votes = study(random_judges=[4])
    assert json.dumps(summary(votes)) == json.dumps(summary(votes.sample(frac=1, random_state=1)))


def test_simulated_votes_are_marked():
    assert summary(study().assign(simulated=True))["simulated"] is True


def run(tmp_path, votes, *options):
    path = tmp_path / "votes.csv"
    votes.to_csv(path, index=False)
    return CliRunner().invoke(main, ["screen", str(path), "--permutations", "199", *options])


@pytest.mark.parametrize(
    ("table", "first", "rows"), [("judges", "judge", 9), ("rankings", "without", 16), ("slots", "picks", 16)]
)
def test_the_command_writes_tables(tmp_path, table, first, rows):
    result = run(tmp_path, study(random_judges=[4]), "--table", table)
    lines = result.stdout.splitlines()
    assert lines[0].split(",")[0] == first
    assert len(lines) == rows + 1
    assert "a person decides" in result.stderr


def test_simulated_votes_are_marked_in_the_tables(tmp_path):
    lines = run(tmp_path, study().assign(simulated=True)).stdout.splitlines()
    assert lines[0].endswith(",simulated")
    assert lines[1].endswith(",True")


def test_the_command_writes_json(tmp_path):
    data = json.loads(run(tmp_path, study(random_judges=[4]), "--format", "json", "--seed", "5").stdout)
    assert data["seed"] == 5
    assert decision(data, "J05")["decision"] == "propose"


def test_a_golden_option_without_a_team_is_refused(tmp_path):
    result = run(tmp_path, study(), "--golden", "007")
    assert result.exit_code == 2
    assert "IMAGE=TEAM" in result.stderr


def test_the_ranking_without_a_judge_follows_the_studys_points_and_rule():
    votes = study(random_judges=[4])
    points = (5.0, 1.0, 0.5)
    found = summary(votes, rule=read_rule("user-study", points=points))
    for ranking, without in zip(found["rankings"][:2], ([], ["J05"]), strict=True):
        rest = team_points(validate_votes(votes[~votes["judge"].isin(without)]), points=points)
        assert {row["team"]: row["s3"] for row in ranking["ranking"]} == dict(
            zip(rest["team"], rest["s3"], strict=True)
        )
