"""Rank scores of measured models."""

import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.efficiency.draws import measure_draws
from analysis.efficiency.measures import OPTIONAL, read_measures
from analysis.efficiency.points import efficiency_scores, model_scores
from analysis.errors import AnalysisError, InputWarning
from analysis.rule import read_rule
from analysis.rule.teams import rank_points


def rank_score(values: np.ndarray) -> np.ndarray:
    return rank_points(values, "lower", 10)


def escore_draws(table: pd.DataFrame, **options) -> np.ndarray:
    drawn = measure_draws(table, **options)
    return read_rule("raim-escore").values("escore", drawn, teams=list(table["team"]))


def test_the_best_gets_ten_and_each_rank_an_equal_step_less():
    assert rank_score(np.array([30.0, 1.0, 20.0, 2.0, 3.0])).tolist() == [0, 10, 2.5, 7.5, 5]


def test_equal_values_share_the_score_and_the_next_ranks_are_skipped():
    assert rank_score(np.array([1.0, 1.0, 3.0])).tolist() == [10, 10, 0]


def test_a_missing_value_gets_no_score_and_is_not_counted():
    assert np.array_equal(rank_score(np.array([1.0, np.nan, 3.0])), [10, np.nan, 0], equal_nan=True)


def test_rows_of_several_draws_are_ranked_apart():
    values = np.array([[1.0, 2.0, 3.0], [3.0, 3.0, np.nan]])
    assert np.array_equal(rank_score(values), [[10, 5, 0], [10, 10, np.nan]], equal_nan=True)


def test_one_model_alone_is_the_best():
    assert rank_score(np.array([7.0])).tolist() == [10]


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=20, unique_by=lambda value: round(value, 9)))
def test_without_ties_the_scores_add_up_to_five_a_model(values):
    assert rank_score(np.array(values)).sum() == pytest.approx(5 * len(values))


def test_the_escore_is_the_sum_of_the_three():
    csv = b"team,params_m,flops_g,time_ms\nAda,1,20,5\nBea,2,10,5\nCyd,3,30,9\n"
    table = efficiency_scores(read_measures(io.BytesIO(csv)), read_rule("raim-escore"))
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
        pd.DataFrame({"team": ["Ada", "Bea"], "params_m": [1, 2], "flops_g": [1, 2], "time_ms": [np.nan, 2]}),
        read_rule("raim-escore"),
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


WHOLE = {
    "team": "Ada",
    "params_m": "1",
    "flops_g": "2",
    "time_ms": "5",
    **dict.fromkeys(("macs_g", "activations_m", "images", "passes", "memory_mb", "time_median_ms"), "5"),
    "time_low_ms": "4.5",
    "time_high_ms": "5.5",
    "device": "a card",
    "comparable": "yes",
    "precision": "float32",
    "tile": "",
    "uncounted": "mine::op 3 %",
    "reproduced": "close",
    "status": "measured",
    "problem": "",
    "remarks": "weights are as drawn",
}


def table_of(*rows):
    columns = list(WHOLE)
    lines = [",".join(columns), *(",".join({**WHOLE, **row}[name] for name in columns) for row in rows)]
    return io.BytesIO("\n".join(lines).encode())


def test_every_column_of_the_contract_is_read_and_kept():
    assert set(OPTIONAL) < set(WHOLE)
    table = efficiency_scores(
        read_measures(table_of({}, {"team": "Bea", "time_ms": "5.1"})), read_rule("raim-escore")
    )
    assert table["team"].tolist() == ["Ada", "Bea"]
    assert table["uncounted"].tolist() == ["mine::op 3 %"] * 2
    assert table["escore"].tolist() == [30, 20]


def test_a_failed_model_has_a_row_without_measures():
    gone = {name: "" for name in WHOLE if name not in ("team", "status")}
    table = read_measures(
        table_of({}, {"team": "Bea", **gone, "status": "failed", "problem": "exit status 3"})
    )
    assert table["problem"].tolist() == ["", "exit status 3"]
    assert np.isnan(table["time_ms"][1])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"comparable": "perhaps"}, "'perhaps'; use yes or no"),
        ({"reproduced": "same"}, "'same'; use equal or close"),
        ({"time_low_ms": ""}, "give two ends around the mean"),
        ({"time_low_ms": "5.2"}, "time_ms 5 does not fit its interval 5.2 to 5.5"),
        ({"images": "-1"}, "column images: -1 is below 0"),
    ],
)
def test_wrong_optional_columns_are_refused(change, message):
    with pytest.raises(AnalysisError, match=message):
        read_measures(table_of(change))


def test_a_column_beyond_the_contract_is_left_out_and_a_misspelt_one_refused():
    csv = b"team,params_m,flops_g,time_ms,colour\nAda,1,1,1,red\n"
    assert "colour" not in read_measures(io.BytesIO(csv))
    with pytest.raises(AnalysisError, match="did you mean 'uncounted'"):
        read_measures(io.BytesIO(csv.replace(b"colour", b"uncuonted")))


def test_times_of_different_hardware_in_one_table_are_warned_of():
    with pytest.warns(InputWarning, match="times with device 'a card' and 'cpu' are in one table"):
        read_measures(table_of({}, {"team": "Bea", "device": "cpu"}))


def test_draws_move_only_those_whose_intervals_overlap():
    table = read_measures(
        table_of(
            {"team": "Ada", "params_m": "1", "flops_g": "1", "time_ms": "9", "time_high_ms": "10"},
            {"team": "Bea", "params_m": "2", "flops_g": "2", "time_ms": "5"},
            {"team": "Cyd", "params_m": "3", "flops_g": "3", "time_ms": "5"},
        )
    ).drop(columns=["time_low_ms", "time_high_ms"])
    table["time_low_ms"], table["time_high_ms"] = [8.9, 4.9, 4.9], [9.1, 5.1, 5.1]
    drawn = escore_draws(table, draws=4000, rng=np.random.default_rng(3))
    assert drawn.shape == (4000, 3)
    assert set(drawn[:, 0]) == {20.0}
    assert drawn[:, 1:].mean(axis=0) == pytest.approx([17.5, 7.5], abs=0.2)
    assert drawn.sum(axis=1) == pytest.approx(45)


def test_without_intervals_every_draw_is_the_escore_and_a_missing_measure_stays_unknown():
    table = pd.DataFrame(
        {"team": ["Ada", "Bea", "Cyd"], "params_m": [1, 2, 3], "flops_g": [1, 1, 3], "time_ms": [2, 2, None]}
    )
    drawn = escore_draws(table, draws=5, rng=np.random.default_rng(1))
    assert np.array_equal(drawn, [[30, 25, np.nan]] * 5, equal_nan=True)


ESR = "0.7*exp(2*time_ms/base(time_ms)) + 0.15*exp(2*flops_g/base(flops_g))"


def test_the_rule_of_esr_by_hand():
    table = pd.DataFrame(
        {"team": ["base", "half"], "params_m": [2, 1], "flops_g": [40, 20], "time_ms": [10, 5]}
    )
    scored, notes = model_scores(table, read_rule("esr-2025").with_base("base"))
    assert scored["team"].tolist() == ["half", "base"]
    assert scored["score"].tolist() == pytest.approx([np.e, np.e**2])  # 0.7 + 0.15 + 0.15 = 1
    assert scored["rank"].tolist() == [1, 2]
    assert notes == ()


def test_a_model_beyond_any_number_has_no_score_and_it_is_said_why():
    table = pd.DataFrame({"team": ["base", "slow"], "params_m": 1.0, "flops_g": 1.0, "time_ms": [1.0, 400.0]})
    scored, notes = model_scores(table, read_rule("esr-2025").with_base("base"))
    assert scored["score"].notna().tolist() == [True, False]
    assert scored["rank"].isna().tolist() == [False, True]
    assert notes == ("no rank for slow: exp(2 * time_ms / base(time_ms)) is too large for a number",)


def test_a_gate_may_need_further_columns_of_the_table():
    table = pd.DataFrame(
        {"team": ["Ada", "Bea"], "params_m": 1, "flops_g": 1, "time_ms": 1, "val_psnr": ["26.896", "26.89"]}
    )
    rule = read_rule({"final": {"score": "time_ms", "require": "val_psnr >= 26.90 (2 decimals)"}})
    scored, notes = model_scores(table, rule)
    assert scored["rank"].fillna(0).tolist() == [1, 0]
    assert notes == (
        "no rank for Bea: val_psnr >= 26.90 (2 decimals) is not met (val_psnr is 26.89)",
        "val_psnr >= 26.90 (2 decimals) is met only because of rounding: Ada",
    )


@pytest.mark.parametrize(
    ("base", "message"), [("bass", "no team 'bass'; did you mean 'base'"), (None, "base has no")]
)
def test_esr_needs_a_base_that_is_there(base, message):
    table = pd.DataFrame({"team": ["base", "other"], "params_m": 1, "flops_g": 1, "time_ms": 1})
    rule = read_rule({"final": {"score": ESR, "better": "lower", "base": {"time_ms": 1}}})
    with pytest.raises(AnalysisError, match=message):
        model_scores(table, rule if base is None else rule.with_base(base))


def test_a_base_with_a_missing_measure_leaves_everything_open():
    table = pd.DataFrame({"team": ["base", "empty"], "params_m": 1, "flops_g": [1, None], "time_ms": 1})
    scored, notes = model_scores(table, read_rule("esr-2025").with_base("empty"))
    assert scored["rank"].isna().all()
    assert "base(flops_g) is unknown" in notes[0]
