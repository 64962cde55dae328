"""The SCORE formula: its table, its direction, and what happens when a metric is missing."""

import math

import numpy as np
import pandas as pd
import pytest

from analysis.errors import AnalysisError
from analysis.paired.score import RAIM, REDUCED, Formula, Term, formula_from_rows, score

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
    assert score(table).iloc[0] == pytest.approx(by_hand(*values), rel=1e-14)


def test_a_plausible_result_lies_in_the_published_range():
    # Both challenges printed scores between 70 and 121.
    table = pd.DataFrame([(26.0, 0.78, 0.18, 0.08, 4.0)], columns=NAMES)
    assert 69 < score(table).iloc[0] < 122


def test_score_of_the_means_is_the_mean_of_the_scores():
    rng = np.random.default_rng(1)
    table = pd.DataFrame(rng.uniform(0, 1, (50, 5)), columns=NAMES)
    assert score(table.mean().to_frame().T).iloc[0] == pytest.approx(score(table).mean(), rel=1e-12)


def test_a_missing_value_makes_no_score_and_a_missing_column_is_named():
    table = pd.DataFrame([(25.0, 0.75, np.nan, 0.15, 5.0)], columns=NAMES)
    assert math.isnan(score(table).iloc[0])
    with pytest.raises(AnalysisError, match=r"SCORE \(RAIM\) needs lpips, dists"):
        score(table.drop(columns=["lpips", "dists"]))


def test_the_reduced_formula_says_so_in_its_name():
    assert REDUCED.metrics == ("psnr", "ssim", "niqe")
    assert "reduced" in REDUCED.name
    assert REDUCED.text() == "20*psnr/50 + 15*(ssim-0.5)/0.5 + 30*(1-niqe/10)"


def test_rows_of_a_study_file_make_the_same_formula():
    rows = RAIM.as_dict()["terms"]
    assert formula_from_rows(RAIM.name, rows) == RAIM


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"metric": "psnr", "weight": 1, "directon": "higher"}, "unknown .*directon"),
        ({"metric": "psnr", "weight": 1}, "missing .*direction"),
        ({"metric": "psnr", "weight": "heavy", "direction": "higher"}, "heavy"),
        ({"metric": "psnr", "weight": -1, "direction": "higher"}, "above 0"),
        ({"metric": "psnr", "weight": 1, "scale": 0, "direction": "higher"}, "above 0"),
        ({"metric": "psnr", "weight": math.nan, "direction": "higher"}, "finite"),
        ({"metric": "psnr", "weight": 1, "direction": "up"}, "direction 'up'"),
    ],
)
def test_a_bad_row_is_refused_by_name(row, message):
    with pytest.raises(AnalysisError, match=message):
        formula_from_rows("mine", [row])


def test_a_formula_needs_terms_and_each_metric_once():
    with pytest.raises(AnalysisError, match="no terms"):
        Formula("mine", ())
    with pytest.raises(AnalysisError, match="twice"):
        Formula("mine", (Term("psnr", 1, 0, 1, "higher"),) * 2)
