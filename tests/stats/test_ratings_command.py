"""study-analysis ratings: P.913 beside BT.500, and what a script gets."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from analysis.cli import main
from analysis.opinion import bt500_screening, without_bias

HAND = np.array([[4, 4, 2], [4, 4, 2], [3, 5, 1], [5, 3, 3], [6, 4, 3.0]])


def panel(seed=0):
    """Twenty-four judges of whom the last scatters about a leniency of 2."""
    rng = np.random.default_rng(seed)
    quality = np.linspace(2, 4, 200)
    scores = quality + 0.5 * rng.normal(size=(24, 200))
    scores[-1] = quality + 2 + 1.2 * rng.normal(size=200)
    return scores


def written(scores, path):
    rows = [f"J{j:02},S{k:02},{scores[j, k]:.1f}" for j, k in np.argwhere(~np.isnan(scores))]
    path.write_text("\n".join(["judge,stimulus,score", *rows]))
    return str(path)


def called(*arguments):
    result = CliRunner().invoke(main, ["ratings", *arguments, "--format", "json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_bias_is_the_mean_difference_from_the_mean_scores_by_hand():
    """Means 4.4, 4, 2.2; the last judge's differences 1.6, 0, 0.8 have the mean 0.8."""
    np.testing.assert_allclose(without_bias(HAND)[-1], [5.2, 3.2, 2.2])


@pytest.mark.parametrize("shift", [0.4, 1.3, -2.0])
def test_p913_screening_does_not_depend_on_how_lenient_a_judge_is(shift):
    scores, lenient = panel(), panel()
    lenient[5] += shift
    for deviation in ("sample", "population"):
        plain, moved = (bt500_screening(without_bias(s), deviation=deviation) for s in (scores, lenient))
        assert (plain.above == moved.above).all()
        assert (plain.rejected == moved.rejected).all()


def test_p913_finds_a_scattering_judge_whom_leniency_hid(tmp_path):
    path = written(panel(), tmp_path / "ratings.csv")
    plain, removed = called(path), called(path, "--remove-bias", "--own-mean")
    assert not plain["judges"][-1]["bt500_rejected"]
    assert [j["judge"] for j in removed["judges"] if j["bt500_rejected"]] == ["J23"]
    assert (removed["bias_removed"], removed["correlated_with"]) == (True, "all")
    for a, b in zip(plain["stimuli"], removed["stimuli"], strict=True):
        assert a["mos"] == pytest.approx(b["mos"], abs=1e-9)


def test_the_population_deviation_counts_at_least_as_many_scores_outside(tmp_path):
    path = written(np.random.default_rng(2).integers(1, 6, (7, 80)).astype(float), tmp_path / "r.csv")
    sample, population = (called(path, "--deviation", kind) for kind in ("sample", "population"))
    outside = [sum(j["above"] + j["below"] for j in data["judges"]) for data in (sample, population)]
    assert outside[1] > outside[0]
    assert population["deviation"] == "population"


def test_the_command_has_every_coefficient_and_the_model(tmp_path):
    scores = np.clip(np.round(panel()[:6, :15]), 1, 5)
    path = written(scores, tmp_path / "r.csv")
    data = called(path)
    found = {row["coefficient"]: row for row in data["agreement"]}
    assert {"alpha_ratio", "conger_quadratic", "gwet_ac_ordinal", "icc_2_k"} <= found.keys()
    assert found["gwet_ac_identity"]["se"] > 0
    assert data["model"]["bic"] > data["model"]["aic"]
    scores[0, 0] = np.nan
    gap = called(written(scores, tmp_path / "gap.csv"))
    assert "every rater's rating" in gap["agreement"][-1]["undefined"]
    table = CliRunner().invoke(main, ["ratings", path, "--table", "judges"])
    assert table.stdout.startswith("judge,scores,correlation,above,below,bt500_rejected")
    assert "rejects: " in table.stderr
    (tmp_path / "s.csv").write_text("judge,stimulus,score,simulated\nA,x,3,true\nB,x,4,true\nA,y,2,true\n")
    simulated = CliRunner().invoke(main, ["ratings", str(tmp_path / "s.csv")])
    assert simulated.stdout.splitlines()[1].endswith(",True")
    assert "some scores are simulated" in simulated.stderr


@pytest.mark.parametrize(
    ("rows", "says"),
    [("A,x,3\nA,x,4", "rated stimulus x twice"), ("A,x,good", "good"), ("A,x,\nB,x,", "no scores")],
)
def test_what_cannot_be_is_refused_with_a_reason(tmp_path, rows, says):
    (tmp_path / "r.csv").write_text("judge,stimulus,score\n" + rows)
    result = CliRunner().invoke(main, ["ratings", str(tmp_path / "r.csv")])
    assert result.exit_code == 2
    assert says in result.stderr
