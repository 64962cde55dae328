"""The dictionary of columns: whole, plain, and the same in docs/columns.md."""

from pathlib import Path

import pytest

from analysis.answers import OPTIONAL as ANSWERS
from analysis.columns import METRICS, TABLES, column
from analysis.efficiency.measures import OPTIONAL, REQUIRED
from analysis.looking.reading import CANDIDATE_COLUMNS, MAP_COLUMNS
from analysis.paired.definitions import DEFINITIONS
from analysis.votes import OPTIONAL as VOTES

DOCS = Path(__file__).parents[2] / "docs"


def names(table: str) -> set[str]:
    return {known.name for known in TABLES[table].columns}


@pytest.mark.parametrize("table", TABLES)
def test_names_are_told_once_with_title_and_meaning(table):
    columns = TABLES[table].columns
    assert len(names(table)) == len(columns)
    assert all(known.title and known.meaning and "|" not in known.meaning for known in columns)


def test_what_is_read_is_described():
    assert set(REQUIRED) | set(OPTIONAL) == names("measures.csv")
    assert set(VOTES) | set(ANSWERS) <= names("votes.csv")
    assert set(CANDIDATE_COLUMNS) <= names("looking.csv")
    assert set(MAP_COLUMNS) <= names("looking_maps.csv")
    assert set(DEFINITIONS) == {known.name for known in METRICS}


def test_a_metric_of_somebody_elses_has_its_name_and_another_column_none():
    assert column("paired.csv", "topiq_nr").title == "topiq_nr"
    with pytest.raises(KeyError, match=r"points\.csv has no column 'topiq_nr'"):
        column("points.csv", "topiq_nr")
