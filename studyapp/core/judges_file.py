"""judges.csv: who judges, and whose work each judge must not see."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from studyapp.core.addresses import address_key
from studyapp.core.csv_file import (
    CsvFile,
    Row,
    Wanted,
    check_rows,
    read_csv_bytes,
    read_rows,
    unknown_team,
)
from studyapp.core.small_files import read_small_file
from studyapp.core.workbook import WorkbookError, first_table, is_workbook
from studyapp.errors import Problem, errors_of

REQUIRED = {"name": "the judge's name, as you know it", "email": "the judge's e-mail address"}
OPTIONAL = {
    "conflicts": "ids of the teams whose results the judge must not see, separated by semicolons",
    "test": "yes for a test judge, whose answers never count",
}
SYNONYMS = {
    "full name": "name", "judge": "name", "judge name": "name", "display name": "name", "person": "name",
    "reviewer": "name", "participant": "name", "姓名": "name", "名字": "name", "评委": "name",
    "nom": "name", "nombre": "name", "naam": "name",
    "e mail": "email", "mail": "email", "email address": "email", "e mail address": "email",
    "mail address": "email", "e mail 1 value": "email", "电子邮件": "email", "邮箱": "email",
    "电子邮箱": "email", "邮件": "email", "邮件地址": "email", "correo": "email", "courriel": "email",
    "conflict": "conflicts", "conflict of interest": "conflicts", "conflicts of interest": "conflicts",
    "coi": "conflicts", "利益冲突": "conflicts",
    "test judge": "test", "is test": "test", "测试": "test", "测试评委": "test",
}  # fmt: skip
"""What spreadsheets and address books call the columns; case, blanks, hyphens do not matter."""
WANTED = Wanted(list(REQUIRED), list(OPTIONAL), SYNONYMS)
YES = ("yes", "y", "true", "1", "x", "是")
NO = ("", "no", "n", "false", "0", "否")
EMAIL = re.compile(r"^[^@\s,;<>\"]+@[^@\s,;<>\"]+$")


@dataclass(frozen=True)
class JudgeLine:
    """A line of judges.csv; `conflicts` are ids of teams whose candidates this judge must not see.

    The ballots of a `test` judge never count.
    """

    name: str
    email: str
    conflicts: tuple[str, ...] = ()
    test: bool = False


@dataclass(frozen=True)
class JudgesFile:
    """What a list of judges says, and everything wrong with it; `encoding` is how its letters were read."""

    lines: list[JudgeLine]
    problems: list[Problem]
    encoding: str | None = None
    numbers: tuple[int, ...] = ()
    """The row of each line."""


def read_judges(path: Path, teams: Sequence[str], least: int) -> tuple[list[JudgeLine], list[Problem]]:
    """Read a list of judges, CSV or .xlsx, and name everything wrong with it.

    Parameters
    ----------
    path
        The file, with the columns `REQUIRED` and any of `OPTIONAL`, under these or usual other names.
    teams
        The ids of the study's teams.
    least
        How many candidates a trial needs: conflicts must leave as many.
    """
    try:
        data = read_small_file(path)
    except OSError as error:
        return [], [Problem(path.name, f"cannot be opened ({error.strerror})", "make it readable")]
    file = read_judges_bytes(path.name, data, teams, least)
    return file.lines, file.problems


def read_judges_bytes(
    name: str, data: bytes, teams: Sequence[str], least: int, *, encoding: str | None = None
) -> JudgesFile:
    """Read the bytes of a list of judges; `encoding` is how to read the letters of a CSV file, if chosen."""
    if is_workbook(data):
        file = _read_workbook(name, data)
    else:
        file = read_csv_bytes(name, data, WANTED, encoding=encoding)
    if errors_of(file.problems):
        return JudgesFile([], file.problems, file.encoding)

    def rule(row: Row) -> list[tuple[str, str]]:
        return problems_of(_judge(row), teams, least) + _problems_of_test(row.values.get("test", ""))

    problems = [*file.problems, *check_rows(name, file.rows, rule)]
    problems += _same_address(name, file.rows)
    lines = [_judge(row) for row in file.rows]
    numbers = tuple(row.line for row in file.rows)
    return JudgesFile(lines, sorted(problems, key=lambda problem: problem.line or 0), file.encoding, numbers)


def _read_workbook(name: str, data: bytes) -> CsvFile:
    try:
        rows = list(first_table(data))
    except WorkbookError as error:
        return CsvFile([], [Problem(name, error.what, error.remedy)])
    if not rows:
        return CsvFile([], [Problem(name, "no sheet has any cells", "choose the list of judges")])
    line, header = rows[0]
    return read_rows(name, header, line, rows[1:], WANTED)


def _same_address(name: str, rows: Sequence[Row]) -> list[Problem]:
    first: dict[str, int] = {}
    found = []
    for row in rows:
        key = address_key(row.values["email"])
        earlier = first.setdefault(key, row.line) if key else row.line
        if earlier != row.line:
            what = f"email {row.values['email']!r} is already on line {earlier}"
            found.append(Problem(name, what, "keep one of the two", row.line))
    return found


def _judge(row: Row) -> JudgeLine:
    conflicts = (part.strip() for part in row.values.get("conflicts", "").split(";"))
    return JudgeLine(
        name=row.values["name"],
        email=row.values["email"].removeprefix("mailto:"),
        conflicts=tuple(dict.fromkeys(part for part in conflicts if part)),
        test=row.values.get("test", "").casefold() in YES,
    )


def problems_of(judge: JudgeLine, teams: Sequence[str], least: int) -> list[tuple[str, str]]:
    """Return what is wrong with a judge, each as problem and remedy."""
    found = []
    if not judge.name:
        found.append(("the name is empty", "write the judge's name"))
    elif not judge.name.isprintable():
        found.append((f"the name {judge.name!r} has characters that cannot be shown", "remove them"))
    if not EMAIL.match(judge.email):
        found.append(
            (f"{judge.email!r} is not an e-mail address", "write an address such as jude@example.org")
        )
    unknown = [team for team in judge.conflicts if team not in teams]
    found += [unknown_team(team, teams) for team in unknown]
    left = len(teams) - len(judge.conflicts)
    if not unknown and left < least:
        found.append(
            (f"conflicts leave {left} candidates; a trial needs {least}", "this judge cannot take part")
        )
    return found


def _problems_of_test(text: str) -> list[tuple[str, str]]:
    if text.casefold() in (*YES, *NO):
        return []
    return [(f"test is {text!r}", "write yes for a judge whose answers never count, otherwise no")]
