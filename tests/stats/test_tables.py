"""Any bytes are either read or refused in one line."""

import io
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import AnalysisError, InputWarning
from analysis.names import alike
from analysis.ranking import read_scores
from analysis.tables import read_table
from analysis.votes import read_votes

VOTES = (
    b"judge,image,team,slot,rank,seconds,simulated,kind\n"
    b"June,001,Ada,1,2,3.5,true,main\nJune,001,Bea,2,1,3.5,true,main\nJune,001,\xc3\x96zil,3,,3.5,true,main\n"
    b'Jude,001,Ada,1,1,"2,5",true,main\nJude,001,Bea,2,2,2.5,true,main\n'
)
SPECIAL = (
    b"",
    b",",
    b";",
    b"\t",
    b'"',
    b"\n",
    b"\r",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"nan",
    b"inf",
    b"-1",
    b"1e999",
)


def outcome(read, data: bytes):
    """The result, or the message of the refusal; anything else fails the test."""
    message = ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)
        try:
            return read(io.BytesIO(data))
        except AnalysisError as error:
            message = str(error)
    assert message
    assert "\n" not in message
    return message


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, len(VOTES)), st.integers(0, 8), st.sampled_from(SPECIAL)),
        min_size=1,
        max_size=4,
    )
)
def test_damaged_votes_are_read_or_refused(damage):
    data = VOTES
    for place, length, inserted in damage:
        data = data[:place] + inserted + data[place + length :]
    votes = outcome(read_votes, data)
    if not isinstance(votes, str) and len(votes.counted):
        assert votes.ballots.size >= 1


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data):
    outcome(read_votes, data)
    outcome(read_scores, data)


def test_a_path_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(AnalysisError, match=r"cannot read .*: No such file"):
        read_table(tmp_path / "none.csv")


def test_empty_rows_of_a_spreadsheet_are_skipped_and_reported():
    with pytest.warns(InputWarning, match="skipped 2 empty rows"):
        table = read_table(io.BytesIO(b"a,b\n1,2\n,\n3,\n,\n"))
    assert table["a"].tolist() == ["1", "3"]


def test_separators_and_quotes():
    assert read_table(io.BytesIO(b'a\tb\n"x, y"\tz\n')).to_numpy().tolist() == [["x, y", "z"]]


def test_names_that_differ_by_design_are_not_alike():
    assert alike(["judge01", "judge02", "Judge A", "Judge B", "Anna", "Anne", "IIP_IR", "iAM_IR"]) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("MiAlgo", "mialgo"),
        ("Müller", "Muller"),
        ("Velander", "Verlander"),
        ("Velander", "Velandre"),
        ("So Elegant", "SoElegant"),
        ("TongJi-IPOE", "Tongji IPOE"),
        ("Alchemist", "Alchemyst"),
    ],
)
def test_names_spelt_twice_are_alike(first, second):
    assert alike([second, first, "NoiseFree"]) == [tuple(sorted([first, second]))]
