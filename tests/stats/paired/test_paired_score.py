"""The SCORE formula: its table, its direction, and what happens when a metric is missing."""

import math

import numpy as np
import pandas as pd
import pytest

from analysis.errors import AnalysisError
from analysis.paired.score import RAIM, SCORES, score
from analysis.rule import read_rule

NAMES = ["psnr", "ssim", "lpips", "dists", "niqe"]


def by_hand(psnr, ssim, lpips, dists, niqe):
    return (
        20 * psnr / 50
        + 15 * (ssim - 0.5) / 0.5
        + 20 * (1 - lpips / 0.4)
        + 40 * (1 - dists / 0.3)
        + 30 * (1 - niqe / 10)
    )


@pytest.mark.parametrize(
    "values", [(25.0, 0.75, 0.2, 0.15, 5.0), (30.0, 0.85, 0.1, 0.05, 3.5), (18, 0.4, 0.6, 0.4, 12)]
)
def test_raim_is_the_printed_formula(values):
    table = pd.DataFrame([values], columns=NAMES)
    assert score(table, RAIM).iloc[0] == pytest.approx(by_hand(*values), rel=1e-14)


def test_a_plausible_result_lies_in_the_published_range():
    # Both challenges printed scores between 70 and 121.
    table = pd.DataFrame([(26.0, 0.78, 0.18, 0.08, 4.0)], columns=NAMES)
    assert 69 < score(table, RAIM).iloc[0] < 122


def test_score_of_the_means_is_the_mean_of_the_scores():
    rng = np.random.default_rng(1)
    table = pd.DataFrame(rng.uniform(0, 1, (50, 5)), columns=NAMES)
    assert score(table.mean().to_frame().T, RAIM).iloc[0] == pytest.approx(
        score(table, RAIM).mean(), rel=1e-12
    )


def test_a_missing_value_makes_no_score_and_a_missing_column_is_named():
    table = pd.DataFrame([(25.0, 0.75, np.nan, 0.15, 5.0)], columns=NAMES)
    assert math.isnan(score(table, RAIM).iloc[0])
    with pytest.raises(AnalysisError, match="needs lpips, dists, which was not computed"):
        score(table.drop(columns=["lpips", "dists"]), RAIM)


def test_the_reduced_formula_needs_no_network():
    assert "reduced" in SCORES
    assert list(read_rule("reduced").final.score.names()) == ["psnr", "ssim", "niqe"]


def test_an_undefined_value_makes_no_score():
    table = pd.DataFrame({"psnr": [0.0, 10.0]})
    found = score(table, read_rule({"final": {"per": "image", "score": "log(psnr)"}}).final)
    assert found.isna().tolist() == [True, False]


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("rank(psnr, higher)", "can only use its own metrics"),
        ("psnr/top(psnr)", "own metrics"),
        ("5", "no metric"),
    ],
)
def test_the_score_of_an_image_is_its_own(formula, message):
    with pytest.raises(AnalysisError, match=message):
        score(pd.DataFrame({"psnr": [25.0]}), read_rule(formula).final)
