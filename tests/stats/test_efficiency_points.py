"""Rank scores of measured models."""

import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.efficiency.points import efficiency_scores, rank_score, read_measures
from analysis.errors import AnalysisError


def test_the_best_gets_ten_and_each_rank_an_equal_step_less():
    assert rank_score(np.array([30.0, 1.0, 20.0, 2.0, 3.0])).tolist() == [0, 10, 2.5, 7.5, 5]


def test_equal_values_share_the_score_and_the_next_ranks_are_skipped():
    assert rank_score(np.array([1.0, 1.0, 3.0])).tolist() == [10, 10, 0]


def test_a_missing_value_gets_no_score_and_is_not_counted():
    assert np.array_equal(rank_score(np.array([1.0, np.nan, 3.0])), [10, np.nan, 0], equal_nan=True)


def test_one_model_alone_is_the_best():
    assert rank_score(np.array([7.0])).tolist() == [10]


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=20, unique_by=lambda value: round(value, 9)))
def test_without_ties_the_scores_add_up_to_five_a_model(values):
    assert rank_score(np.array(values)).sum() == pytest.approx(5 * len(values))


def test_the_escore_is_the_sum_of_the_three():
    csv = b"team,params_m,flops_g,time_ms\nAda,1,20,5\nBea,2,10,5\nCyd,3,30,9\n"
    table = read_measures(io.BytesIO(csv))
    assert table.columns.tolist() == [
        "team",
        "params_m",
        "flops_g",
        "time_ms",
        "params_score",
        "flops_score",
        "time_score",
        "escore",
    ]
    assert table[["team", "params_score", "flops_score", "time_score", "escore"]].to_numpy().tolist() == [
        ["Ada", 10, 5, 10, 25],
        ["Bea", 5, 10, 10, 25],
        ["Cyd", 0, 0, 0, 0],
    ]


def test_a_team_with_a_missing_measure_has_no_escore():
    table = efficiency_scores(
        pd.DataFrame({"team": ["Ada", "Bea"], "params_m": [1, 2], "flops_g": [1, 2], "time_ms": [np.nan, 2]})
    )
    assert table["team"].tolist() == ["Bea", "Ada"]
    assert table["escore"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("Ada,-1,2,3", "-1 is below 0"),
        ("Ada,fast,2,3", "'fast' is not a number"),
        ("Bea,1,2,3", "team 'Bea' has two rows"),
    ],
)
def test_wrong_measures_are_refused(row, message):
    csv = f"team,params_m,flops_g,time_ms\nBea,1,1,1\n{row}\n".encode()
    with pytest.raises(AnalysisError, match=message):
        read_measures(io.BytesIO(csv))
