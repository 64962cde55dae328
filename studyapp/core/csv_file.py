"""Small CSV files written by people: every problem is named with its line."""

import csv
import io
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

from analysis.csv_source import END_OF_FILE_SIGN, open_csv
from analysis.did_you_mean import hint, nearest
from analysis.errors import AnalysisError
from studyapp.core.small_files import read_small_file
from studyapp.errors import Problem

_BLANK = string.whitespace + END_OF_FILE_SIGN
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


def read_csv(path: Path, *, required: Sequence[str], optional: Sequence[str] = ()) -> CsvFile:
    """Read a CSV file as `analysis.csv_source.open_csv` does; values are stripped of spaces.

    Parameters
    ----------
    path
        The file, of at most 4 MiB.
    required, optional
        The columns it must and may have, in any case; another one is a problem with a did-you-mean.
    """
    try:
        opened = open_csv(path.name, io.BytesIO(read_small_file(path)))
    except OSError as error:
        return CsvFile([], [Problem(path.name, f"cannot be opened ({error.strerror})", "make it readable")])
    except AnalysisError as error:
        what, _, remedy = str(error).removeprefix(path.name).lstrip(": ").partition("; ")
        return CsvFile([], [Problem(path.name, what, remedy or "save it again as CSV in UTF-8")])
    named = _named(opened.header, [*required, *optional])
    problems = [_remark(path.name, remark) for remark in opened.remarks]
    problems += _header_problems(path.name, named, opened.line, required, optional)
    rows: list[Row] = []
    reader = csv.reader(opened.text, delimiter=opened.separator, strict=True)
    try:
        for values in reader:
            line = opened.line + reader.line_num
            if not "".join(values).strip(_BLANK):
                continue
            if line > _MOST_LINES or len(problems) > _MOST_PROBLEMS:
                what = f"more than {_MOST_LINES:,} lines, or of {_MOST_PROBLEMS} with problems"
                problems.append(Problem(path.name, what, "look at the whole file", line))
                break
            if any(value.strip() for value in values[len(named) :]):
                what = f"{len(values)} values for {len(named)} columns"
                problems.append(Problem(path.name, what, "put text with commas in quotes", line))
            rows.append(_row(line, named, values))
    except csv.Error as error:
        line = opened.line + reader.line_num
        problems.append(Problem(path.name, f"not CSV: {error}", "put the quotes right", line))
    except UnicodeError:
        problems.append(Problem(path.name, "holds bytes that are no text", "save it as UTF-8"))
    return CsvFile(rows, problems)


def _remark(name: str, remark: str) -> Problem:
    what, _, remedy = remark.removeprefix(f"{name} ").rpartition("; ")
    return Problem(name, what, remedy, severity="warning")


def _named(header: Sequence[str], known: Sequence[str]) -> list[str]:
    """The header with known columns under the names known, case aside, and no nameless columns at its end."""
    plain = {name.casefold(): name for name in known}
    named = [plain.get(name.casefold(), name) for name in header]
    while named and not named[-1]:
        named.pop()
    return named


def duplicates(name: str, rows: Sequence[Row], column: str) -> list[Problem]:
    """Return a problem for each value of a column that an earlier line has already, case aside."""
    first: dict[str, int] = {}
    problems = []
    for row in rows:
        value = row.values.get(column, "")
        earlier = first.setdefault(value.casefold(), row.line) if value else row.line
        if earlier != row.line:
            what = f"{column} {value!r} is already in line {earlier}"
            problems.append(Problem(name, what, "keep one of the two", row.line))
    return problems


def check_rows(
    name: str, rows: Sequence[Row], rule: Callable[[Row], Sequence[tuple[str, str]]]
) -> list[Problem]:
    """Apply a rule that returns (what, remedy) pairs to every row."""
    return [Problem(name, what, remedy, row.line) for row in rows for what, remedy in rule(row)]


def unknown_team(team: str, teams: Sequence[str]) -> tuple[str, str]:
    """Return what to say of a team id that study.yaml does not have."""
    return f"no team {team!r} in study.yaml", hint(team, teams)


def _header_problems(
    name: str, header: Sequence[str], line: int, required: Sequence[str], optional: Sequence[str]
) -> list[Problem]:
    known = [*required, *optional]
    if len(header) > _MOST_COLUMNS:
        return [Problem(name, f"{len(header):,} columns", f"the columns are {', '.join(known)}", line)]
    missing = [column for column in required if column not in header]
    problems = [
        Problem(name, f"column {column!r} twice", "keep one of the two", line)
        for column in sorted({column for column in header if header.count(column) > 1})
    ]
    for column in header:
        if column not in known:
            meant = nearest(column, [other for other in known if other not in header])
            missing = [other for other in missing if other != meant]
            problems.append(_unknown_column(name, line, column, meant))
    return problems + [Problem(name, f"column {column!r} is missing", "add it", line) for column in missing]


def _unknown_column(name: str, line: int, column: str, meant: str | None) -> Problem:
    """A table may carry more than is needed, but no misspelt column may go unread."""
    if meant:
        return Problem(name, f"unknown column {column!r}", f"did you mean {meant!r}?", line)
    return Problem(name, f"column {column!r} is not used", "leave it, or take it out", line, "warning")


def _row(line: int, header: Sequence[str], values: Sequence[str]) -> Row:
    """A line that ends early leaves its last columns empty, as spreadsheets write it."""
    cells = [value.strip(_BLANK) for value in values]
    return Row(line, dict(zip_longest(header, cells[: len(header)], fillvalue="")))
