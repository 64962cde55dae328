"""judges.csv, regions.csv, measures.csv and scores.csv of a study folder, checked."""

import math
import os
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from analysis.efficiency.measures import OPTIONAL, RANKED, read_measures
from analysis.errors import AnalysisError, InputWarning
from analysis.ranking import GIVEN, read_given_scores
from studyapp.core.csv_file import Row, check_rows, duplicates, read_csv, unknown_team
from studyapp.core.judges_file import read_judges
from studyapp.core.regions_file import REGIONS_FILE, read_regions
from studyapp.errors import Problem, errors_of

JUDGES, MEASURES, SCORES = "judges.csv", "measures.csv", "scores.csv"


def check_tables(root: Path, teams: Sequence[str], least: int, images: Sequence[str]) -> list[Problem]:
    """Return every problem of the tables that are there; each may be absent.

    Parameters
    ----------
    root
        The study folder.
    teams
        The ids of the study's teams.
    least
        How many candidates a trial needs; a judge's conflicts must leave as many.
    images
        The study's image names.
    """
    problems = []
    if os.path.lexists(root / JUDGES):
        problems += read_judges(root / JUDGES, teams, least)[1]
    if os.path.lexists(root / REGIONS_FILE):
        problems += read_regions(root / REGIONS_FILE, images)[1]
    if os.path.lexists(root / MEASURES):
        lines = _check_lines(root / MEASURES, teams, RANKED, OPTIONAL)
        problems += lines or _check_table(root / MEASURES, read_measures)
    if os.path.lexists(root / SCORES):
        lines = _check_lines(root / SCORES, teams, (), GIVEN)
        problems += lines or _check_table(root / SCORES, read_given_scores)
    return problems


def _check_lines(
    path: Path, teams: Sequence[str], required: Sequence[str], optional: Sequence[str]
) -> list[Problem]:
    """Name what is wrong by its line; an empty value is one not known."""

    def rule(row: Row) -> list[tuple[str, str]]:
        team = row.values.get("team", "")
        found = [unknown_team(team, teams)] if "team" in row.values and team not in teams else []
        for column in required:
            text = row.values.get(column, "")
            if text and not _may_be_number(text):
                found.append((f"{column} {text!r} is not a number from 0 up", "leave it empty if not known"))
        return found

    table = read_csv(path, required=("team", *required), optional=optional)
    errors = errors_of(table.problems)
    return [*errors, *check_rows(path.name, table.rows, rule), *duplicates(path.name, table.rows, "team")]


def _may_be_number(text: str) -> bool:
    """Commas are left to `_check_table`, which sees the whole column."""
    try:
        return math.isfinite(float(text)) and float(text) >= 0
    except ValueError:
        return "," in text


def _check_table(path: Path, read: Callable[[Path], object]) -> list[Problem]:
    """Read a table by the function through which `rank` will read it, so that the two agree."""
    with warnings.catch_warnings(record=True) as remarks:
        warnings.simplefilter("always", InputWarning)
        try:
            read(path)
        except AnalysisError as error:
            return [_problem(path, str(error), "error")]
    return [_problem(path, str(remark.message), "warning") for remark in remarks]


def _problem(path: Path, message: str, severity: Literal["error", "warning"]) -> Problem:
    what, _, remedy = message.removeprefix(path.name).lstrip(": ").rpartition("; ")
    return Problem(path.name, what or remedy, remedy if what else "look at the table", severity=severity)
