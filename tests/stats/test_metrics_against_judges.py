"""Metrics against judges: measures beside scipy's, the logistic, ceilings, intervals, what is undefined."""

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import curve_fit
from scipy.stats import kendalltau, pearsonr, spearmanr

from analysis.cli import main
from analysis.errors import AnalysisError
from analysis.metrics_against_judges.judged import judged_scores
from analysis.metrics_against_judges.logistic import fit_logistic
from analysis.metrics_against_judges.ranks import agreement, weighted_srocc
from analysis.metrics_against_judges.scene import Metric, Scene
from analysis.metrics_against_judges.summary import holm, metrics_summary
from analysis.metrics_against_judges.table import directions, validate_metrics
from analysis.pairs import validate_pairs
from analysis.ratings import validate_ratings
from analysis.resampling.two_way import Sampling
from analysis.rule import read_rule
from analysis.user_study.read import user_study
from analysis.votes import validate_votes
from benchmarks.coverage_metrics import coverage

PUBLISHED = Path(__file__).parent / "published"
TEAMS = [f"team{number}" for number in range(1, 8)]
IMAGES = [f"{number:03}" for number in range(1, 7)]
JUDGES = [f"J{number}" for number in range(1, 7)]
ALONE = read_rule("user-study")
FEW = Sampling(200)
small = st.lists(st.integers(0, 4), min_size=8, max_size=8)


def scipys(function, one, other):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # constant input
        return function(one, other).statistic


def logistic(x, a, b, c, s):
    return a + b / (1 + np.exp(-(x - c) / s))


@pytest.fixture(scope="module")
def quality():
    return np.linspace(0, 2, len(TEAMS))


@pytest.fixture(scope="module")
def rated(quality):
    """Ratings of six judges, and two of them asked again about two images."""
    rng = np.random.default_rng(3)
    rows = []
    for judge in JUDGES:
        for image in IMAGES:
            scores = np.clip(np.round(2 + quality + rng.normal(0, 0.8, len(TEAMS))), 1, 5)
            rows += [(judge, image, team, score, "main") for team, score in zip(TEAMS, scores, strict=True)]
            if image in IMAGES[:2]:
                again = np.clip(scores + rng.integers(-1, 2, len(TEAMS)), 1, 5)
                rows += [
                    (judge, image, team, score, "repeat") for team, score in zip(TEAMS, again, strict=True)
                ]
    return validate_ratings(pd.DataFrame(rows, columns=["judge", "image", "team", "score", "kind"]))


@pytest.fixture(scope="module")
def metrics(quality):
    """niqe goes with quality, musiq a little, blind not at all and flat nowhere."""
    rng = np.random.default_rng(4)
    rows = [
        (team, image, 8 - good + rng.normal(0, 0.5), 50 + 4 * good + rng.normal(0, 8), rng.normal(), 1.0)
        for image in IMAGES
        for team, good in zip(TEAMS, quality, strict=True)
    ]
    return validate_metrics(pd.DataFrame(rows, columns=["team", "image", "niqe", "musiq", "blind", "flat"]))


@pytest.fixture(scope="module")
def paired(quality):
    rng = np.random.default_rng(5)
    rows = [
        (team, f"p{pair}", 20 + good + rng.normal(0, 0.3), 60 + 5 * good + rng.normal())
        for pair in range(5)
        for team, good in zip(TEAMS, quality, strict=True)
    ]
    return pd.DataFrame(rows, columns=["team", "image", "psnr", "score"])


@pytest.fixture(scope="module")
def found(rated, metrics, paired):
    return metrics_summary(
        rated,
        rule=read_rule("mos"),
        candidates=metrics,
        paired=paired,
        higher=["blind", "flat"],
        sampling=FEW,
        rng=np.random.default_rng(0),
    )


def row_of(data, metric, level, measure):
    (row,) = (
        row
        for row in data["measures"]
        if (row["metric"], row["level"], row["measure"]) == (metric, level, measure)
    )
    return row


@given(small, small)
def test_srocc_and_krcc_are_scipys(one, other):
    ours = agreement(np.array(one, float), np.array(other, float))
    for name, function in (("srocc", spearmanr), ("krcc", kendalltau)):
        assert float(ours[name]) == pytest.approx(scipys(function, one, other), abs=1e-12, nan_ok=True)


@given(small, small, st.lists(st.integers(0, 3), min_size=8, max_size=8))
def test_srocc_of_weighted_candidates_is_that_of_candidates_that_stand_so_often(one, other, often):
    standing = np.repeat(np.arange(8), often)
    ours = weighted_srocc(np.array([one], float), np.array([other], float), np.array([often], float))[0, 0]
    if len(set(standing)) < 3:
        assert np.isnan(ours)
        return
    theirs = scipys(spearmanr, np.array(one)[standing], np.array(other)[standing])
    assert ours == pytest.approx(theirs, abs=1e-9, nan_ok=True)


@given(small, small, st.integers(0, 7))
def test_a_candidate_without_a_value_leaves_the_others_as_they_are(one, other, lost):
    left_out = np.array(other, float)
    left_out[lost] = np.nan
    ours = agreement(np.array(one, float), left_out)
    rest = agreement(np.delete(np.array(one, float), lost), np.delete(left_out, lost))
    for name, value in rest.items():
        assert float(ours[name]) == pytest.approx(float(value), abs=1e-12, nan_ok=True)


def test_accuracy_counts_the_pairs_that_judges_order_and_a_tie_of_the_metric_half():
    judged, metric = np.array([1.0, 2, 3, 3]), np.array([1.0, 2, 2, 0])
    # Of five ordered pairs two are alike (1 < 2 twice), one is tied, two are turned round.
    assert float(agreement(judged, metric)["accuracy"]) == pytest.approx(2.5 / 5)


def test_the_logistic_of_a_published_table_is_scipys_and_plcc_follows():
    """RAIM 2024: S2, computed, beside S3, of the judges; the optimum by scipy from several starts."""
    table = pd.read_csv(PUBLISHED / "raim-2024.csv")
    x, y = table["s2"].to_numpy(float), table["s3"].to_numpy(float)
    fit = fit_logistic(x, y)
    left = float(((fit(x)[0] - y) ** 2).sum())
    best = np.inf
    # The bounds are those of the fit: centre within 10 sd, scale from 0.02 to 20 sd.
    sd = x.std()
    low = [-np.inf, -np.inf, x.mean() - 10 * sd, 0.02 * sd]
    high = [np.inf, np.inf, x.mean() + 10 * sd, 20 * sd]
    for scale in (0.3, 3.0):
        for middle in (77.0, 79.0, 81.0):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    at, _ = curve_fit(logistic, x, y, [0, 60, middle, scale], bounds=(low, high), maxfev=500)
                except RuntimeError:
                    continue
            best = min(best, float(((logistic(x, *at) - y) ** 2).sum()))
    assert left <= best * (1 + 1e-4)
    assert float(fit.plcc[0]) == pytest.approx(pearsonr(fit(x)[0], y).statistic, abs=1e-9)
    assert float(fit.plcc[0]) > pearsonr(x, y).statistic


def test_the_logistic_finds_the_curve_that_made_the_scores_whichever_way_it_goes():
    x = np.linspace(0, 10, 40)
    for rise in (3.0, -3.0):
        fit = fit_logistic(x, logistic(x, 1, rise, 4, 1.3))
        assert float(fit.c[0]) == pytest.approx(4, abs=1e-3)
        assert float(fit.s[0]) == pytest.approx(1.3, abs=1e-3)
        assert float(fit.plcc[0]) == pytest.approx(np.sign(rise), abs=1e-6)


def test_within_images_the_measure_is_the_mean_of_the_images(found, rated, metrics):
    scores = pd.DataFrame({"image": rated.images[rated.image], "team": rated.teams[rated.team]})
    scores["score"] = rated.score
    mean = scores.groupby(["image", "team"])["score"].mean()
    values = metrics.set_index(["image", "team"])["niqe"]
    each = [spearmanr(-values[image], mean[image]).statistic for image in IMAGES]
    row = row_of(found, "niqe", "image", "srocc")
    assert row["value"] == pytest.approx(np.mean(each))
    assert row["n"] == len(IMAGES)
    assert row["low"] < row["value"] < row["high"] <= 1
    of_teams = spearmanr(-values.groupby("team").mean(), mean.groupby("team").mean()).statistic
    assert row_of(found, "niqe", "teams", "srocc")["value"] == pytest.approx(of_teams)
    together = spearmanr(-values.loc[mean.index], mean).statistic
    assert row_of(found, "niqe", "candidates", "srocc")["value"] == pytest.approx(together)
    tau = kendalltau(-values.loc[mean.index], mean).statistic
    assert row_of(found, "niqe", "candidates", "krcc")["value"] == pytest.approx(tau)


def test_lower_is_better_is_turned_round_and_the_parts_of_s2_are_compared_by_team(found):
    better = {(row["metric"], row["of"]): row["better"] for row in found["metrics"]}
    assert better["niqe", "candidates"] == "lower"
    assert better["psnr", "pairs"] == "higher"
    assert row_of(found, "niqe", "teams", "srocc")["value"] > 0.8
    assert {row["level"] for row in found["measures"] if row["of"] == "pairs"} == {"teams"}
    assert row_of(found, "psnr", "teams", "srocc")["value"] > 0.8


def test_what_is_the_same_everywhere_is_undefined_with_the_reason(found):
    for row in (row for row in found["measures"] if row["metric"] == "flat"):
        assert row["value"] is row["low"] is row["high"] is None
        assert row["undefined"].startswith("flat is the same for all ")
    assert "NaN" not in json.dumps(found)
    assert "nan" not in json.dumps(found)


def test_a_metric_is_held_against_what_the_judges_noise_allows(found):
    row = row_of(found, "niqe", "image", "srocc")
    assert row["value"] < row["halves"] < 1
    assert row["value"] < row["repeats"] <= 1
    assert found["repeated_images"] == 2
    reasons = [
        row["undefined"] for row in found["ceilings"] if (row["from"], row["level"]) == ("repeats", "teams")
    ]
    assert set(reasons) == {"repeats cover few images and say nothing about the teams' scores on all images"}


def test_the_ceiling_of_halves_is_what_a_perfect_metric_reaches():
    """The truth itself, beside 200 studies of six judges on 12 images, against the mean of their ceilings."""
    rng = np.random.default_rng(8)
    reached, ceilings = [], []
    for seed in range(12):
        truth = rng.normal(0, 1, (12, 7))
        noisy = truth[:, :, None] + rng.normal(0, 1.5, (12, 7, 6))
        rows = [
            (f"J{j}", f"{i:02}", f"T{t}", noisy[i, t, j])
            for i in range(12)
            for t in range(7)
            for j in range(6)
        ]
        answers = validate_ratings(
            pd.DataFrame(rows, columns=["judge", "image", "team", "score"]), scale=(-100, 100)
        )
        table = pd.DataFrame(
            [(f"T{t}", f"{i:02}", truth[i, t]) for i in range(12) for t in range(7)],
            columns=["team", "image", "perfect"],
        )
        data = metrics_summary(
            answers,
            rule=read_rule("mos"),
            candidates=table,
            higher=["perfect"],
            sampling=Sampling(0),
            rng=np.random.default_rng(seed),
        )
        row = row_of(data, "perfect", "image", "plcc")
        linear = [pearsonr(truth[i], noisy[i].mean(axis=1)).statistic for i in range(12)]
        reached.append(np.mean(linear))
        ceilings.append(row["halves"])
    assert np.mean(ceilings) == pytest.approx(np.mean(reached), abs=0.03)


def test_differences_are_paired_and_adjusted_by_holm(found):
    rows = [row for row in found["differences"] if (row["level"], row["measure"]) == ("image", "srocc")]
    assert {(row["metric"], row["other"]) for row in rows} == {
        ("niqe", "musiq"),
        ("niqe", "blind"),
        ("musiq", "blind"),
    }
    niqe, blind = (row_of(found, name, "image", "srocc")["value"] for name in ("niqe", "blind"))
    row = next(row for row in rows if row["other"] == "blind" and row["metric"] == "niqe")
    assert row["difference"] == pytest.approx(niqe - blind)
    assert row["low"] > 0
    assert row["p"] < 0.05
    assert all(row["p_adjusted"] >= row["p"] for row in rows)


def test_holm_against_statsmodels():
    multiple = pytest.importorskip("statsmodels.stats.multitest")
    p = [0.01, 0.02, 0.03, 0.2, 0.004]
    assert holm(p) == pytest.approx(list(multiple.multipletests(p, method="holm")[1]))


def test_two_metrics_that_are_one_do_not_differ(rated, metrics):
    twin = metrics.assign(other=-metrics["niqe"])[["team", "image", "niqe", "other"]]
    data = metrics_summary(
        rated,
        rule=read_rule("mos"),
        candidates=twin,
        higher=["other"],
        sampling=FEW,
        rng=np.random.default_rng(0),
    )
    assert all(row["difference"] == pytest.approx(0, abs=1e-9) for row in data["differences"])
    assert all(row["p"] is None or row["p"] > 0.9 for row in data["differences"])


def test_the_worst_images_name_the_teams_at_odds(found, rated, metrics):
    rows = [row for row in found["worst"] if row["metric"] == "blind"]
    by_image = {row["image"]: row["srocc"] for row in found["images"] if row["metric"] == "blind"}
    assert [row["image"] for row in rows] == sorted(by_image, key=by_image.get)[:3]
    row = rows[0]
    assert row["judged"] > row["judged_other"]
    assert row["value"] < row["value_other"]
    values = metrics.set_index(["image", "team"])["blind"]
    assert row["value"] == pytest.approx(values[row["image"], row["judges_prefer"]])


def test_a_missing_value_leaves_out_its_image_from_the_means_of_teams(rated, metrics, quality):
    gone = metrics.copy()
    gone.loc[(gone["team"] == "team3") & (gone["image"] == "002"), "niqe"] = np.nan
    data = metrics_summary(
        rated,
        rule=read_rule("mos"),
        candidates=gone[["team", "image", "niqe"]],
        sampling=Sampling(0),
        rng=np.random.default_rng(0),
    )
    assert row_of(data, "niqe", "image", "srocc")["n"] == len(IMAGES)
    assert row_of(data, "niqe", "candidates", "srocc")["n"] == len(IMAGES) * len(TEAMS) - 1
    row = row_of(data, "niqe", "teams", "srocc")
    assert row["n"] == len(TEAMS)
    scores = user_study(rated, read_rule("mos")).observed["mos"]
    means = gone[gone["image"] != "002"].groupby("team")["niqe"].mean()
    assert row["value"] == pytest.approx(spearmanr(-means[TEAMS], scores).statistic)
    assert row["ci_undefined"] == "no resamples were requested"


def answers_of(kind, quality):
    rng = np.random.default_rng(6)
    if kind == "pairs":
        rows = [
            (
                judge,
                image,
                TEAMS[a],
                TEAMS[b],
                "a" if rng.random() < 1 / (1 + np.exp(quality[b] - quality[a])) else "b",
            )
            for judge in JUDGES
            for image in IMAGES
            for a in range(len(TEAMS))
            for b in range(a)
        ]
        return validate_pairs(pd.DataFrame(rows, columns=["judge", "image", "team_a", "team_b", "answer"]))
    rows = []
    for judge in JUDGES:
        for image in IMAGES:
            order = np.argsort(-(quality + rng.gumbel(size=len(TEAMS))))
            place = {int(team): number for number, team in enumerate(order[:3], start=1)}
            rows += [(judge, image, team, place.get(number)) for number, team in enumerate(TEAMS)]
    return validate_votes(pd.DataFrame(rows, columns=["judge", "image", "team", "rank"]))


@pytest.mark.parametrize(
    ("kind", "by", "unit"),
    [
        ("votes", "points", "mean points"),
        ("votes", "worths", "Plackett-Luce worth"),
        ("pairs", "points", "Bradley-Terry worth"),
    ],
)
def test_votes_and_pairs_are_compared_by_points_and_worths(metrics, quality, kind, by, unit):
    answers = answers_of(kind, quality)
    rule = read_rule("bt") if kind == "pairs" else ALONE
    data = metrics_summary(
        answers,
        rule=rule,
        candidates=metrics[["team", "image", "niqe"]],
        by=by,
        sampling=FEW,
        rng=np.random.default_rng(0),
    )
    assert data["judged_by"].startswith(unit)
    row = row_of(data, "niqe", "image", "srocc")
    assert row["low"] < row["value"] < row["high"]
    assert row_of(data, "niqe", "teams", "srocc")["value"] > 0.7
    user = user_study(answers, rule)
    scene = Scene(judged_scores(user, by), [Metric("m", "higher", "candidates", np.ones((6, 7)))])
    if by == "points":
        assert scene.observed.teams[0] == pytest.approx(user.observed[user.lead], abs=1e-6)


def test_one_judge_gives_no_interval_and_two_teams_no_correlation(rated, metrics):
    table = rated.table[(rated.table["judge"] == "J1") & (rated.table["kind"] == "main")]
    one = validate_ratings(table)
    data = metrics_summary(
        one,
        rule=read_rule("mos"),
        candidates=metrics[["team", "image", "niqe"]],
        rng=np.random.default_rng(0),
    )
    row = row_of(data, "niqe", "image", "srocc")
    assert row["ci_undefined"] == "one judge says nothing about others"
    assert row["halves"] is None
    two = validate_ratings(rated.table[rated.table["team"].isin(["team1", "team7"])])
    data = metrics_summary(
        two,
        rule=read_rule("mos"),
        candidates=metrics[["team", "image", "niqe"]],
        sampling=FEW,
        rng=np.random.default_rng(0),
    )
    row = row_of(data, "niqe", "image", "srocc")
    assert row["undefined"] == "2 candidates on any image with a value, fewer than 3"
    assert row_of(data, "niqe", "teams", "plcc")["undefined"].endswith("needs 6")
    assert row_of(data, "niqe", "image", "accuracy")["value"] is not None


def test_a_direction_that_nobody_knows_is_asked_for():
    assert directions(["niqe", "musiq"]) == {"niqe": "lower", "musiq": "higher"}
    assert directions(["x"], definitions=[{"name": "x", "better": "lower"}]) == {"x": "lower"}
    with pytest.raises(AnalysisError, match="--lower mine or --higher mine"):
        directions(["mine"])
    with pytest.raises(AnalysisError, match="no metric 'nique' in the tables; did you mean 'niqe'"):
        directions(["niqe"], lower=["nique"])
    with pytest.raises(AnalysisError, match="as lower and as higher"):
        directions(["niqe"], lower=["niqe"], higher=["niqe"])


def test_a_table_of_metrics_is_checked():
    with pytest.raises(AnalysisError, match="'a' has image '1' twice"):
        validate_metrics(pd.DataFrame([("a", "1", 2.0), ("a", "1", 3.0)], columns=["team", "image", "niqe"]))
    with pytest.raises(AnalysisError, match="add one per metric"):
        validate_metrics(pd.DataFrame([("a", "1")], columns=["team", "image"]))


def test_metrics_of_other_images_are_refused(rated, metrics):
    with pytest.raises(AnalysisError, match="no metric has a value for a team and image that was judged"):
        metrics_summary(
            rated,
            rule=read_rule("mos"),
            candidates=metrics.assign(image="elsewhere" + metrics["image"])[["team", "image", "niqe"]],
            rng=np.random.default_rng(0),
        )


def test_the_command_prints_tables_and_latex_without_nan(rated, metrics, tmp_path):
    rated.table.to_csv(tmp_path / "ratings.csv", index=False)
    metrics.to_csv(tmp_path / "unpaired.csv", index=False)
    (tmp_path / "definitions.json").write_text(
        json.dumps({"metrics": [{"name": "blind", "better": "higher"}, {"name": "flat", "better": "higher"}]})
    )
    arguments = [
        *("metrics", str(tmp_path / "ratings.csv"), "--candidates", str(tmp_path / "unpaired.csv")),
        *("--definitions", str(tmp_path / "definitions.json"), "--draws", "100"),
    ]
    done = CliRunner().invoke(main, [*arguments, "--format", "latex"])
    assert done.exit_code == 0, done.output
    assert "\\begin{tabular}" in done.stdout
    assert "nan" not in done.stdout
    assert "of at most" in done.stderr
    done = CliRunner().invoke(main, [*arguments, "--table", "worst", "--format", "csv"])
    assert done.stdout.splitlines()[0].startswith("metric,image,srocc,judges_prefer,metric_prefers")
    done = CliRunner().invoke(main, [*arguments, "--json"])
    assert json.loads(done.stdout)["draws"] == 100


def test_intervals_hold_the_value_of_such_studies_in_a_short_run():
    """40 studies: fewer than 34 of intervals that hold in 95 % would happen once in 300 times."""
    held = coverage(studies=40, judges=8, images=12, teams=8, noise=0.8, draws=200, fits=0, seed=1)
    assert held["image", "srocc"][1] >= 0.85
    assert held["candidates", "srocc"][1] >= 0.85


@pytest.mark.slow
@pytest.mark.parametrize(("judges", "images"), [(15, 50), (8, 20)])
def test_95_percent_intervals_of_srocc_hold_at_least_so_often(judges, images):
    """They are a little too wide: judges resampled are noisier judges."""
    held = coverage(
        studies=1000, judges=judges, images=images, teams=10, noise=0.8, draws=500, fits=0, seed=2
    )
    for level in ("image", "candidates"):
        assert 0.93 <= held[level, "srocc"][1] <= 0.995
