"""judges.csv, regions.csv, measures.csv and scores.csv of a study folder, checked."""

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

from analysis.efficiency.measures import OPTIONAL, RANKED, read_measures
from analysis.errors import AnalysisError, InputWarning
from analysis.ranking import GIVEN, read_given_scores
from analysis.rule import Rule
from analysis.tables import number, too_low
from studyapp.core.csv_file import Row, check_rows, duplicates, read_csv, unknown_team
from studyapp.core.judges_file import read_judges
from studyapp.core.regions_file import REGIONS_FILE, read_regions
from studyapp.errors import Problem, errors_of

JUDGES, MEASURES, SCORES = "judges.csv", "measures.csv", "scores.csv"


def check_tables(
    root: Path, teams: Sequence[str], least: int, images: Sequence[str], rule: Rule | None
) -> list[Problem]:
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
    rule
        The rule of the final, which may read more of scores.csv; None where study.yaml cannot be read.
    """
    problems = []
    if os.path.lexists(root / JUDGES):
        problems += read_judges(root / JUDGES, teams, least)[1]
    if os.path.lexists(root / REGIONS_FILE):
        problems += read_regions(root / REGIONS_FILE, images)[1]
    if os.path.lexists(root / MEASURES):
        problems += _check_scores(root / MEASURES, teams, RANKED, OPTIONAL, read_measures)
    if os.path.lexists(root / SCORES):
        problems += _check_scores(root / SCORES, teams, (), GIVEN, partial(read_given_scores, rule=rule))
    return problems


def _check_scores(
    path: Path,
    teams: Sequence[str],
    numeric: Sequence[str],
    optional: Sequence[str],
    read: Callable[[Path], object],
) -> list[Problem]:
    """Name what is wrong by its line; then the function by which `rank` reads the table has the word."""

    def rule(row: Row) -> list[tuple[str, str]]:
        return [*_wrong_team(row.values.get("team", ""), teams), *_wrong_numbers(row, numeric)]

    table = read_csv(path, required=("team", *numeric), optional=optional, strict=False)
    errors = errors_of(table.problems)
    if not any("'team'" in problem.what for problem in errors):
        errors += check_rows(path.name, table.rows, rule) + duplicates(path.name, table.rows, "team")
    return errors or _check_table(path, read)


def _wrong_team(team: str, teams: Sequence[str]) -> list[tuple[str, str]]:
    if not team:
        return [("column team: empty", "every row needs a team")]
    return [] if team in teams else [unknown_team(team, teams)]


def _wrong_numbers(row: Row, columns: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Commas are left to the whole table, which alone can tell what they mean."""
    for column in columns:
        text = row.values.get(column, "")
        if not text or "," in text:
            continue
        try:
            value = number(text)
        except AnalysisError as error:
            what, _, remedy = str(error).partition("; ")
            yield f"column {column}: {what}", remedy
        else:
            if value < 0:
                what, remedy = too_low(value, 0)
                yield f"column {column}: {what}", remedy


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
    for name in (path.name, path.stem):
        message = message.removeprefix(name).lstrip(":, ")
    what, _, remedy = message.rpartition("; ")
    return Problem(path.name, what or remedy, remedy if what else "check the table", severity=severity)
