"""judges.csv: who judges, and whose work each judge must not see."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from studyapp.core.addresses import address_key
from studyapp.core.csv_file import Row, check_rows, read_csv, unknown_team
from studyapp.errors import Problem, errors_of

REQUIRED = {"name": "the judge's name, as you know it", "email": "the judge's e-mail address"}
OPTIONAL = {
    "conflicts": "ids of the teams whose results the judge must not see, separated by semicolons",
    "test": "yes for a test judge, whose answers never count",
}
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


def read_judges(path: Path, teams: Sequence[str], least: int) -> tuple[list[JudgeLine], list[Problem]]:
    """Read judges.csv and name everything wrong with it.

    Parameters
    ----------
    path
        The file, with the columns `REQUIRED` and any of `OPTIONAL`.
    teams
        The ids of the study's teams.
    least
        How many candidates a trial needs: conflicts must leave as many.
    """
    file = read_csv(path, required=list(REQUIRED), optional=list(OPTIONAL))
    if errors_of(file.problems):
        return [], file.problems

    def rule(row: Row) -> list[tuple[str, str]]:
        return _problems_of(_judge(row), teams, least) + _problems_of_test(row.values.get("test", ""))

    problems = [*file.problems, *check_rows(path.name, file.rows, rule)]
    problems += _same_address(path.name, file.rows)
    return [_judge(row) for row in file.rows], sorted(problems, key=lambda problem: problem.line or 0)


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
        email=row.values["email"],
        conflicts=tuple(dict.fromkeys(part for part in conflicts if part)),
        test=row.values.get("test", "").casefold() == "yes",
    )


def _problems_of(judge: JudgeLine, teams: Sequence[str], least: int) -> list[tuple[str, str]]:
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
    if text.casefold() in ("", "yes", "no"):
        return []
    return [(f"test is {text!r}", "write yes for a judge whose answers never count, otherwise no")]
