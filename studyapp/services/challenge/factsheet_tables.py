"""Factsheets beside what was measured, and as tables that organisers take away: CSV and LaTeX."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.efficiency.measures import read_measures
from analysis.errors import AnalysisError
from analysis.latex import LETTERS, escape_latex, needs_letters
from analysis.output import Output, render
from analysis.spreadsheets import plain_cell
from studyapp.errors import StudyError
from studyapp.services.challenge.factsheet_form import ANSWERS, NUMBERS, Sheet
from studyapp.services.challenge.factsheets import Line
from studyapp.services.results.parts import measures_file

FAR = {"parameters_m": 1.05, "flops_g": 1.1, "runtime_s": 2.0}
"""The factor from which a value differs much from what was measured. Times are of another machine."""
_FROM = {"parameters_m": ("params_m", 1.0), "flops_g": ("flops_g", 1.0), "runtime_s": ("time_ms", 0.001)}


@dataclass(frozen=True)
class Beside:
    """What was measured of a field, and whether the factsheet says something much different."""

    value: float
    is_far: bool


def measured(root: Path) -> dict[str, dict[str, float]]:
    """Return what the models of a study cost, by team of the study and field; without what is unknown.

    Raises
    ------
    StudyError
        When the table cannot be read.
    """
    path = measures_file(root)
    if path is None:
        return {}
    try:
        table = read_measures(path)
    except AnalysisError as error:
        raise StudyError(str(error)) from error
    found = {}
    for row in table.to_dict("records"):
        costs = {field: row[name] * factor for field, (name, factor) in _FROM.items()}
        found[str(row["team"])] = {field: float(cost) for field, cost in costs.items() if not pd.isna(cost)}
    return found


def measured_or_why(root: Path) -> tuple[dict[str, dict[str, float]], str]:
    """Return what `measured` does; when that cannot be read nothing, and why."""
    try:
        return measured(root), ""
    except StudyError as error:
        return {}, str(error)


def beside(sheet: Sheet, costs: Mapping[str, float]) -> dict[str, Beside]:
    """Return what was measured of each field of a factsheet."""
    return {field: Beside(cost, _is_far(field, getattr(sheet, field), cost)) for field, cost in costs.items()}


def _is_far(field: str, said: float | None, cost: float) -> bool:
    if said is None:
        return False
    low, high = sorted((said, cost))
    return high > low * FAR[field]


def as_csv(
    lines: Sequence[Line], costs: Mapping[str, Mapping[str, float]], *, simulated: bool = False
) -> str:
    """Return every field of every team's newest factsheet, a row for each team, for spreadsheets."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    fields = list(Sheet.model_fields)
    extra = [f"measured_{name}" for name in NUMBERS]
    rows.writerow(
        ["number", "study_team", "registered_as", "version", "saved_at", "lacking", *fields, *extra]
        + ["simulated"] * simulated
    )
    for line in lines:
        newest = line.newest
        about = [line.team, line.study_team or "", plain_cell(line.name)]
        said = [newest.number, newest.saved_at, " ".join(line.lacking)] if newest else ["", "", "everything"]
        values = [_cell(getattr(newest.sheet, name)) if newest else "" for name in fields]
        own = costs.get(line.study_team or "", {})
        rows.writerow(
            [*about, *said, *values, *(own.get(name, "") for name in NUMBERS), *["true"] * simulated]
        )
    return text.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, tuple):
        value = "; ".join(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return plain_cell(value) if isinstance(value, str) else "" if value is None else value


def as_latex(
    lines: Sequence[Line], costs: Mapping[str, Mapping[str, float]], *, simulated: bool = False
) -> str:
    """Return a table of the methods, and below it the teams with their members and affiliations.

    For a document of any class and engine. Where something was measured the table has that beside.
    """
    there = [(line, line.newest.sheet) for line in lines if line.newest]
    rows = []
    for line, sheet in there:
        own = costs.get(line.study_team or "", {})
        rows.append(
            {
                "Team": sheet.team or line.name,
                "Params [M]": _two(sheet.parameters_m, own.get("parameters_m")),
                "FLOPs [G]": _two(sheet.flops_g, own.get("flops_g")),
                "Time [s]": _two(sheet.runtime_s, own.get("runtime_s")),
                "Hardware": sheet.hardware,
                **{title: _yes(getattr(sheet, name)) for name, title in zip(ANSWERS, _TITLES, strict=True)},
            }
        )
    heads = ["Team", "Params [M]", "FLOPs [G]", "Time [s]", "Hardware", *_TITLES]
    table = pd.DataFrame(rows, columns=pd.Index(heads), dtype=object)
    made = render(Output(table, widths={"Team": 0.16, "Hardware": 0.18}), "latex").removeprefix(LETTERS)
    note = "% As the teams say; in parentheses what was measured. FLOPs for an input of 3x1024x1024.\n"
    people = "\n".join(_people(line, sheet) for line, sheet in there)
    letters = LETTERS if needs_letters(made + people) else ""
    return f"{letters}{note}{_SIMULATED if simulated else ''}{made}\n{people}"


_SIMULATED = "\\noindent\\textbf{SIMULATED: no real team is behind this table.}\\par\n"
_TITLES = ("Extra data", "Pre-trained", "Ensemble")


def _people(line: Line, sheet: Sheet) -> str:
    """A team as reports of challenges list it."""
    lead = f"{sheet.leader} (leader)" if sheet.leader else ""
    names = ", ".join(filter(None, (lead, *sheet.members)))
    said = [f"\\paragraph{{{escape_latex(sheet.team or line.name)}}}\n"]
    said += [f"\\textbf{{Members:}} {escape_latex(names)}\\par\n"] if names else []
    places = "; ".join(sheet.affiliations)
    said += [f"\\textbf{{Affiliations:}} {escape_latex(places)}\\par\n"] if places else []
    return "".join(said)


def _two(said: float | None, cost: float | None) -> str:
    own = "–" if said is None else f"{said:.4g}"
    return own if cost is None else f"{own} ({cost:.4g})"


def _yes(value: bool | None) -> str:
    return "–" if value is None else "yes" if value else "no"
