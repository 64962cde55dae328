"""Small CSV files written by people: every problem is named with its line, and nothing is guessed."""

import csv
import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from studyapp.core.image_names import nearest
from studyapp.core.small_files import read_small_file
from studyapp.errors import Problem

_SEPARATORS = (",", ";", "\t")
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
    """Read a CSV file with a header line and commas, semicolons or tabs; values are stripped of spaces.

    Parameters
    ----------
    path
        The file, in UTF-8 (a byte order mark is allowed).
    required, optional
        The columns it must and may have; another one is a problem with a did-you-mean.
    """
    try:
        text = read_small_file(path).decode("utf-8-sig")
    except OSError as error:
        return CsvFile([], [Problem(path.name, f"cannot be opened ({error.strerror})", "make it readable")])
    except UnicodeDecodeError as error:
        return CsvFile([], [Problem(path.name, f"not UTF-8 at byte {error.start}", "save it as UTF-8")])
    separator = max(_SEPARATORS, key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[Row] = []
    problems: list[Problem] = []
    try:
        header = [name.strip() for name in next(reader, [])]
        problems += _header_problems(path.name, header, required, optional)
        for values in reader:
            if reader.line_num > _MOST_LINES or len(problems) > _MOST_PROBLEMS:
                what = f"more than {_MOST_LINES:,} lines, or of {_MOST_PROBLEMS} with problems"
                problems.append(Problem(path.name, what, "look at the whole file", reader.line_num))
                break
            if not any(value.strip() for value in values):
                continue
            if len(values) != len(header):
                what = f"{len(values)} values for {len(header)} columns"
                problems.append(Problem(path.name, what, "put text with commas in quotes", reader.line_num))
            rows.append(_row(reader.line_num, header, values))
    except csv.Error as error:
        problems.append(Problem(path.name, f"not CSV: {error}", "mend the quotes", reader.line_num))
    return CsvFile(rows, problems)


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
    meant = nearest(team, teams)
    return (
        f"no team {team!r} in study.yaml",
        f"did you mean {meant!r}?" if meant else f"one of {', '.join(teams)}",
    )


def is_number(text: str) -> bool:
    """Whether a text is a finite number."""
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _header_problems(
    name: str, header: Sequence[str], required: Sequence[str], optional: Sequence[str]
) -> list[Problem]:
    known = [*required, *optional]
    if len(header) > _MOST_COLUMNS:
        return [Problem(name, f"{len(header):,} columns", f"the columns are {', '.join(known)}", 1)]
    missing = [column for column in required if column not in header]
    problems = [
        Problem(name, f"column {column!r} twice", "keep one of the two", 1)
        for column in sorted({column for column in header if header.count(column) > 1})
    ]
    for column in header:
        if column not in known:
            meant = nearest(column, [other for other in known if other not in header])
            missing = [other for other in missing if other != meant]
            remedy = f"did you mean {meant!r}?" if meant else f"columns: {', '.join(known)}"
            problems.append(Problem(name, f"unknown column {column!r}", remedy, 1))
    return problems + [Problem(name, f"column {column!r} is missing", "add it", 1) for column in missing]


def _row(line: int, header: Sequence[str], values: Sequence[str]) -> Row:
    return Row(line, {column: value.strip() for column, value in zip(header, values, strict=False)})
