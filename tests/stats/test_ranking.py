"""Final rankings: published tables, ties, missing values, awards."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from analysis.cli import main
from analysis.errors import AnalysisError, InputWarning
from analysis.output import Output, render
from analysis.ranking import join_scores, outcome_of, rank_teams, read_scores, shown_decimals
from analysis.rule import read_rule
from analysis.rule.language import FUNCTIONS

PUBLISHED = Path(__file__).parent / "published"
# The EScores that the finals of track 2 imply, in rank steps of 10/11, in the table's order.
TRACK_2_STEPS = np.array([23, 17, 27, 27, 28, 31, 12, 5, 13, 4, 3, 8])


def published(name: str) -> pd.DataFrame:
    return read_scores(PUBLISHED / f"{name}.csv")


def test_raim_2025_reproduces_track_2_but_for_the_misprinted_row():
    table = published("raim-2025-track2")
    assert TRACK_2_STEPS.sum() == 3 * sum(range(12))
    corrected = table.assign(escore=TRACK_2_STEPS * 10 / 11)
    off = np.abs(outcome_of(corrected, read_rule("raim-2025")).final - table["final"]) > 0.02
    assert table["team"][off].tolist() == ["ICANT-IR"]
    assert outcome_of(corrected, read_rule("raim-2025")).final[off][0] == pytest.approx(95.49, abs=0.01)
    assert rank_teams(corrected, read_rule("raim-2025")).table["rank"].tolist() == table["rank"].tolist()


def scores(**columns) -> pd.DataFrame:
    count = len(next(iter(columns.values())))
    return pd.DataFrame({"team": [f"Team {letter}" for letter in "ABCDEFGH"[:count]], **columns})


def test_the_user_study_alone():
    ranking = rank_teams(scores(s3=[1.0, 4.0, 2.0]), read_rule("user-study"))
    assert ranking.table["team"].tolist() == ["Team B", "Team C", "Team A"]
    assert ranking.table["final"].round(2).tolist() == [100, 33.33, 0]


def test_a_formula_of_ones_own():
    table = scores(s2=[80.0, 70.0], s3=[0.0, 9.0], escore=[30.0, 0.0])
    own = rank_teams(table, read_rule("0.5*s2 + 25*minmax(u) + escore"))
    assert own.table["final"].tolist() == [70, 60]


def test_a_part_that_the_rule_does_not_use_is_not_needed():
    assert rank_teams(scores(s2=[8.0, 7.0]), read_rule("2*s2")).table["final"].tolist() == [16, 14]


def test_metrics_and_measures_may_be_columns():
    table = scores(psnr=[30.0, 31.0], time_ms=[5.0, 4.0])
    assert rank_teams(table, read_rule("psnr - time_ms")).table["final"].tolist() == [27, 25]


def test_who_fails_a_gate_has_a_score_and_no_rank():
    rule = read_rule({"final": {"score": "s2", "require": "psnr >= 27"}})
    ranking = rank_teams(scores(s2=[80.0, 70.0, 60.0], psnr=[26.5, 28.0, 29.0]), rule)
    assert ranking.table["rank"].fillna(0).tolist() == [1, 2, 0]
    assert ranking.table["final"].tolist() == [70, 60, 80]
    assert ranking.notes == ("no rank for Team A: psnr >= 27 is not met (psnr is 26.5)",)


@pytest.mark.parametrize("part", ["s2", "s3", "escore"])
def test_a_missing_value_never_outranks_a_number(part):
    table = scores(s2=[80.0, 70.0, 60.0], s3=[9.0, 2.0, 1.0], escore=[30.0, 2.0, 1.0])
    table.loc[0, part] = np.nan
    ranking, name = rank_teams(table, read_rule("raim-2025")), part.replace("s3", "u")
    assert ranking.table["team"].tolist()[-1] == "Team A"
    assert ranking.table["rank"].isna().tolist() == [False, False, True]
    assert ranking.table["award"].tolist()[-1] is None
    assert any(note == f"no rank for Team A: {name} is missing" for note in ranking.notes)


def test_equal_finals_share_a_rank_and_the_next_is_skipped():
    ranking = rank_teams(scores(s3=[5.0, 9.0, 5.0, 1.0]), read_rule("user-study"))
    assert ranking.table["rank"].tolist() == [1, 2, 2, 4]


def test_awards_follow_the_ranks():
    table = rank_teams(scores(s3=[8.0, 7, 6, 5, 4, 3, 2, 1]), read_rule("user-study")).table
    assert table["award"].tolist() == ["first", "second", "second", "third", "third", "third", None, None]


def test_a_tie_across_a_border_is_reported_and_not_broken():
    ranking = rank_teams(scores(s3=[9.0, 9.0, 1.0]), read_rule("user-study"))
    assert ranking.table["award"].tolist() == ["tied: first/second", "tied: first/second", "second"]
    assert any("Team A, Team B tie across the border" in note for note in ranking.notes)


def test_equal_s3_leaves_the_ranking_undefined_and_says_why():
    ranking = rank_teams(scores(s3=[2.0, 2.0]), read_rule("user-study"))
    assert ranking.table["rank"].isna().all()
    assert "all teams have the same u (2)" in ranking.notes[0]


def test_printed_columns_are_kept_beside_the_computed_ones():
    table = rank_teams(published("raim-2024"), read_rule("raim-2024")).table
    assert table.columns.tolist()[-5:] == ["printed_final", "printed_rank", "final", "rank", "award"]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("raim-2024", "rule 'raim-2024' needs the column s2; add it"),
        ("raim-2025", "rule 'raim-2025' needs the column escore, s2; add it"),
        ("0.5*psnr + ssim", "needs the column psnr, ssim"),
    ],
)
def test_a_part_that_is_not_there_is_named(rule, message):
    with pytest.raises(AnalysisError, match=message):
        rank_teams(scores(s3=[1.0, 2.0]), read_rule(rule))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pd.DataFrame({"team": ["Ada", "Ada"], "s3": [1, 2]}), "team 'Ada' has two rows"),
        (pd.DataFrame({"team": ["Ada"], "s3": [1], "uscore": [2]}), "s3 and uscore are two names"),
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
        rank_teams(table, read_rule("user-study"))


def test_other_parts_are_joined_by_team():
    points = pd.DataFrame({"team": ["Ada", "Bea"], "s3": [3.0, 1.0]})
    joined = join_scores(points, pd.DataFrame({"team": ["Bea", "Ada"], "s2": [70.0, 80.0]}))
    assert joined.to_dict("records") == [
        {"team": "Ada", "s3": 3.0, "s2": 80.0},
        {"team": "Bea", "s3": 1.0, "s2": 70.0},
    ]
    with pytest.raises(AnalysisError, match="team 'Beah' is not in the answers; did you mean 'Bea'"):
        join_scores(points, pd.DataFrame({"team": ["Beah"], "s2": [70.0]}))
    with pytest.raises(AnalysisError, match="s3 comes from the judges' answers"):
        join_scores(points, pd.DataFrame({"team": ["Ada"], "s3": [70.0]}))
    with pytest.warns(InputWarning, match="no row for Ada"):
        assert join_scores(points, pd.DataFrame({"team": ["Bea"], "s2": [70.0]}))["s2"].isna().tolist() == [
            True,
            False,
        ]


WORDS = ["s2", "u", "(", ")", ",", "0", "2", "+", "-", "*", "/", "**", "higher", "lower", *FUNCTIONS]
CELLS = st.sampled_from(["", "0", "1", "2", "-3", "1e300", "80.5", "1e-300"])


@given(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map("".join)
    | st.sampled_from(
        ["s2/(u-2)", "exp(s2)*u", "log(u)", "1e300*s2*u", "minmax(u)**-1", "u**s2", "s2/top(u)"]
    ),
    st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=4),
)
def test_whatever_the_formula_a_ranking_has_finite_numbers_or_nothing_and_a_reason(text, cells):
    table = pd.DataFrame(cells, columns=["s2", "s3"], dtype=object)
    table.insert(0, "team", [f"Team {place}" for place in range(len(cells))])
    try:
        ranking = rank_teams(table, read_rule(text))
    except AnalysisError:
        return
    for form in ("csv", "json", "markdown", "text"):
        written = render(Output(ranking.table, digits=shown_decimals(ranking.table)), form).casefold()
        assert "inf" not in written
        assert "nan" not in written
    lacking = ranking.table["rank"].isna()
    assert (lacking == ranking.table["final"].isna()).all()
    assert not lacking.any() or ranking.notes


def test_a_base_of_ones_own_table_is_given_on_the_command_line(tmp_path):
    table = (
        (PUBLISHED / "ntire-2026-esr.csv")
        .read_text()
        .replace("model,", "team,", 1)
        .replace("ave_ms", "time_ms", 1)
    )
    (tmp_path / "esr.csv").write_text(table)

    def rank(*options: str):
        return CliRunner().invoke(main, ["rank", str(tmp_path / "esr.csv"), *options])

    done = rank("--rule", "esr-2026", "--base", "00_SPAN", "--json")
    finals = {row["team"]: row["final"] for row in json.loads(done.stdout)}
    printed = dict(line.split(",")[::8] for line in table.splitlines()[1:])
    assert finals == pytest.approx({team: float(score) for team, score in printed.items()}, rel=1e-6)
    assert "--base TEAM" in rank("--rule", "esr").stderr
    assert "did you mean '00_SPAN'?" in rank("--rule", "esr", "--base", "00_SPAM").stderr
