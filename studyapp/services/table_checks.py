"""judges.csv, regions.csv, measures.csv and scores.csv of a study folder, checked line by line."""

import os
from collections.abc import Sequence
from pathlib import Path

from analysis.efficiency.measures import OPTIONAL, RANKED
from studyapp.core.csv_file import (
    CsvFile,
    Row,
    check_rows,
    duplicates,
    is_number,
    read_csv,
    unknown_team,
)
from studyapp.core.judges_file import read_judges
from studyapp.core.regions_file import REGIONS_FILE, read_regions
from studyapp.errors import Problem

JUDGES, MEASURES, SCORES = "judges.csv", "measures.csv", "scores.csv"


def check_tables(root: Path, teams: Sequence[str], places: int, images: Sequence[str]) -> list[Problem]:
    """Return every problem of the tables that are there; each may be absent.

    Parameters
    ----------
    root
        The study folder.
    teams
        The ids of the study's teams.
    places
        How many candidates a ballot picks; a judge's conflicts must leave as many.
    images
        The study's image names.
    """
    problems = []
    if os.path.lexists(root / JUDGES):
        problems += read_judges(root / JUDGES, teams, places)[1]
    if os.path.lexists(root / REGIONS_FILE):
        problems += read_regions(root / REGIONS_FILE, images)[1]
    if os.path.lexists(root / MEASURES):
        problems += _check_numbers(root / MEASURES, teams, columns=RANKED, least=0.0, optional=OPTIONAL)
    if os.path.lexists(root / SCORES):
        problems += _check_numbers(root / SCORES, teams, columns=("s2",), least=None)
    return problems


def _check_numbers(
    path: Path,
    teams: Sequence[str],
    *,
    columns: Sequence[str],
    least: float | None,
    optional: Sequence[str] = (),
) -> list[Problem]:
    """Check a table of one line for each team with numbers; an empty value is one not known."""

    def rule(row: Row) -> list[tuple[str, str]]:
        found = []
        team = row.values.get("team", "")
        if "team" in row.values and team not in teams:
            found.append(unknown_team(team, teams))
        for column in columns:
            text = row.values.get(column, "")
            if text and not (is_number(text) and (least is None or float(text) >= least)):
                found.append((f"{column} {text!r} is not a number{' from 0 up' * (least == 0)}", "mend it"))
        return found

    table: CsvFile = read_csv(path, required=("team", *columns), optional=optional)
    rows = table.rows
    return [*table.problems, *check_rows(path.name, rows, rule), *duplicates(path.name, rows, "team")]
