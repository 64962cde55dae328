"""studyapp analyse model and bootstrap, as a script uses them, on good and on bad tables."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from analysis.cli import main
from analysis.planning.simulation import simulate_ranks, simulated_votes

SCORES = "team,s2,escore\nT01,80,10\nT02,95,20\nT03,90,5\nT04,70,25\n"
QUICK = ["--draws", "200"]


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(1)
    rank = simulate_ranks([1, 0.4, 0, -0.5], judges=5, images=8, image_sd=0.3, judge_sd=0.2, rng=rng)[0]
    simulated_votes(rank, rng=rng).to_csv(tmp_path / "votes.csv", index=False)
    (tmp_path / "scores.csv").write_text(SCORES)
    return tmp_path


def call(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_model_in_json_has_the_published_keys(folder):
    result = call("model", folder / "votes.csv", "--penalty", "0.5", "--seed", "3", "--format", "json")
    assert result.exit_code == 0, result.output
    data = json.loads(result.stdout)
    assert sum(data["log_worth"].values()) == pytest.approx(0, abs=1e-9)
    assert (data["finite"], data["penalty"], data["seed"]) == (True, 0.5, 3)
    assert data["loglik"] < 0
    assert "penalty 0.5 * sum(theta^2)" in result.stderr
    assert "simulated" in result.stderr


@pytest.mark.parametrize("command", ["model", "bootstrap"])
@pytest.mark.parametrize("form", ["csv", "markdown", "latex"])
def test_tables_have_a_row_for_each_team(folder, command, form):
    result = call(command, folder / "votes.csv", "--format", form, *(QUICK if command == "bootstrap" else []))
    assert result.exit_code == 0, result.output
    assert [team in result.stdout for team in ("T01", "T02", "T03", "T04")] == [True] * 4
    assert "simulated" in result.stdout


def test_bootstrap_in_json_has_the_published_keys_and_the_same_bytes_again(folder):
    arguments = [
        "bootstrap",
        folder / "votes.csv",
        "--scores",
        folder / "scores.csv",
        "--format",
        "json",
        *QUICK,
    ]
    result = call(*arguments, "--rule", "raim-2025")
    assert result.exit_code == 0, result.output
    data = json.loads(result.stdout)
    assert {"mean", "ci"} <= data["s3"]["T01"].keys()
    assert len(data["p_rank"]["T01"]) == 4
    assert isinstance(data["tie_groups"][0], list)
    assert result.stdout == call(*arguments, "--rule", "raim-2025").stdout
    assert result.stdout != call(*arguments, "--rule", "raim-2025", "--seed", "1").stdout


def test_weights_of_ones_own_and_other_awards(folder):
    result = call(
        *("bootstrap", folder / "votes.csv", "--scores", folder / "scores.csv", "--format", "json", *QUICK),
        *("--rule", "0.5*s2 + 30*minmax(u) + 0.2*escore", "--awards", "1,1", "--points", "5,2,1"),
    )
    assert result.exit_code == 0, result.output
    data = json.loads(result.stdout)
    assert data["rule"]["rules"]["final"]["score"] == "0.5*s2 + 30*minmax(u) + 0.2*escore"
    assert sum(row["award"] is not None for row in data["awards"].values()) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["bootstrap", "--rule", "raim-2024"], "needs the column s2"),
        (["bootstrap", "--rule", "raim-202"], "no rule is called 'raim-202'"),
        (["bootstrap", "--points", "3,2"], "2 values for ballots with 3 places"),
        (["model", "--penalty", "-1"], "--penalty"),
        (["bootstrap", "--draws", "5"], "--draws"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(folder, arguments, message):
    result = call(arguments[0], folder / "votes.csv", *arguments[1:])
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_scores_of_a_stranger_are_refused(folder):
    (folder / "scores.csv").write_text("team,s2\nT05,80\n")
    for command in ("model", "bootstrap"):
        result = call(command, folder / "votes.csv", "--scores", folder / "scores.csv")
        assert result.exit_code == 2
        assert "'T05' is not in the" in result.stderr


@pytest.mark.parametrize("command", ["model", "bootstrap"])
@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("judge,image,team,slot\nJ,1,A,1\n", "rank"),
        ("judge,image,team,slot,rank\nJ,1,A,1,1\nJ,1,A,2,2\n", "twice"),
        ("judge,image,team,slot,rank\nJ,1,A,1,1\nJ,1,B,2,3\n", "without gaps"),
        ("judge,image,team,slot,rank\nJ,1,A,1,nan\nJ,1,B,2,1\n", "rank"),
        ("", "empty"),
    ],
)
def test_bad_tables_are_refused_in_one_line(tmp_path, command, table, message):
    (tmp_path / "votes.csv").write_text(table)
    result = call(command, tmp_path / "votes.csv")
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_everybody_naming_one_team_is_a_stated_result(tmp_path):
    rows = [
        f"J{j},{i},{t},{s},{1 if t == 'A' else ''}"
        for j in range(3)
        for i in range(3)
        for s, t in enumerate("ABC", 1)
    ]
    (tmp_path / "votes.csv").write_text("\n".join(["judge,image,team,slot,rank", *rows]) + "\n")
    result = call("model", tmp_path / "votes.csv", "--format", "json")
    data = json.loads(result.stdout)
    assert (data["finite"], data["penalty"]) == (False, 0.5)
    assert "never listed by any judge: B, C" in result.stderr
    result = call("bootstrap", tmp_path / "votes.csv", "--format", "json", *QUICK)
    chances = json.loads(result.stdout)["p_rank"]
    # Nine ballots for A do not prove that no other judge would ever name B.
    assert 0.8 < chances["A"][0] <= 1
    assert sum(chances["B"]) == sum(chances["C"]) == 1
