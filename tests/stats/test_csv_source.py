"""What spreadsheets and people leave in CSV files, read alike as a table of votes and as a study's list."""

import io
import warnings
from pathlib import Path

import pytest

from analysis.errors import AnalysisError, InputWarning
from analysis.tables import numbers, read_table
from studyapp.core.csv_file import read_csv

TABLE = "name,email\nJude,jude@example.org\nAda,ada@example.org\n"
LEFTOVERS = {
    "nothing": TABLE.encode(),
    "a mark": TABLE.encode("utf-8-sig"),
    "UTF-16 with a mark": TABLE.encode("utf-16"),
    "UTF-16 without": TABLE.encode("utf-16-le"),
    "UTF-16 the other way round": TABLE.encode("utf-16-be"),
    "sep= and semicolons": ("sep=;\r\n" + TABLE.replace(",", ";").replace("\n", "\r\n")).encode(),
    "sep= in quotes": ('"sep=,"\r\n' + TABLE).encode(),
    "tabs": TABLE.replace(",", "\t").encode(),
    "old Mac line ends": TABLE.replace("\n", "\r").encode(),
    "blank lines above": b"\r\n \r\n" + TABLE.encode(),
    "separators above": b",,\n" + TABLE.encode(),
    "empty columns at the right": TABLE.replace("\n", ",,\n").encode(),
    "separators after the values only": TABLE.replace("org\n", "org,\n").encode(),
    "Ctrl-Z at the end": TABLE.encode() + b"\x1a",
    "no line end at the end": TABLE.rstrip().encode(),
    "spaces around": TABLE.replace(",", " , ").encode(),
    "a header in capitals": TABLE.replace("name,email", "Name,E-Mail".replace("-", "")).encode(),
    "separators below": TABLE.encode() + b",\n,,\n",
}
WANTED = [("Jude", "jude@example.org"), ("Ada", "ada@example.org")]


@pytest.mark.parametrize("data", LEFTOVERS.values(), ids=LEFTOVERS)
def test_leftovers_are_read_alike_by_both_readers(data, tmp_path: Path):
    (tmp_path / "judges.csv").write_bytes(data)
    file = read_csv(tmp_path / "judges.csv", required=["name", "email"])
    assert file.problems == []
    assert [(row.values["name"], row.values["email"]) for row in file.rows] == WANTED
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*skipped .* empty rows?", InputWarning)
        table = read_table(io.BytesIO(data))
    assert [name.casefold() for name in table.columns] == ["name", "email"]
    assert [tuple(str(cell).strip() for cell in row) for row in table.to_numpy()] == WANTED


@pytest.mark.parametrize(
    ("text", "encoding", "words"),
    [
        ("José", "cp1252", "Windows-1252"),
        ("Jürgen Müller", "cp1252", "Windows-1252"),
        ("Größe", "cp1252", "Windows-1252"),
        ("Zoë Łącka".replace("Łą", "La"), "cp1252", "Windows-1252"),
        ("李雷", "gbk", "GBK"),
        ("王小明,上海交通大学", "gbk", "GBK"),
        ("韩梅梅 (Hefei)", "gb18030", "GBK"),
    ],
)
def test_other_encodings_are_read_with_a_remark_that_shows_a_line(text, encoding, words, tmp_path: Path):
    data = f'name,email\n"{text}",a@example.org\n'.encode(encoding)
    (tmp_path / "judges.csv").write_bytes(data)
    file = read_csv(tmp_path / "judges.csv", required=["name", "email"])
    assert [problem.severity for problem in file.problems] == ["warning"]
    assert words in file.problems[0].what
    assert text in file.problems[0].what
    assert file.rows[0].values["name"] == text
    with pytest.warns(InputWarning, match=words):
        assert read_table(io.BytesIO(data))["name"].tolist() == [text]


def test_a_line_that_ends_early_leaves_its_last_columns_empty(tmp_path: Path):
    path = tmp_path / "judges.csv"
    path.write_text("name,email,conflicts\nJude,jude@example.org\n")
    file = read_csv(path, required=["name", "email"], optional=["conflicts"])
    assert file.problems == []
    assert file.rows[0].values["conflicts"] == ""


def test_a_column_beyond_those_known_is_left_alone_and_a_misspelt_one_is_not(tmp_path: Path):
    path = tmp_path / "judges.csv"
    path.write_text("name,email,phone,conflcits\nJude,jude@example.org,1,\n")
    file = read_csv(path, required=["name", "email"], optional=["conflicts"])
    assert [(problem.severity, problem.what) for problem in file.problems] == [
        ("error", "unknown column 'conflcits'"),
        ("warning", "column 'phone' is not used"),
    ]


def test_a_value_in_a_column_without_a_name_is_refused():
    with pytest.raises(AnalysisError, match="3 values for 2 columns"):
        read_table(io.BytesIO(b"a,b,\n1,2,\n3,4,7\n"))


def column(text: str, *, separator: str = ","):
    lines = [f'x{separator}"{value}"' for value in text.split()]
    return read_table(io.BytesIO("\n".join([f"team{separator}value", *lines]).encode()))["value"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("16,703 9000.5", "'16,703' has a comma and '9000.5' a point"),
        ("0,5 9000.5", "'0,5' has a comma and '9000.5' a point"),
        ("1,234 2,048", "'1,234' could be 1234 or 1.234"),
        ("-1,234 7", "'-1,234' could be -1234 or -1.234"),
        ("1,048,576 9", "'1,048,576' is not a plain number"),
        ("1.048.576 9", "'1.048.576' is not a plain number"),
        ("1,234.5 9", "'1,234.5' is not a plain number"),
        ("1.234,5 9", "'1.234,5' is not a plain number"),
        ("1'234 9", '"1\'234" is not a plain number'),
        ("1\u202f234 9".replace(" ", "|").replace("|", " "), "is not a plain number"),
    ],
)
def test_a_number_that_may_be_two_is_refused(text, words):
    with pytest.raises(AnalysisError) as refused:
        values = text.rsplit(" ", 1) if "\u202f" in text else text.split()
        table = read_table(io.BytesIO("\n".join(["value", *(f'"{value}"' for value in values)]).encode()))
        numbers(table["value"], what="measures, column value")
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("text", "separator", "values"),
    [
        ("0,276 0,14", ";", [0.276, 0.14]),
        ("1,234 2,048", ";", [1.234, 2.048]),
        ("20,5 7", ",", [20.5, 7]),
        ("0,276 1,234", ",", [0.276, 1.234]),
        ("1,2e-3 7", ";", [0.0012, 7]),
    ],
)
def test_decimal_commas_that_can_be_nothing_else_are_read(text, separator, values):
    with pytest.warns(InputWarning, match="decimal commas"):
        assert numbers(column(text, separator=separator), what="measures").tolist() == values
