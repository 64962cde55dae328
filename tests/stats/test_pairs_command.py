"""Consistency of paired comparisons, and study-analysis pairs as a script uses it."""

import json
from itertools import combinations

import numpy as np
import pytest
from click.testing import CliRunner

from analysis.cli import main
from analysis.errors import AnalysisError
from analysis.screening.consistency import kendall_u, stochastic_transitivity, triad_counts, triads_p
from analysis.screening.pairs import circular_triads, suspicious, unlikely_comparers

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


def answers(judges=8, images=2, odd=None, seed=0):
    """Every judge compares every pair once on every image; the images have opposite orders of quality."""
    rng = np.random.default_rng(seed)
    rows = []
    for judge in range(judges):
        for image in range(images):
            worth = 2 * WORTH * (1 if image else -1) * (-1 if judge == odd else 1)
            for a, b in combinations(range(5), 2):
                first, second = (a, b) if rng.random() < 0.5 else (b, a)
                won = int(rng.random() < 1 / (1 + np.exp(worth[second] - worth[first])))
                rows.append((f"J{judge}", f"I{image}", f"T{first}", f"T{second}", won))
    return rows


def test_a_judge_is_compared_on_the_same_image_only():
    """Pooled over the images nobody stands out, since what is best on one is worst on the other."""
    wins = np.zeros((8, 2, 5, 5))
    for judge, image, first, second, won in answers(odd=3):
        a, b = (int(first[1]), int(second[1])) if won else (int(second[1]), int(first[1]))
        wins[int(judge[1]), int(image[1]), a, b] += 1
    by_image = suspicious(unlikely_comparers(wins)[1])
    assert np.flatnonzero(by_image).tolist() == [3]
    assert not suspicious(unlikely_comparers(wins.sum(axis=1))[1])[3]


def test_the_command_gives_worths_consistency_and_the_odd_judge(tmp_path):
    lines = ["judge,image,first,second,outcome,session"]
    lines += [",".join(map(str, row)) + ",1" for row in answers(odd=3)]
    (tmp_path / "pairs.csv").write_text("\n".join(lines))
    result = CliRunner().invoke(main, ["pairs", str(tmp_path / "pairs.csv"), "--format", "json"])
    assert result.exit_code == 0, result.output
    data = json.loads(result.stdout)
    assert sum(data["log_worth"].values()) == pytest.approx(0, abs=1e-8)
    assert [row["judge"] for row in data["judges"] if row["investigate"]] == ["J3 / 1"]
    assert all(row["rounds"] == 2 and 0 < row["circular_p"] <= 1 for row in data["judges"])
    assert data["kendall_u"]["judges"] == 8
    assert data["kendall_u"]["p"] < 0.001
    assert data["transitivity"]["triples"] == 10
    table = CliRunner().invoke(main, ["pairs", str(tmp_path / "pairs.csv"), "--table", "judges"])
    assert table.stdout.startswith(
        "judge,comparisons,rounds,circular,zeta,circular_p,loglik,distance,investigate"
    )
    marked = [line + ("," + ("true" if k else "simulated")) for k, line in enumerate(lines)]
    (tmp_path / "pairs.csv").write_text("\n".join(marked))
    simulated = CliRunner().invoke(main, ["pairs", str(tmp_path / "pairs.csv")])
    assert simulated.stdout.splitlines()[1].endswith(",True")
    assert "some answers are simulated" in simulated.stderr


def test_ties_give_a_tie_parameter_with_its_error_and_reasons_elsewhere(tmp_path):
    rows = [(*row[:4], 0.5 if k % 5 == 0 else row[4]) for k, row in enumerate(answers())]
    lines = ["judge,image,first,second,outcome", *(",".join(map(str, row)) for row in rows)]
    (tmp_path / "pairs.csv").write_text("\n".join(lines))
    call = ["pairs", str(tmp_path / "pairs.csv"), "--order", "--format", "json"]
    data = json.loads(CliRunner().invoke(main, call).stdout)
    assert data["nu"]["se"] > 0
    assert data["order"]["p"] is not None
    assert "without ties" in data["kendall_u"]["undefined"]
    assert data["judges"][0]["circular"] is None


@pytest.mark.parametrize(
    ("line", "says"),
    [("J,A,A,1", "compared with itself"), ("J,A,B,2", "outcome 2; use 1"), ("J,A,B,", "outcome")],
)
def test_answers_that_cannot_be_are_refused(tmp_path, line, says):
    (tmp_path / "pairs.csv").write_text(f"judge,first,second,outcome\nJ,A,B,1\n{line}\n")
    result = CliRunner().invoke(main, ["pairs", str(tmp_path / "pairs.csv")])
    assert result.exit_code == 2
    assert says in result.stderr
