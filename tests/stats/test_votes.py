"""The votes table: what is read, what is refused and how."""

import io

import numpy as np
import pandas as pd
import pytest

from analysis.errors import AnalysisError, InputWarning
from analysis.votes import Votes, read_votes, validate_votes

pytestmark = pytest.mark.filterwarnings("ignore:.*place fewer than:analysis.errors.InputWarning")

HEADER = "judge,image,team,slot,rank\n"
BALLOT = "June,001,Ada,1,2\nJune,001,Bea,2,1\nJune,001,Cyd,3,3\nJune,001,Dot,4,\n"


def read(text: str, encoding: str = "utf-8") -> Votes:
    return read_votes(io.BytesIO(text.encode(encoding)))


def test_a_ballot_becomes_typed_rows_in_canonical_order():
    votes = read(HEADER + "June,002,Bea,1,1\n" + BALLOT).table
    assert list(votes.columns) == ["judge", "image", "team", "slot", "rank"]
    assert list(votes["image"]) == ["001"] * 4 + ["002"]
    assert list(votes["rank"].fillna(0)) == [2, 1, 3, 0, 1]


def test_arrays_hold_the_ballots():
    arrays = read(HEADER + BALLOT + "Jude,001,Ada,2,1\nJude,001,Dot,1,2\n").ballots
    assert arrays.size == 2
    assert list(arrays.judges) == ["Jude", "June"]
    assert list(arrays.teams) == ["Ada", "Bea", "Cyd", "Dot"]
    assert arrays.rank_matrix.tolist() == [[1, -1, -1, 2], [2, 1, 3, 0]]
    assert arrays.shown_matrix.tolist() == [[True, False, False, True], [True] * 4]
    assert arrays.slot_matrix.tolist() == [[2, 0, 0, 1], [1, 2, 3, 4]]
    assert arrays.picks.tolist() == [[0, 3, -1], [1, 0, 2]]


def test_row_order_does_not_matter():
    votes = read(HEADER + BALLOT).table
    shuffled = votes.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(validate_votes(shuffled).table, votes)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            "June,001,Ada,1,1\nJune,001,Ada,2,2\n",
            "the ballot of 'June' on image '001' lists team 'Ada' twice",
        ),
        ("June,001,Ada,1,1\nJune,001,Bea,1,2\n", "has slot 1 twice"),
        ("June,001,Ada,1,1\nJune,001,Bea,2,1\nJune,001,Cyd,3,2\n", "has the ranks 1, 1, 2; give"),
        ("June,001,Ada,1,1\nJune,001,Bea,2,3\n", "has the ranks 1, 3; give 1, 2, 3, ... without gaps"),
        ("June,001,Ada,1,2\nJune,001,Bea,2,3\n", "has the ranks 2, 3"),
        ("June,001,Ada,1,\nJune,001,Bea,2,\n", "places nobody"),
        ("June,001,Ada,1,1.5\n", "1.5 is not a rank"),
        ("June,001,Ada,1,0\n", "0 is not a rank"),
        ("June,001,Ada,1,-1\n", "-1 is not a rank"),
        ("June,001,Ada,1,first\n", "'first' is not a number"),
        ("June,001,Ada,1,NaN\n", "'NaN' is not a number"),
        ("June,001,Ada,1,1_0\n", "'1_0' is not a number"),
        ("June,001,Ada,,1\n", "ranks team 'Ada', which has no slot"),
        ("June,001,Ada,,\n", "column slot, row 1: empty"),
        ("June,001,,1,1\n", "column team, row 1: empty"),
        (",001,Ada,1,1\n", "column judge, row 1: empty"),
        ("June,001,Ada,1,1,9\n", "6 values for 5 columns"),
        ("", "no rows"),
    ],
)
def test_a_wrong_row_is_refused_by_name(rows, message):
    with pytest.raises(AnalysisError, match=message):
        read(HEADER + rows)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("judge,image,team,slot\n", "column 'rank' is missing"),
        ("judge,image,team,slot,rank,secondss\n", r"unknown column 'secondss'; did you mean 'seconds'\?"),
        ("jugde,image,team,slot,rank\n", r"unknown column 'jugde'; did you mean 'judge'\?"),
        ("judge,image,team,Rank,rank\n", "column 'rank' appears twice; keep one"),
        ("judge,image,team,slot,rank,rank\n", "column 'rank' appears twice"),
    ],
)
def test_a_wrong_header_is_refused(header, message):
    row = ",".join(["June", "001", "Ada", "1", "1", "1"][: header.count(",") + 1])
    with pytest.raises(AnalysisError, match=message):
        read(header + row)


def test_names_that_look_alike_are_warned_of():
    rows = "Velander,001,Ada,1,1\nVerlander,001,Ada,1,1\n"
    with pytest.warns(InputWarning, match="judges 'Velander' and 'Verlander' look alike"):
        read(HEADER + rows)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_read(encoding):
    assert list(read(HEADER + "Jürgen,001,Ada,1,1\n", encoding).table["judge"]) == ["Jürgen"]


def test_windows_1252_is_read_and_reported():
    with pytest.warns(InputWarning, match="read as Windows-1252"):
        votes = read(HEADER + "Jürgen,001,Ada,1,1\n", "cp1252").table
    assert list(votes["judge"]) == ["Jürgen"]


def test_mixed_encodings_are_refused_with_their_lines():
    data = (HEADER + "Jürgen,001,Ada,1,1\n").encode() + "Jörg,001,Ada,1,1\n".encode("cp1252")
    with pytest.raises(AnalysisError, match="line 2 is UTF-8, line 3 is not"):
        read_votes(io.BytesIO(data))


def test_a_binary_file_is_refused():
    with pytest.raises(AnalysisError, match="is not text"):
        read_votes(io.BytesIO(b"PK\x03\x04\x00\x00"))


def test_a_spreadsheets_semicolons_and_decimal_commas_are_read_and_reported():
    text = "judge;image;team;slot;rank;seconds\nJune;001;Ada;1;1,0;3,25\n"
    with pytest.warns(InputWarning, match="decimal commas were read as decimal points"):
        votes = read(text).table
    assert votes["seconds"].tolist() == [3.25]
    assert votes["rank"].tolist() == [1]


def test_floats_and_missing_values_of_a_data_frame_are_understood():
    frame = pd.DataFrame(
        {"judge": "June", "image": [7.0, 7.0], "team": ["Ada", "Bea"], "slot": [1, 2], "rank": [1.0, np.nan]}
    )
    votes = validate_votes(frame).table
    assert list(votes["image"]) == ["7", "7"]
    assert votes["rank"].isna().tolist() == [False, True]


def test_a_team_may_be_called_na():
    assert list(read(HEADER + "June,001,NA,1,1\n").table["team"]) == ["NA"]


def test_only_main_trials_count_and_a_repeat_may_stand_beside_them():
    text = (
        "judge,image,team,slot,rank,kind,trial\n"
        "June,001,Ada,1,1,main,t1\nJune,001,Bea,2,2,main,t1\n"
        "June,001,Ada,2,2,repeat,t9\nJune,001,Bea,1,1,repeat,t9\n"
    )
    arrays = read(text).ballots
    assert arrays.size == 1
    assert arrays.rank_matrix.tolist() == [[1, 2]]


def test_two_main_trials_of_a_judge_on_an_image_are_refused():
    text = "judge,image,team,slot,rank,trial\nJune,001,Ada,1,1,t1\nJune,001,Ada,1,1,t2\n"
    with pytest.raises(AnalysisError, match="appears twice, as two trials"):
        read(text)


def test_two_revisions_of_a_ballot_are_refused():
    text = "judge,image,team,slot,rank,revision\nJune,001,Ada,1,1,1\nJune,001,Ada,1,1,2\n"
    with pytest.raises(AnalysisError, match="team 'Ada' twice; keep the last revision only"):
        read(text)


def test_simulated_votes_are_known_as_such():
    text = "judge,image,team,slot,rank,simulated\nJune,001,Ada,1,1,{}\n"
    assert read(text.format("true")).simulated
    assert not read(text.format("false")).simulated
    assert not read(HEADER + BALLOT).simulated
    with pytest.raises(AnalysisError, match="'maybe' is neither true nor false"):
        read(text.format("maybe"))


def test_ballots_that_fill_fewer_places_are_reported():
    with pytest.warns(InputWarning, match="1 of 2 ballots place fewer than 3"):
        read(HEADER + BALLOT + "Jude,001,Ada,2,1\nJude,001,Dot,1,2\n")


def test_votes_carry_what_is_odd_about_them():
    """Whoever has them validated is told by the votes; a reader of files also warns."""
    rows = HEADER + "Velander,001,Ada,1,1\nVerlander,001,Ada,1,1\nVerlander,001,Bea,2,2\n"
    with pytest.warns(InputWarning) as warned:
        votes = read(rows)
    assert votes.remarks == tuple(str(item.message) for item in warned)
    alike, short = votes.remarks
    assert "look alike" in alike
    assert "1 of 2 ballots place fewer than 2" in short
    assert validate_votes(pd.read_csv(io.StringIO(rows))).remarks == votes.remarks


def test_other_names_keep_the_order_and_the_numbers():
    votes = read(HEADER + BALLOT + "Jude,001,Ada,2,1\nJude,001,Dot,1,2\n")
    named = votes.renamed(judges={"Jude": "judge 2", "June": "judge 1"}, teams={"Ada": "Zoe"})
    assert list(named.ballots.judges) == ["judge 2", "judge 1"]
    assert list(named.ballots.teams) == ["Zoe", "Bea", "Cyd", "Dot"]
    np.testing.assert_array_equal(named.ballots.rank_matrix, votes.ballots.rank_matrix)
    assert list(votes.ballots.teams) == ["Ada", "Bea", "Cyd", "Dot"]


def test_votes_without_a_judge_are_those_of_the_others():
    votes = read(HEADER + BALLOT + "Jude,001,Ada,2,1\nJude,001,Dot,1,2\n")
    rest = votes.without(["June"])
    assert list(rest.ballots.judges) == ["Jude"]
    assert list(rest.ballots.teams) == ["Ada", "Dot"]
    assert rest.without(["Jude"]).table.empty
