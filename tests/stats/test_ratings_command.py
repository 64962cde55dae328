"""studyapp analyse ratings: P.913 beside BT.500, and what a script gets."""

import json
from typing import ClassVar

import numpy as np
import pytest
from click.testing import CliRunner

from analysis.cli import main
from analysis.opinion import bt500_screening, fit_subject_model, mean_opinion
from analysis.opinion.summary import rating_summary
from analysis.planning.simulated_answers import simulated_ratings
from analysis.ratings import read_ratings
from analysis.resampling.two_way import Sampling
from tests.stats.rated import ratings_of

HAND = np.array([[4, 4, 2], [4, 4, 2], [3, 5, 1], [5, 3, 3], [6, 4, 3.0]])


def panel(seed=0):
    """Twenty-four judges of whom the last scatters about a leniency of 2."""
    rng = np.random.default_rng(seed)
    quality = np.linspace(2, 4, 200)
    scores = quality + 0.5 * rng.normal(size=(24, 200))
    scores[-1] = quality + 2 + 1.2 * rng.normal(size=200)
    return scores


def written(scores, path):
    rows = [f"J{j:02},{k // 2:02},T{k % 2},{scores[j, k]:.1f}" for j, k in np.argwhere(~np.isnan(scores))]
    path.write_text("\n".join(["judge,image,team,score", *rows]))
    return str(path)


def called(*arguments):
    more = ["--scale", "-5,15", "--draws", "100", "--format", "json"]
    result = CliRunner().invoke(main, ["ratings", *arguments, *more])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_bias_is_the_mean_difference_from_the_mean_scores_by_hand():
    """Means 4.4, 4, 2.2; the last judge's differences 1.6, 0, 0.8 have the mean 0.8."""
    np.testing.assert_allclose(ratings_of(HAND).without_bias().matrix[-1], [5.2, 3.2, 2.2])


@pytest.mark.parametrize("shift", [0.4, 1.3, -2.0])
def test_p913_screening_does_not_depend_on_how_lenient_a_judge_is(shift):
    scores, lenient = panel(), panel()
    lenient[5] += shift
    for deviation in ("sample", "population"):
        plain, moved = (
            bt500_screening(ratings_of(s).without_bias().matrix, deviation=deviation)
            for s in (scores, lenient)
        )
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
    (tmp_path / "s.csv").write_text("judge,team,score,simulated\nA,x,3,true\nB,x,4,true\nA,y,2,true\n")
    simulated = CliRunner().invoke(main, ["ratings", str(tmp_path / "s.csv")])
    assert simulated.stdout.splitlines()[1].endswith(",True")
    assert "some scores are simulated" in simulated.stderr
    assert "one image says nothing about other images" in simulated.stderr


def test_teams_are_ranked_with_intervals_of_other_judges_and_images():
    data = rating_summary(
        simulated_ratings(np.random.default_rng(1)), sampling=Sampling(500), rng=np.random.default_rng(0)
    )
    assert [row["team"] for row in data["teams"]] == [f"T{n:04d}" for n in range(6)]
    for row in data["teams"]:
        assert row["low"] < row["student_low"] < row["mos"] < row["student_high"] < row["high"]
        assert row["rank_low"] <= row["rank"] <= row["rank_high"]
    np.testing.assert_allclose(np.sum(data["p_rank"]["values"], axis=1), 1)
    assert 0 < data["sos_alpha"] < 1


def test_the_reference_gives_difference_scores_beside_the_means(tmp_path):
    ratings = simulated_ratings(np.random.default_rng(2), teams=3)
    data = rating_summary(ratings, reference="T0000", sampling=Sampling(100), rng=np.random.default_rng(0))
    assert [row["rank"] for row in data["teams"] if row["team"] != "T0000"] == [1, 2]
    (hidden,) = [row for row in data["teams"] if row["team"] == "T0000"]
    assert (hidden["rank"], hidden["tie_groups"], data["teams"][-1]) == (None, "", hidden)
    assert "T0000" not in data["p_rank"]["teams"]
    rows = {row["team"]: row for row in data["teams"]}
    assert rows["T0000"]["dmos"] is None
    difference = rows["T0001"]["mos"] - rows["T0000"]["mos"] + 5
    assert rows["T0001"]["dmos"] == pytest.approx(difference)
    assert rows["T0001"]["dmos_low"] < difference < rows["T0001"]["dmos_high"]
    assert data["stimuli"][1]["dmos_low"] < data["stimuli"][1]["dmos"]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("A,x,3\nA,x,4", "row 2: judge 'A', image '', team 'x' appears twice; keep one row"),
        ("A,x,good", "good"),
        ("A,x,\nB,x,", "row 1: no score; remove the row"),
        ("A,x,3\nA,y,6", "row 2: score 6 is off the scale 1 to 5"),
        ("A,x,nan", "nan"),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(tmp_path, rows, says):
    (tmp_path / "r.csv").write_text("judge,team,score\n" + rows)
    result = CliRunner().invoke(main, ["ratings", str(tmp_path / "r.csv")])
    assert result.exit_code == 2
    assert says in result.stderr


def test_a_slider_names_its_scale(tmp_path):
    (tmp_path / "r.csv").write_text("judge,image,team,score\nA,i,x,30\nA,i,y,100\nB,i,x,0\nB,i,y,80\n")
    assert read_ratings(tmp_path / "r.csv", scale=(0, 100)).matrix.tolist() == [[30, 100], [0, 80]]
    wrong = CliRunner().invoke(main, ["ratings", str(tmp_path / "r.csv"), "--scale", "100,0"])
    assert "give the lowest and the highest score" in wrong.stderr


def sureal_reader(scores):
    """The peer's reader of the same scores; 0.9.0 wants a list for each stimulus."""
    reader = pytest.importorskip("sureal.dataset_reader")
    stimuli = [
        {"content_id": 0, "asset_id": k, "path": f"s{k}", "os": column.tolist()}
        for k, column in enumerate(scores.T)
    ]

    class Dataset:
        dataset_name = "generated"
        ref_videos: ClassVar = [{"content_id": 0, "content_name": "c", "path": "c"}]
        dis_videos = stimuli

    return reader.RawDatasetReader(Dataset)


def categories(seed=0, judges=20, stimuli=60):
    rng = np.random.default_rng(seed)
    quality = np.linspace(1.5, 4.5, stimuli)
    noise = rng.uniform(0.3, 1.2, (judges, 1))
    scores = quality + rng.normal(0, 0.4, (judges, 1)) + noise * rng.normal(size=(judges, stimuli))
    scores[0] = 6 - scores[0]
    return np.clip(np.round(scores), 1, 5)


@pytest.mark.filterwarnings("ignore")
def test_means_bias_removal_rejection_and_likelihood_are_the_peers():
    """sureal 0.9.0 on generated categories: MOS, P.913 12.4, BT.500 and P.910's likelihood."""
    models = pytest.importorskip("sureal.subjective_model")
    scores = categories()
    reader = sureal_reader(scores)
    plain = models.MosModel(reader).run_modeling()
    np.testing.assert_allclose(mean_opinion(scores).mos, plain["quality_scores"], atol=1e-12)
    n = len(scores)
    se = mean_opinion(scores).sd / np.sqrt(n)
    np.testing.assert_allclose(se, plain["quality_scores_std"], rtol=1e-9)

    removed = ratings_of(scores).without_bias()
    peer = models.BiasremvMosModel(reader).run_modeling()
    np.testing.assert_allclose(mean_opinion(removed.matrix).mos, peer["quality_scores"], atol=1e-9)
    np.testing.assert_allclose(
        ratings_of(scores).matrix.mean(axis=1) - removed.matrix.mean(axis=1), peer["observer_bias"], atol=1e-9
    )

    rejecting = models.SubjrejMosModel(reader).run_modeling()
    screening = bt500_screening(scores, deviation="population")
    assert screening.rejected.tolist() == rejecting["observer_rejected"]
    assert screening.rejected[0]

    peer = models.SubjectMLEModelProjectionSolver2(reader).run_modeling()
    fit = fit_subject_model(scores)
    np.testing.assert_allclose(fit.quality, peer["quality_scores"], atol=1e-5)
    np.testing.assert_allclose(fit.bias, peer["observer_bias"], atol=1e-5)
    np.testing.assert_allclose(fit.inconsistency, peer["observer_inconsistency"], atol=1e-5)
