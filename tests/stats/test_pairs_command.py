"""Consistency of paired comparisons, and studyapp analyse pairs as a script uses it."""

import json
from itertools import combinations

import numpy as np
import pytest
from click.testing import CliRunner

from analysis.cli import main
from analysis.errors import AnalysisError
from analysis.models.pair_summary import pair_summary
from analysis.planning.simulated_answers import simulated_pairs
from analysis.resampling.two_way import Sampling
from analysis.screening.consistency import kendall_u, stochastic_transitivity, triad_counts, triads_p
from analysis.screening.pairs import circular_triads, rounds_of_triads, suspicious, unlikely_comparers
from tests.stats.compared import pairs_of

WORTH = np.linspace(-1.5, 1.5, 5)


@pytest.mark.parametrize(
    ("items", "table"),
    [
        (4, [24, 16, 24]),
        (5, [120, 120, 240, 240, 280, 24]),
        (6, [720, 960, 2240, 2880, 6240, 3648, 8640, 4800, 2640]),
    ],
)
def test_circular_triads_are_as_frequent_as_kendall_and_babington_smith_tabled(items, table):
    assert [triad_counts(items)[t] for t in range(len(table))] == table
    assert sum(table) == 2 ** (items * (items - 1) // 2)
    assert triads_p([1], items) == pytest.approx(sum(table[:2]) / sum(table))


def test_p_of_triads_is_that_of_coins_beyond_the_exact_table_and_over_rounds():
    rng = np.random.default_rng(1)
    coins = np.triu(rng.random((3000, 9, 9)) < 0.5, k=1)
    coins = coins | (np.tril(~coins.transpose(0, 2, 1), k=-1))
    drawn = np.array([circular_triads(one.astype(int)).circular for one in coins])
    for circular in (13, 18, 21):
        assert triads_p([circular], 9) == pytest.approx((drawn <= circular).mean(), abs=0.04)
    two = drawn[:1500] + drawn[1500:]
    assert triads_p([18, 20], 9) == pytest.approx((two <= 38).mean(), abs=0.05)
    assert triads_p([0, 1], 4) == pytest.approx((24 * 24 + 2 * 24 * 16) / 64**2)


def test_kendalls_u_by_counting_pairs_of_judges_and_its_test_on_coins():
    rng = np.random.default_rng(2)
    likes = rng.random((6, 10)) < 0.6
    upper = np.triu_indices(5, 1)
    wins = np.zeros((5, 5))
    wins[upper], wins[upper[1], upper[0]] = likes.sum(axis=0), (~likes).sum(axis=0)
    agree = np.mean([(a == b).mean() for a, b in combinations(likes, 2)])
    assert kendall_u(wins).u == pytest.approx(2 * agree - 1)
    p = []
    for _ in range(300):
        coins = rng.binomial(6, 0.5, 10)
        wins[upper], wins[upper[1], upper[0]] = coins, 6 - coins
        p.append(kendall_u(wins).p)
    assert 0.01 <= np.mean(np.array(p) < 0.05) <= 0.1
    with pytest.raises(AnalysisError, match="without ties"):
        kendall_u(wins + np.eye(5)[::-1] * 0.5)


def test_transitivity_is_violated_by_a_circle_in_every_form_and_by_no_scale():
    circle = np.array([[np.nan, 0.9, 0.2], [0.1, np.nan, 0.8], [0.8, 0.2, np.nan]])
    found = stochastic_transitivity(circle)
    assert (found.weak, found.moderate, found.strong) == (1, 1, 1)
    scale = 1 / (1 + np.exp(WORTH - WORTH[:, None]))
    np.fill_diagonal(scale, np.nan)
    found = stochastic_transitivity(scale)
    assert (found.triples, found.weak, found.moderate, found.strong) == (10, 0, 0, 0)
    scale[0, 1] = scale[1, 0] = np.nan
    assert stochastic_transitivity(scale).triples == 7


def test_a_dogs_six_foods_as_kendall_and_babington_smith_have_them():
    """Kendall and Babington Smith (1940), p. 326; the preferences as the R package eba (circular) lists
    them."""
    foods = ["meat", "biscuit", "chocolate", "apple", "pear", "cheese"]
    wins = np.array(
        [
            [0, 1, 1, 0, 1, 1],
            [0, 0, 0, 1, 1, 0],
            [0, 1, 0, 1, 1, 1],
            [1, 0, 0, 0, 0, 0],
            [0, 0, 0, 1, 0, 1],
            [0, 1, 0, 1, 0, 0],
        ]
    )
    rows = [("dog", "bowl", foods[a], foods[b], "a") for a, b in np.argwhere(wins)]
    ((found,),) = rounds_of_triads(pairs_of(rows))
    assert (found.circular, found.largest, found.expected) == (5, 8, 5)
    assert found.zeta == 0.375


def answers(judges=8, images=2, odd=None, seed=0):
    """Every judge compares every pair once on every image; the images have opposite orders of quality."""
    rng = np.random.default_rng(seed)
    rows = []
    for judge in range(judges):
        for image in range(images):
            worth = 2 * WORTH * (1 if image else -1) * (-1 if judge == odd else 1)
            for a, b in combinations(range(5), 2):
                first, second = (a, b) if rng.random() < 0.5 else (b, a)
                won = rng.random() < 1 / (1 + np.exp(worth[second] - worth[first]))
                rows.append((f"J{judge}", f"I{image}", f"T{first}", f"T{second}", "a" if won else "b"))
    return rows


def written(rows, path, header="judge,image,team_a,team_b,answer"):
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]))
    return str(path)


def called(*arguments):
    result = CliRunner().invoke(main, ["pairs", *arguments, "--draws", "200", "--format", "json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_judge_is_compared_on_the_same_image_only():
    """Pooled over the images nobody stands out, since what is best on one is worst on the other."""
    rows = answers(odd=3)
    by_image = suspicious(unlikely_comparers(pairs_of(rows))[1])
    assert np.flatnonzero(by_image).tolist() == [3]
    pooled = pairs_of([(judge, "one", *rest) for judge, _, *rest in rows])
    assert not suspicious(unlikely_comparers(pooled)[1])[3]


def test_the_command_gives_worths_consistency_and_the_odd_judge(tmp_path):
    rows = [(*row, 1) for row in answers(odd=3)]
    path = written(rows, tmp_path / "pairs.csv", "judge,image,team_a,team_b,answer,session")
    data = called(path)
    assert sum(row["log_worth"] for row in data["teams"]) == pytest.approx(0, abs=1e-8)
    assert [row["judge"] for row in data["judges"] if row["investigate"]] == ["J3 / 1"]
    assert all(row["rounds"] == 2 and 0 < row["circular_p"] <= 1 for row in data["judges"])
    assert data["kendall_u"]["judges"] == 8
    assert data["kendall_u"]["p"] < 0.001
    assert data["transitivity"]["triples"] == 10
    assert -1 <= data["agreement"]["alpha_nominal"]["value"] <= 1
    table = CliRunner().invoke(main, ["pairs", path, "--table", "judges"])
    assert table.stdout.startswith("judge,comparisons,left,ties,rounds,circular,zeta,circular_p,repeats")


def test_simulated_answers_stay_marked(tmp_path):
    rows = [(*row, "true") for row in answers()]
    path = written(rows, tmp_path / "pairs.csv", "judge,image,team_a,team_b,answer,simulated")
    result = CliRunner().invoke(main, ["pairs", path, "--draws", "50"])
    assert result.stdout.splitlines()[1].endswith(",True")
    assert "some answers are simulated" in result.stderr


def test_ties_give_a_tie_parameter_with_its_error_and_reasons_elsewhere(tmp_path):
    rows = [(*row[:4], ("tie", "bad")[k % 2] if k % 5 == 0 else row[4]) for k, row in enumerate(answers())]
    data = called(written(rows, tmp_path / "pairs.csv"), "--order")
    assert data["answers"]["tie"] == data["answers"]["bad"] == 16
    assert data["nu"]["se"] > 0
    assert data["order"]["p"] is not None
    assert "without ties" in data["kendall_u"]["undefined"]
    assert data["judges"][0]["circular"] is None


def test_ranks_intervals_and_groups_say_one_thing(tmp_path):
    pairs = simulated_pairs(np.random.default_rng(4), judges=20, images=20, teams=5)
    data = pair_summary(pairs, sampling=Sampling(500), rng=np.random.default_rng(0))
    values = np.array(data["p_rank"]["values"])
    np.testing.assert_allclose(values.sum(axis=1), 1)
    first = data["teams"][0]
    assert first["rank"] == 1
    assert first["p_first"] == values[data["p_rank"]["teams"].index(first["team"]), 0]
    for row in data["teams"]:
        assert row["low"] < row["log_worth"] < row["high"]
        assert row["rank_low"] <= row["rank"] <= row["rank_high"]
        assert row["jod_low"] < row["jod"] < row["jod_high"]
    assert data["tie_groups"][0][0] == first["team"]


def test_intervals_of_judges_and_images_are_wider_than_the_models():
    pairs = simulated_pairs(np.random.default_rng(4), judges=15, images=30, teams=6)
    data = pair_summary(pairs, sampling=Sampling(500), rng=np.random.default_rng(0))
    width = np.array([(row["high"] - row["low"]) / (2 * 1.96 * row["model_se"]) for row in data["teams"]])
    assert 1.5 < np.median(width) < 4


def test_one_image_gives_no_interval_but_that_of_other_judges(tmp_path):
    rows = [row for row in answers() if row[1] == "I0"]
    path = written(rows, tmp_path / "pairs.csv")
    result = CliRunner().invoke(main, ["pairs", path])
    assert "one image says nothing about other images" in result.stderr
    assert called(path)["teams"][0]["low"] is None
    assert called(path, "--resample", "judges")["teams"][0]["low"] is not None


def test_groups_that_never_met_are_named(tmp_path):
    rows = [("J", "i", "A", "B", "a"), ("J", "i", "B", "A", "a"), ("J", "i", "C", "D", "a")]
    result = CliRunner().invoke(main, ["pairs", written(rows, tmp_path / "pairs.csv")])
    assert result.exit_code == 2
    assert "2 groups that were never compared with each other: A, B; C, D" in result.stderr


def test_unanimous_pairs_are_named_and_a_prior_makes_them_finite(tmp_path):
    rows = [(f"J{j}", f"i{i}", a, b, "a") for j in range(3) for i in range(3) for a, b in ("AB", "BC", "AC")]
    path = written(rows, tmp_path / "pairs.csv")
    data = called(path)
    assert (data["finite"], data["penalty"], data["groups"]) == (False, 0.5, [["A"], ["B"], ["C"]])
    prior = called(path, "--prior", "0.1", "--ties", "half")
    assert (prior["finite"], prior["penalty"]) == (True, 0)
    worth = [row["log_worth"] for row in prior["teams"]]
    # Each pair 9.1 : 0.1, so neighbours are more than half of log(91) apart.
    assert worth[0] - worth[1] == pytest.approx(worth[1] - worth[2], abs=1e-6)
    said = CliRunner().invoke(main, ["pairs", path]).stderr
    assert "never the other way: A > B > C" in said


def test_hidden_checks_are_counted_and_do_not_count(tmp_path):
    rows = [(*row, "main") for row in answers()]
    judge, image, first, second, answer = rows[0][:5]
    turned = "b" if answer == "a" else "a"
    rows += [(judge, image, second, first, turned, "repeat"), (judge, image, first, second, turned, "repeat")]
    rows += [("J1", "I0", "T1", "T1", "a", "identical"), ("J1", "I0", "T2", "T2", "tie", "identical")]
    path = written(rows, tmp_path / "pairs.csv", "judge,image,team_a,team_b,answer,kind")
    data = called(path)
    assert data["n_comparisons"] == len(rows) - 4
    by_judge = {row["judge"]: row for row in data["judges"]}
    assert (by_judge["J0"]["repeats"], by_judge["J0"]["repeats_same"]) == (2, 1)
    assert (by_judge["J1"]["identical"], by_judge["J1"]["identical_sides"]) == (2, 1)
    assert data["sides"]["identical"]["shown"] == 2


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("J,A,A,a", "row 2: 'A' is compared with itself"),
        ("J,A,B,2", "row 2: unknown answer '2'; use a"),
        ("J,A,B,", "answer, row 2: empty"),
        ("J,,B,a", "team_a, row 2: empty"),
    ],
)
def test_answers_that_cannot_be_are_refused(tmp_path, line, says):
    (tmp_path / "pairs.csv").write_text(f"judge,team_a,team_b,answer\nJ,A,B,a\n{line}\n")
    result = CliRunner().invoke(main, ["pairs", str(tmp_path / "pairs.csv")])
    assert result.exit_code == 2
    assert says in result.stderr


def test_a_trial_that_is_there_twice_is_refused(tmp_path):
    rows = [("J", "i", "A", "B", "a", "t1"), ("J", "i", "A", "C", "a", "t1")]
    path = written(rows, tmp_path / "pairs.csv", "judge,image,team_a,team_b,answer,trial")
    result = CliRunner().invoke(main, ["pairs", path])
    assert "row 2: judge 'J', trial 't1' appears twice" in result.stderr
