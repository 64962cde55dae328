"""Final rankings: published tables, ties, missing values, awards."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import AnalysisError, InputWarning
from analysis.ranking import (
    Weights,
    award_names,
    competition_ranks,
    final_scores,
    join_scores,
    rank_teams,
    read_scores,
)

PUBLISHED = Path(__file__).parent / "published"
# The EScores that the finals of track 2 imply, in rank steps of 10/11, in the table's order.
TRACK_2_STEPS = np.array([23, 17, 27, 27, 28, 31, 12, 5, 13, 4, 3, 8])


def published(name: str) -> pd.DataFrame:
    return read_scores(PUBLISHED / f"{name}.csv")


def test_raim_2024_reproduces_the_printed_table():
    table = published("raim-2024")
    final = final_scores(table, preset="raim-2024")
    assert np.abs(final - table["final"]).max() <= 0.01
    assert rank_teams(table, preset="raim-2024").table["rank"].tolist() == table["rank"].tolist()


def test_raim_2025_reproduces_track_1():
    table = published("raim-2025-track1")
    final = final_scores(table, preset="raim-2025")
    assert np.abs(final - table["final"]).max() <= 0.02
    assert rank_teams(table, preset="raim-2025").table["rank"].tolist() == table["rank"].tolist()


def test_raim_2025_reproduces_track_2_but_for_the_misprinted_row():
    table = published("raim-2025-track2")
    assert TRACK_2_STEPS.sum() == 3 * sum(range(12))
    corrected = table.assign(escore=TRACK_2_STEPS * 10 / 11)
    off = np.abs(final_scores(corrected, preset="raim-2025") - table["final"]) > 0.02
    assert table["team"][off].tolist() == ["ICANT-IR"]
    assert final_scores(corrected, preset="raim-2025")[off][0] == pytest.approx(95.49, abs=0.01)
    assert rank_teams(corrected, preset="raim-2025").table["rank"].tolist() == table["rank"].tolist()


@pytest.mark.parametrize("name", ["raim-2025-track1", "raim-2025-track2"])
def test_the_formula_as_written_in_2025_reproduces_no_row(name):
    table = published(name)
    assert (np.abs(final_scores(table, preset="raim-2025-as-written") - table["final"]) > 0.02).all()


def scores(**columns) -> pd.DataFrame:
    count = len(next(iter(columns.values())))
    return pd.DataFrame({"team": [f"Team {letter}" for letter in "ABCDEFGH"[:count]], **columns})


def test_the_user_study_alone_is_the_default():
    ranking = rank_teams(scores(s3=[1.0, 4.0, 2.0]))
    assert ranking.table["team"].tolist() == ["Team B", "Team C", "Team A"]
    assert ranking.table["final"].round(2).tolist() == [100, 33.33, 0]
    assert ranking.formula == "100 * S3n"


def test_weights_of_ones_own():
    table = scores(s2=[80.0, 70.0], s3=[0.0, 9.0], escore=[30.0, 0.0])
    own = rank_teams(table, preset="weights", weights=Weights(s2=0.5, s3=0.25, escore=1))
    assert own.table["final"].tolist() == [70, 60]
    assert own.formula == "0.5 * S2 + 0.25 * (100 * S3n) + 1 * EScore"


def test_a_part_with_no_weight_is_not_needed():
    assert final_scores(scores(s2=[8.0, 7.0]), preset="weights", weights=Weights(s2=2, s3=0)).tolist() == [
        16,
        14,
    ]


@pytest.mark.parametrize("part", ["s2", "s3", "escore"])
def test_a_missing_value_never_outranks_a_number(part):
    table = scores(s2=[80.0, 70.0, 60.0], s3=[9.0, 2.0, 1.0], escore=[30.0, 2.0, 1.0])
    table.loc[0, part] = np.nan
    ranking = rank_teams(table, preset="raim-2025")
    assert ranking.table["team"].tolist()[-1] == "Team A"
    assert ranking.table["rank"].isna().tolist() == [False, False, True]
    assert ranking.table["award"].tolist()[-1] is None
    assert any("no final, and so no rank, for Team A" in note for note in ranking.notes)


def test_equal_finals_share_a_rank_and_the_next_is_skipped():
    ranking = rank_teams(scores(s3=[5.0, 9.0, 5.0, 1.0]))
    assert ranking.table["rank"].tolist() == [1, 2, 2, 4]


def test_finals_equal_but_for_rounding_are_tied():
    assert competition_ranks(np.array([0.1 + 0.2, 0.3])).tolist() == [1, 1]


@given(st.lists(st.integers(0, 5), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_ranks_follow_the_definition_in_any_order(values, random):
    ranks = competition_ranks(np.array(values, dtype=float))
    assert ranks.tolist() == [1 + sum(other > value for other in values) for value in values]
    order = list(range(len(values)))
    random.shuffle(order)
    assert competition_ranks(np.array(values, dtype=float)[order]).tolist() == ranks[order].tolist()


def test_awards_follow_the_ranks():
    table = rank_teams(scores(s3=[8.0, 7, 6, 5, 4, 3, 2, 1])).table
    assert table["award"].tolist() == ["first", "second", "second", "third", "third", "third", None, None]


def test_a_tie_inside_a_class_is_no_trouble():
    assert award_names(np.array([1, 2, 2, 4.0])) == ["first", "second", "second", "third"]


def test_a_tie_across_a_border_is_reported_and_not_broken():
    ranking = rank_teams(scores(s3=[9.0, 9.0, 1.0]))
    assert ranking.table["award"].tolist() == ["tied: first/second", "tied: first/second", "second"]
    assert any("Team A, Team B tie across the border" in note for note in ranking.notes)
    assert award_names(np.array([1, 2, 3, 4, 5, 6, 6.0]))[-1] == "tied: third/none"


def test_equal_s3_leaves_the_ranking_undefined_and_says_why():
    ranking = rank_teams(scores(s3=[2.0, 2.0]))
    assert ranking.table["rank"].isna().all()
    assert "all teams have the same S3 (2)" in ranking.notes[0]


def test_printed_columns_are_kept_beside_the_computed_ones():
    table = rank_teams(published("raim-2024"), preset="raim-2024").table
    assert table.columns.tolist()[-5:] == ["printed_final", "printed_rank", "final", "rank", "award"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"preset": "raim-2030"}, "unknown preset 'raim-2030'; use user-study"),
        ({"preset": "raim-2025"}, "preset 'raim-2025' needs the column s2"),
        ({"preset": "weights"}, "give weights together with"),
        ({"weights": Weights()}, "give weights together with"),
        ({"preset": "weights", "weights": Weights(s3=-1)}, "none may be negative"),
        ({"preset": "weights", "weights": Weights(s3=0)}, "at least one must be above 0"),
        ({"awards": (1, -2)}, "none of them negative"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(AnalysisError, match=message):
        rank_teams(scores(s3=[1.0, 2.0]), **options)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pd.DataFrame({"team": ["Ada", "Ada"], "s3": [1, 2]}), "team 'Ada' has two rows"),
        (pd.DataFrame({"team": ["Ada"], "s3": [1], "uscore": [2]}), "both s3 and uscore"),
        (pd.DataFrame({"team": ["Ada"], "s4": [1]}), r"needs the column s3 \(or uscore\)"),
        (pd.DataFrame({"team": ["Ada"], "s3": [1], "ecsore": [1]}), "did you mean 'escore'"),
        (pd.DataFrame({"team": ["Ada"], "s3": ["n/a"]}), "'n/a' is not a number"),
        (pd.DataFrame({"team": ["Ada"], "s3": [np.inf]}), "infinite value"),
        (pd.DataFrame({"team": [], "s3": []}), "no rows"),
        (pd.DataFrame({"s3": [1]}), "column 'team' is missing"),
    ],
)
def test_wrong_scores_are_refused(table, message):
    with pytest.raises(AnalysisError, match=message):
        rank_teams(table)


def test_other_parts_are_joined_by_team():
    points = pd.DataFrame({"team": ["Ada", "Bea"], "s3": [3.0, 1.0]})
    joined = join_scores(points, pd.DataFrame({"team": ["Bea", "Ada"], "s2": [70.0, 80.0]}))
    assert joined.to_dict("records") == [
        {"team": "Ada", "s3": 3.0, "s2": 80.0},
        {"team": "Bea", "s3": 1.0, "s2": 70.0},
    ]
    with pytest.raises(AnalysisError, match="team 'Beah' is not in the votes; did you mean 'Bea'"):
        join_scores(points, pd.DataFrame({"team": ["Beah"], "s2": [70.0]}))
    with pytest.raises(AnalysisError, match="s3 comes from the votes"):
        join_scores(points, pd.DataFrame({"team": ["Ada"], "s3": [70.0]}))
    with pytest.warns(InputWarning, match="no row for Ada"):
        assert join_scores(points, pd.DataFrame({"team": ["Bea"], "s2": [70.0]}))["s2"].isna().tolist() == [
            True,
            False,
        ]
