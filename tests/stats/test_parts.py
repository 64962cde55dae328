"""S2 from pairs and EScore from measures: joined with S3, and drawn with it."""

import warnings

import numpy as np
import pandas as pd
import pytest

from analysis.efficiency.measures import validate_measures
from analysis.errors import AnalysisError
from analysis.paired.table import paired_means, read_paired, recomputed, validate_paired
from analysis.parts import Parts
from analysis.resampling.joint import part_intervals
from analysis.resampling.parts import mean_draws, pair_counts, part_draws
from analysis.resampling.summary import bootstrap_summary
from analysis.rule import read_rule
from tests.drawn_study import drawn_study

REDUCED = read_rule("reduced").final
STUDY = read_rule("user-study")
TEAMS = ("Ada", "Bea", "Cyd")
PAIRED = pd.DataFrame(
    [
        (team, str(image), "mine", 60.0 + 5 * t + image * (1 + t))
        for image in range(8)
        for t, team in enumerate(TEAMS)
    ],
    columns=["team", "image", "formula", "score"],
)
MEASURES = pd.DataFrame(
    {
        "team": [*TEAMS, "Dot"],
        "params_m": [3, 2, 1, 9],
        "flops_g": [30, 20, 40, 90],
        "time_ms": [10.0, 10.5, 30, 90],
        "time_low_ms": [9.0, 9.5, 29, 89],
        "time_high_ms": [11.0, 11.5, 31, 91],
    }
)


def study_votes(seed: int = 3, judges: int = 8, images: int = 12) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = []
    for judge in range(judges):
        for image in range(images):
            order = np.argsort(-(np.array([0.6, 0.3, 0.0]) + rng.gumbel(size=3)))
            rows += [
                (f"j{judge}", f"i{image}", TEAMS[t], t + 1, place + 1)
                for t, place in enumerate(np.argsort(order))
            ]
    return pd.DataFrame(rows, columns=["judge", "image", "team", "slot", "rank"])


def test_s2_is_the_mean_over_pairs_and_escore_ranks_every_model_measured():
    table = Parts(paired=PAIRED, measures=validate_measures(MEASURES)).of(TEAMS, STUDY).set_index("team")
    assert table["s2"].to_dict() == {"Ada": 63.5, "Bea": 72.0, "Cyd": 80.5}
    # Four models: each rank costs 10/3; Dot is last in all three and no team of the votes.
    assert table["escore"].round(2).to_dict() == {"Ada": 20.0, "Bea": 23.33, "Cyd": 16.67}


def test_a_mean_over_fewer_pairs_is_no_mean():
    table = PAIRED.drop(index=PAIRED[(PAIRED["team"] == "Bea") & (PAIRED["image"] == "3")].index)
    parts = Parts(paired=table)
    assert np.isnan(parts.of(TEAMS, STUDY).set_index("team").loc["Bea", "s2"])
    assert parts.notes == ("S2 is mine, the mean of 8 pairs", "no S2 for Bea: only 7 of 8 pairs have a score")
    rngs = np.random.default_rng(1).spawn(2)
    drawn = part_draws(parts, STUDY, TEAMS, draws=50, level=0.95, rngs=rngs)["s2"]
    assert np.isnan(drawn[:, 1]).all()
    assert np.isfinite(drawn[:, [0, 2]]).all()


def test_a_model_that_failed_has_no_escore_and_it_is_said_why():
    measures = MEASURES.assign(problem=["", "out of memory", "", ""])
    measures.loc[1, ["params_m", "time_ms", "time_low_ms", "time_high_ms"]] = np.nan
    parts = Parts(measures=validate_measures(measures))
    assert np.isnan(parts.of(TEAMS, STUDY).set_index("team").loc["Bea", "escore"])
    assert parts.notes == ("no EScore for Bea: out of memory",)


def test_times_of_a_cpu_are_said_to_be_no_gpus():
    measures = MEASURES.assign(device="Some CPU", comparable="no")
    (note,) = Parts(measures=validate_measures(measures)).notes
    assert note == "EScore: times are not comparable with GPU times (measured on: Some CPU)"


def test_what_is_given_twice_must_agree():
    written = pd.DataFrame({"team": TEAMS, "s2": [63.5, 72.0, 80.5]})
    assert Parts(written, PAIRED).of(TEAMS, STUDY)["s2"].tolist() == [63.5, 72.0, 80.5]
    with pytest.raises(
        AnalysisError, match=r"s2 of Bea is 72.1, but the paired images give 72; remove the column"
    ):
        Parts(written.replace(72.0, 72.1), PAIRED).of(TEAMS, STUDY)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda table: table.drop(columns="score"), "column 'score' is missing"),
        (lambda table: pd.concat([table, table.head(1)]), "team 'Ada' has image '0' twice"),
        (lambda table: table.assign(formula=["a", "b"] * 12), "two formulas, 'a' and 'b'"),
        (lambda table: table.assign(score="high"), "'high' is not a number"),
    ],
)
def test_a_wrong_table_of_pairs_is_refused(change, said):
    with pytest.raises(AnalysisError, match=said):
        validate_paired(change(PAIRED))


def test_a_table_of_pairs_is_read_to_the_last_bit(tmp_path):
    values = PAIRED.assign(score=np.random.default_rng(2).normal(60, 10, len(PAIRED)))
    values.to_csv(tmp_path / "paired.csv", index=False)
    read = read_paired(tmp_path / "paired.csv")
    assert read["score"].tolist() == values["score"].tolist()
    assert paired_means(read)["s2"].tolist() == paired_means(values)["s2"].tolist()


def test_a_score_is_made_anew_from_its_metrics_or_not_at_all():
    table = pd.DataFrame({"team": ["Ada"], "image": ["1"], "psnr": [25.0], "ssim": [0.75], "niqe": [5.0]})
    assert recomputed(table, REDUCED).tolist() == [10 + 7.5 + 15]
    assert recomputed(table.drop(columns="niqe"), REDUCED).isna().all()


def test_the_joint_interval_is_that_of_all_three_parts():
    """Independent parts: the variance of the final is the sum of the parts' variances."""
    parts = Parts(paired=PAIRED, measures=validate_measures(MEASURES))
    drawn = drawn_study(study_votes(), parts=parts, rule="s2 + escore", seed=5, draws=10_000)
    table = part_intervals(drawn).set_index("team")
    half = {name: (table[f"{name}_high"] - table[f"{name}_low"]) / 2 for name in ("s2", "final")}
    assert (half["s2"] > 0).all()
    # Cyd's rank in time never changes, so that only S2 moves the final; Ada and Bea change places.
    assert table.loc["Cyd", "escore_low"] == table.loc["Cyd", "escore_high"]
    assert half["final"]["Cyd"] == pytest.approx(half["s2"]["Cyd"], rel=1e-9)
    assert table.loc["Ada", "escore_high"] - table.loc["Ada", "escore_low"] == pytest.approx(10 / 3)
    assert half["final"]["Ada"] > half["s2"]["Ada"]


def test_the_ranking_and_the_bootstrap_say_the_same_of_the_same_draws():
    votes, scores = study_votes(), pd.DataFrame({"team": TEAMS, "s2": [63.5, 72.0, 80.5]})
    drawn = drawn_study(votes, parts=Parts(paired=PAIRED), rule="raim-2024", draws=2_000)
    data = bootstrap_summary(drawn, refits=0)
    table = part_intervals(drawn).set_index("team")
    for name in ("s2", "s3", "final"):
        for team in TEAMS:
            assert data[name][team]["ci"] == table.loc[team, [f"{name}_low", f"{name}_high"]].tolist()
    assert data["resampled"]["pairs"]
    given = drawn_study(votes, scores=scores, rule="raim-2024", draws=2_000)
    fixed = bootstrap_summary(given, refits=0)
    assert fixed["s3"] == data["s3"]
    assert fixed["s2"]["Ada"] == {"mean": 63.5, "ci": None}
    assert fixed["final"]["Ada"]["mean"] == data["final"]["Ada"]["mean"]

    def width(found):
        return found["final"]["Ada"]["ci"][1] - found["final"]["Ada"]["ci"][0]

    assert width(data) > width(fixed)


def test_one_pair_cannot_be_resampled_and_it_is_said():
    parts = Parts(paired=PAIRED[PAIRED["image"] == "2"])
    data = bootstrap_summary(drawn_study(study_votes(), parts=parts, rule="raim-2024"), refits=0)
    assert data["s2"]["Ada"] == {"mean": 62.0, "ci": None}
    assert not data["resampled"]["pairs"]
    assert "only one pair" in data["resampled"]["reason"]


@pytest.mark.parametrize(
    ("pairs", "kind", "wanted"),
    [(4, "normal", (0.93, 0.985)), (10, "normal", (0.93, 0.97)), (50, "skewed", (0.92, 0.97))],
)
def test_intervals_of_s2_hold_the_truth_as_often_as_they_say(pairs, kind, wanted):
    """600 studies whose pairs differ by a common difficulty and by each team's own."""
    rng = np.random.default_rng(17)
    hits = []
    for _ in range(600):
        noise = rng.normal(size=(pairs, 4)) if kind == "normal" else rng.exponential(size=(pairs, 4)) - 1
        scores = 60 + 8 * noise + 5 * rng.normal(size=(pairs, 1))
        drawn = mean_draws(scores, pair_counts(pairs, draws=600, rng=rng), level=0.95)
        low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
        hits.append((low <= 60) & (high >= 60))
    assert wanted[0] < np.mean(hits) < wanted[1]


def test_teams_that_judges_never_saw_are_left_out_without_a_word():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = Parts(measures=validate_measures(MEASURES)).of(TEAMS, STUDY)
    assert sorted(table["team"]) == sorted(TEAMS)


def test_a_final_made_of_metrics_is_drawn_with_the_pairs():
    rng = np.random.default_rng(4)
    noise = rng.normal(size=(8, 1)) + 0.2 * rng.normal(size=(8, 3))
    rows = [
        (team, str(image), "psnr", 30 + t + noise[image, t], 0.3 - 0.02 * t + 0.02 * noise[image, t])
        for image in range(8)
        for t, team in enumerate(TEAMS)
    ]
    paired = pd.DataFrame(rows, columns=["team", "image", "formula", "psnr", "lpips"])
    paired["score"] = paired["psnr"]
    rule = "psnr/30 + max(0, (1-lpips))**2"
    table = part_intervals(drawn_study(study_votes(), parts=Parts(paired=paired), rule=rule, draws=2_000))
    means = paired.groupby("team")[["psnr", "lpips"]].mean()
    final = means["psnr"] / 30 + (1 - means["lpips"]) ** 2
    assert (table["final_low"].to_numpy() < final.to_numpy()).all()
    assert (table["final_high"].to_numpy() > final.to_numpy()).all()


def test_s2_of_means_differs_from_the_mean_of_scores_where_the_formula_bends():
    paired = PAIRED.assign(psnr=PAIRED["score"], score=PAIRED["score"] ** 2, formula="psnr**2")
    by_image = read_rule({"s2": {"per": "image", "score": "psnr**2"}, "final": "s2"})
    by_team = read_rule({"s2": "psnr**2", "final": "s2"})
    of_images = Parts(paired=paired).of(TEAMS, by_image).set_index("team")["s2"]
    of_means = Parts(paired=paired).of(TEAMS, by_team).set_index("team")["s2"]
    assert of_means["Ada"] == pytest.approx(63.5**2)
    assert of_images["Ada"] > of_means["Ada"]
    rngs = np.random.default_rng(1).spawn(2)
    drawn = part_draws(Parts(paired=paired), by_team, TEAMS, draws=500, level=0.95, rngs=rngs)["s2"]
    assert drawn.mean(axis=0) == pytest.approx(of_means.to_numpy(), rel=0.01)


def test_images_scored_by_another_formula_than_the_rule_says_are_refused():
    with pytest.raises(AnalysisError, match="scored by mine, but the rule's s2 is 2\\*psnr"):
        Parts(paired=PAIRED).of(TEAMS, read_rule({"s2": "2*psnr"}))


def test_the_noisier_the_times_the_wider_the_interval_of_escore_and_only_of_those_that_may_change_places():
    """Ada and Bea are 0.5 ms apart, Cyd and Dot far away."""

    def escores(half: float) -> tuple[np.ndarray, np.ndarray]:
        times = MEASURES["time_ms"]
        low = (times - half).clip(lower=0)  # as `studyapp measure` writes it
        measures = validate_measures(MEASURES.assign(time_low_ms=low, time_high_ms=times + half))
        rngs = np.random.default_rng(1).spawn(2)
        drawn = part_draws(Parts(measures=measures), STUDY, TEAMS, draws=4000, level=0.95, rngs=rngs)[
            "escore"
        ]
        low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
        return high - low, drawn.std(axis=0)

    still, quiet, noisy, wild = (escores(half) for half in (0.0, 0.1, 0.6, 30.0))
    step = 10 / 3  # of four models
    assert still[0].tolist() == quiet[0].tolist() == [0, 0, 0]
    assert noisy[0] == pytest.approx([step, step, 0])
    assert (wild[0] >= [2 * step, 2 * step, step]).all()
    assert (wild[1] > noisy[1]).all()
    widths = []
    for half in (0.1, 8.0):
        times = MEASURES["time_ms"]
        measures = validate_measures(MEASURES.assign(time_low_ms=times - half, time_high_ms=times + half))
        parts = Parts(paired=PAIRED, measures=measures)
        drawn = drawn_study(study_votes(), parts=parts, rule="s2 + escore", draws=2_000)
        table = part_intervals(drawn)
        widths.append((table["final_high"] - table["final_low"]).to_numpy())
    assert (widths[1][:2] > widths[0][:2]).all()
