"""sureal's numbers on data made here: MOS, bias removal, the maximum likelihood of subjects, BT.500."""

import json

import numpy as np
import pandas as pd
import pytest

from analysis.exchange.rating_forms import write_sureal
from analysis.opinion import bt500_screening, fit_subject_model, mean_opinion
from analysis.ratings import validate_ratings

models = pytest.importorskip("sureal.subjective_model")
readers = pytest.importorskip("sureal.dataset_reader")
misc = pytest.importorskip("sureal.tools.misc")

SUBJECTS, IMAGES, TEAMS = 18, 8, 5
COIN_TOSSERS = (3, 11)


@pytest.fixture(scope="module")
def table():
    """Scores from 1 to 5: biased subjects, two who score at random, a tenth of the scores missing."""
    rng = np.random.default_rng(4)
    quality = rng.uniform(1.5, 4.5, (IMAGES, TEAMS))
    bias, noise = rng.normal(0, 0.4, SUBJECTS), rng.uniform(0.3, 0.7, SUBJECTS)
    score = quality + bias[:, None, None] + noise[:, None, None] * rng.normal(size=(SUBJECTS, IMAGES, TEAMS))
    for subject in COIN_TOSSERS:
        score[subject] = rng.uniform(0.5, 5.5, (IMAGES, TEAMS))
    score = np.clip(np.round(score), 1, 5)
    judge, image, team = np.nonzero(rng.random(score.shape) < 0.9)
    columns = ([f"J{j:02d}" for j in judge], [f"i{i}" for i in image], [f"T{t}" for t in team])
    names = ("judge", "image", "team", "score")
    return pd.DataFrame(dict(zip(names, (*columns, score[judge, image, team]), strict=True)))


@pytest.fixture(scope="module")
def ours(table):
    return validate_ratings(table)


@pytest.fixture(scope="module")
def theirs(table, tmp_path_factory):
    """The same scores as sureal reads them from what we write."""
    path = tmp_path_factory.mktemp("sureal") / "set.json"
    path.write_text(write_sureal(table))
    subjects = sorted(set(table["judge"]))
    data = misc.import_json_file(str(path))
    # sureal numbers named subjects as they come up, which missing scores would mix: give it all in one order.
    for video in data.dis_videos:
        video["os"] = {name: video["os"].get(name, float("nan")) for name in subjects}
    videos = [video["path"] for video in json.loads(path.read_text())["dis_videos"]]
    return readers.RawDatasetReader(data), videos


def run(theirs, model, ours, **options):
    """Run one of sureal's models; return its result and where it has each of our stimuli."""
    reader, videos = theirs
    names = [f"{ours.images[image]}/{ours.teams[team]}" for image, team in ours.stimuli]
    return getattr(models, model)(reader).run_modeling(**options), [videos.index(name) for name in names]


def test_mos_and_its_error(ours, theirs):
    result, at = run(theirs, "MosModel", ours)
    found = mean_opinion(ours.matrix)
    np.testing.assert_allclose(found.mos, np.array(result["quality_scores"])[at], atol=1e-12)
    np.testing.assert_allclose(found.sd, np.array(result["quality_ambiguity"])[at], atol=1e-12)
    error = found.sd / np.sqrt(found.n)
    np.testing.assert_allclose(error, np.array(result["quality_scores_std"])[at], atol=1e-12)


def test_bias_removal(ours, theirs):
    result, at = run(theirs, "BiasremvMosModel", ours)
    found = mean_opinion(ours.without_bias().matrix)
    np.testing.assert_allclose(found.mos, np.array(result["quality_scores"])[at], atol=1e-12)
    np.testing.assert_allclose(found.sd, np.array(result["quality_ambiguity"])[at], atol=1e-12)


def test_the_maximum_likelihood_of_quality_bias_and_inconsistency(ours, theirs):
    result, at = run(theirs, "SubjectMLEModelProjectionSolver", ours)
    found = fit_subject_model(ours.matrix)
    # sureal takes a standard deviation about each subject's mean residual, which is zero but for rounding.
    np.testing.assert_allclose(found.quality, np.array(result["quality_scores"])[at], atol=1e-5)
    np.testing.assert_allclose(found.quality_se, np.array(result["quality_scores_std"])[at], atol=1e-5)
    np.testing.assert_allclose(found.bias, result["observer_bias"], atol=1e-5)
    np.testing.assert_allclose(found.inconsistency, result["observer_inconsistency"], atol=1e-5)
    assert found.loglik / found.scores == pytest.approx(result["loglikelihood"], abs=1e-6)


def test_rejection_by_bt500_with_the_standard_deviation_of_the_tool(ours, theirs):
    """sureal divides by n; the text of the standard, and we where nothing is said, by n - 1."""
    with np.errstate(invalid="ignore"):  # sureal divides 0 by 0 for who is never outside
        result, _ = run(theirs, "SubjrejMosModel", ours)
    found = bt500_screening(ours.matrix, deviation="population")
    rejected = [name for name, out in zip(ours.judges, result["observer_rejected"], strict=True) if out]
    assert ours.judges[found.rejected].tolist() == rejected
    assert rejected
    assert set(rejected) <= {f"J{n:02d}" for n in COIN_TOSSERS}
    outside = found.above + found.below
    ratio = np.abs(found.above - found.below)[outside > 0] / outside[outside > 0]
    np.testing.assert_allclose(ratio, np.array(result["observer_rejected_2nd_stats"])[outside > 0])
    # sureal counts shares of all stimuli, also of those that a subject did not rate.
    np.testing.assert_allclose(outside / (IMAGES * TEAMS), result["observer_rejected_1st_stats"])
