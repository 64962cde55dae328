"""judges.csv, measures.csv and scores.csv of a study folder: columns, values and team ids, with lines."""

from collections.abc import Sequence
from pathlib import Path

from studyapp.core.csv_file import (
    CsvFile,
    Row,
    check_rows,
    duplicates,
    is_number,
    read_csv,
    unknown_team,
)
from studyapp.errors import Problem

JUDGES, MEASURES, SCORES = "judges.csv", "measures.csv", "scores.csv"
_MEASURED = ("params_m", "flops_g", "time_ms")


def check_tables(root: Path, teams: Sequence[str]) -> list[Problem]:
    """Return every problem of the tables that are there; all three may be absent.

    Parameters
    ----------
    root
        The study folder.
    teams
        The team ids of study.yaml; when empty, team ids are not checked.
    """
    problems = []
    if (root / JUDGES).exists():
        problems += check_judges(root / JUDGES, teams)
    if (root / MEASURES).exists():
        problems += _check_numbers(root / MEASURES, teams, required=_MEASURED, least=0.0)
    if (root / SCORES).exists():
        problems += _check_numbers(root / SCORES, teams, required=("s2",), least=None)
    return problems


def check_judges(path: Path, teams: Sequence[str]) -> list[Problem]:
    """Return every problem of a list of judges: columns, names, e-mail addresses, conflicts."""
    table = read_csv(path, required=("name", "email"), optional=("conflicts",))
    rows = table.rows
    return [
        *table.problems,
        *check_rows(path.name, rows, _judge_rule),
        *check_rows(path.name, rows, lambda row: _conflict_rule(row, teams)),
        *duplicates(path.name, rows, "email"),
    ]


def _judge_rule(row: Row) -> list[tuple[str, str]]:
    found = []
    if row.values.get("name") == "":
        found.append(("a judge without a name", "give the name"))
    email = row.values.get("email")
    if email is not None and not _is_address(email):
        found.append((f"{email!r} is not an e-mail address", "write it as name@host"))
    return found


def _conflict_rule(row: Row, teams: Sequence[str]) -> list[tuple[str, str]]:
    named = [team.strip() for team in row.values.get("conflicts", "").split(";")]
    return [unknown_team(team, teams) for team in named if team and teams and team not in teams]


def _is_address(text: str) -> bool:
    name, sign, host = text.partition("@")
    return bool(name and sign and host) and "@" not in host and not any(sign.isspace() for sign in text)


def _check_numbers(
    path: Path, teams: Sequence[str], *, required: Sequence[str], least: float | None
) -> list[Problem]:
    """Check a table of one line for each team with numbers; an empty value is one not known."""

    def rule(row: Row) -> list[tuple[str, str]]:
        found = []
        team = row.values.get("team", "")
        if teams and team not in teams and "team" in row.values:
            found.append(unknown_team(team, teams))
        for column in required:
            text = row.values.get(column, "")
            if text and not (is_number(text) and (least is None or float(text) >= least)):
                found.append((f"{column} {text!r} is not a number{' from 0 up' * (least == 0)}", "mend it"))
        return found

    table: CsvFile = read_csv(path, required=("team", *required))
    rows = table.rows
    return [*table.problems, *check_rows(path.name, rows, rule), *duplicates(path.name, rows, "team")]
