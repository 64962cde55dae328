"""judges.csv: who judges, and whose work each judge must not see."""

import csv
import io
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from studyapp.errors import Problem

COLUMNS = ("name", "email", "conflicts")
EMAIL = re.compile(r"^[^@\s,;<>\"]+@[^@\s,;<>\"]+$")


@dataclass(frozen=True)
class JudgeLine:
    """A line of judges.csv; `conflicts` are ids of teams whose candidates this judge must not see."""

    name: str
    email: str
    conflicts: tuple[str, ...] = ()


def read_judges(path: Path, teams: Collection[str], places: int) -> tuple[list[JudgeLine], list[Problem]]:
    """Read judges.csv and name everything wrong with it.

    Parameters
    ----------
    path
        The file; columns name and email, and optionally conflicts (team ids separated by semicolons).
    teams
        The ids of the study's teams.
    places
        How many candidates a ballot picks: conflicts must leave at least as many.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return [], [Problem(path.name, "missing", "write it with the columns name,email,conflicts")]
    except UnicodeDecodeError as error:
        return [], [Problem(path.name, f"not UTF-8 at byte {error.start}", "save it as UTF-8")]
    rows = csv.DictReader(io.StringIO(text))
    columns = rows.fieldnames or []
    missing = [name for name in ("name", "email") if name not in columns]
    unknown = [name for name in columns if name not in COLUMNS]
    problems = [
        Problem(path.name, f"column {name!r} is missing", f"the columns are {','.join(COLUMNS)}", 1)
        for name in missing
    ]
    problems += [
        Problem(path.name, f"unknown column {name!r}", f"the columns are {','.join(COLUMNS)}", 1)
        for name in unknown
    ]
    if problems:
        return [], problems
    judges: list[JudgeLine] = []
    first_line: dict[str, int] = {}
    for row in rows:
        line = rows.line_num
        judge = _judge(row)
        found = _problems_of(judge, row, teams, places)
        earlier = first_line.setdefault(judge.email.casefold(), line)
        if earlier != line:
            found.append((f"{judge.email} stands already on line {earlier}", "give each judge one line"))
        problems += [Problem(path.name, what, remedy, line) for what, remedy in found]
        judges.append(judge)
    return judges, problems


def _judge(row: dict[str, str | None]) -> JudgeLine:
    conflicts = (part.strip() for part in (row.get("conflicts") or "").split(";"))
    return JudgeLine(
        name=(row["name"] or "").strip(),
        email=(row["email"] or "").strip(),
        conflicts=tuple(dict.fromkeys(part for part in conflicts if part)),
    )


def _problems_of(
    judge: JudgeLine, row: dict[str, str | None], teams: Collection[str], places: int
) -> list[tuple[str, str]]:
    found = []
    if None in row:
        found.append(("more cells than columns", "quote cells that hold a comma"))
    if not judge.name:
        found.append(("the name is empty", "write the judge's name"))
    if not EMAIL.match(judge.email):
        found.append((f"{judge.email!r} is not an e-mail address", "write one, such as jude@example.org"))
    unknown = [team for team in judge.conflicts if team not in teams]
    if unknown:
        known = ", ".join(sorted(teams))
        found.append((f"conflict with unknown team {', '.join(map(repr, unknown))}", f"team ids are {known}"))
    elif len(teams) - len(judge.conflicts) < places:
        left = len(teams) - len(judge.conflicts)
        found.append(
            (f"conflicts leave {left} candidates for {places} places", "this judge cannot take part")
        )
    return found
