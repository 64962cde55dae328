"""Small CSV files written by people: every problem is named with its line."""

import csv
import io
import string
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

from analysis.csv_source import END_OF_FILE_SIGN, LOOSE_TEXT, OPEN_QUOTE, match_columns, open_csv
from analysis.did_you_mean import hint
from analysis.errors import AnalysisError
from studyapp.core.small_files import read_small_file
from studyapp.errors import Problem

_BLANK = string.whitespace + END_OF_FILE_SIGN
_NEVER_CLOSED = "unexpected end of data"  # as the csv module puts it
_MOST_COLUMNS, _MOST_LINES, _MOST_PROBLEMS = 50, 20_000, 100


@dataclass(frozen=True)
class Row:
    """One line: its number in the file (the last one, if it has several) and its values by column."""

    line: int
    values: Mapping[str, str]


@dataclass(frozen=True)
class CsvFile:
    """The lines that were read, and what is wrong with the file."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    encoding: str | None = None
    """How its letters were read; None where there was no choice."""


@dataclass(frozen=True)
class Wanted:
    """The columns that a file must and may have, and what else they may be called."""

    required: Sequence[str]
    optional: Sequence[str] = ()
    synonyms: Mapping[str, str] = field(default_factory=dict)


def read_csv(
    path: Path, *, required: Sequence[str], optional: Sequence[str] = (), strict: bool = True
) -> CsvFile:
    """Read a CSV file as `analysis.csv_source.open_csv` does; values are stripped of spaces.

    Parameters
    ----------
    path
        The file, of at most 4 MiB.
    required, optional
        The columns it must and may have; see `analysis.csv_source.match_columns`.
    strict
        Whether quotes in odd places are a problem; else they are read as pandas reads them.
    """
    try:
        data = read_small_file(path)
    except OSError as error:
        return CsvFile([], [Problem(path.name, f"cannot be opened ({error.strerror})", "make it readable")])
    return read_csv_bytes(path.name, data, Wanted(required, optional), strict=strict)


def read_csv_bytes(
    name: str, data: bytes, wanted: Wanted, *, strict: bool = True, encoding: str | None = None
) -> CsvFile:
    """Read what was in a CSV file, or was sent as one; see `read_csv`."""
    try:
        opened = open_csv(name, io.BytesIO(data), encoding=encoding)
    except AnalysisError as error:
        what, _, remedy = str(error).removeprefix(name).lstrip(": ").partition("; ")
        return CsvFile([], [Problem(name, what, remedy or "save it again as CSV in UTF-8")])
    problems = [_remark(name, remark) for remark in opened.remarks]
    try:
        text = opened.text.read()
    except UnicodeError:
        problems.append(Problem(name, "contains bytes that are not text", "save it as UTF-8"))
        return CsvFile([], problems, opened.encoding)
    lenient = not strict and not _never_closes(text, opened.separator)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=opened.separator, strict=not lenient)
    broken: list[Problem] = []

    def lines() -> Iterator[tuple[int, list[str]]]:
        try:
            for values in reader:
                yield opened.line + reader.line_num, values
        except csv.Error as error:  # the file ends in the middle of something; what came before is kept
            what = OPEN_QUOTE[0] if _NEVER_CLOSED in str(error) else f"not CSV: {error}"
            broken.append(Problem(name, what, OPEN_QUOTE[1], opened.line + reader.line_num))

    file = read_rows(name, opened.header, opened.line, lines(), wanted)
    return CsvFile(file.rows, [*problems, *file.problems, *broken], opened.encoding)


def read_rows(
    name: str, header: Sequence[str], header_line: int, lines: Iterable[tuple[int, list[str]]], wanted: Wanted
) -> CsvFile:
    """Find the columns of a table that was read elsewhere, and its rows; empty ones are left out."""
    named, problems = _header(name, header, header_line, wanted)
    rows: list[Row] = []
    for line, values in lines:
        if not "".join(values).strip(_BLANK):
            continue
        if line > _MOST_LINES or len(problems) > _MOST_PROBLEMS:
            what = f"more than {_MOST_LINES:,} lines, or more than {_MOST_PROBLEMS} problems"
            problems.append(Problem(name, what, "check the whole file", line))
            break
        problems += _stray_values(name, line, named, values)
        rows.append(_row(line, named, values))
    return CsvFile(rows, problems)


def _never_closes(text: str, separator: str) -> bool:
    try:
        for _ in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True):
            pass
    except csv.Error as error:
        return _NEVER_CLOSED in str(error)
    return False


def _remark(name: str, remark: str) -> Problem:
    what, _, remedy = remark.removeprefix(f"{name} ").rpartition("; ")
    return Problem(name, what, remedy, severity="warning")


def _header(name: str, found: Sequence[str], line: int, wanted: Wanted) -> tuple[list[str], list[Problem]]:
    """Return the columns, without nameless ones at the end, and what is wrong with them."""
    header = list(found)
    while header and not header[-1]:
        header.pop()
    if len(header) > _MOST_COLUMNS:
        known = ", ".join((*wanted.required, *wanted.optional))
        return header, [Problem(name, f"{len(header):,} columns", f"the columns are {known}", line)]
    columns = match_columns(header, wanted.required, wanted.optional, wanted.synonyms)
    problems = [Problem(name, what, remedy, line) for what, remedy in columns.problems]
    for column in columns.unused:
        what = f"column {column!r} is not used"
        problems.append(Problem(name, what, "leave it, or remove it", line, "warning"))
    return columns.names, problems


def _stray_values(name: str, line: int, named: Sequence[str], values: Sequence[str]) -> Iterator[Problem]:
    """Values where no column has a name."""
    if any(value.strip() for value in values[len(named) :]):
        count = max(place for place, value in enumerate(values, start=1) if value.strip())
        yield Problem(name, f"{count} values for {len(named)} columns", LOOSE_TEXT, line)
    for place, (column, value) in enumerate(zip(named, values, strict=False), start=1):
        if not column and value.strip():
            what = f"column {place} has no name but contains {value.strip()!r}"
            yield Problem(name, what, "name it, or remove it", line)


def duplicates(name: str, rows: Sequence[Row], column: str) -> list[Problem]:
    """Return a problem for each value of a column that an earlier line has already."""
    seen: set[str] = set()
    problems = []
    for row in rows:
        value = row.values.get(column, "")
        if value and value in seen:
            problems.append(Problem(name, f"{column} {value!r} has two rows", "keep one", row.line))
        seen.add(value)
    return problems


def check_rows(
    name: str, rows: Sequence[Row], rule: Callable[[Row], Sequence[tuple[str, str]]]
) -> list[Problem]:
    """Apply a rule that returns (what, remedy) pairs to every row."""
    return [Problem(name, what, remedy, row.line) for row in rows for what, remedy in rule(row)]


def unknown_team(team: str, teams: Sequence[str]) -> tuple[str, str]:
    """Return what to say of a team id that study.yaml does not have."""
    return f"no team {team!r} in study.yaml", hint(team, teams)


def _row(line: int, header: Sequence[str], values: Sequence[str]) -> Row:
    """A line that ends early leaves its last columns empty, as spreadsheets write it."""
    cells = [value.strip(_BLANK) for value in values]
    return Row(line, dict(zip_longest(header, cells[: len(header)], fillvalue="")))
