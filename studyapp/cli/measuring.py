"""The verb that measures the teams' models."""

from pathlib import Path
from typing import Any

import click

from analysis.commands.measure import make_plan, plan_options, show
from analysis.efficiency.measuring.telling import told_progress
from analysis.errors import AnalysisError
from analysis.output import plain
from studyapp.cli.common import Folder, as_json, print_result
from studyapp.errors import StudyError
from studyapp.services.paired.measuring import measure_study


@click.command()
@Folder
@click.option("--team", "teams", multiple=True, help="Measure this team's model; the others keep their rows.")
@plan_options
@as_json
def measure(folder: Path, teams: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Measure the models in DIR/models on DIR/input; write DIR/var/measures.

    What they make is compared with DIR/teams. Exit status 1 when a model failed.
    """
    try:
        plan = make_plan(options)
    except AnalysisError as error:
        raise StudyError(str(error)) from error
    with told_progress() as progress:
        found = measure_study(folder, plan, teams=teams, progress=progress)
    if as_json:
        rows = found.scored.to_dict("records")
        print_result(plain({"measures": rows, "notes": list(found.remarks)}), as_json)
    else:
        show(found.scored, found.remarks, found.paths)
    if any(one.problem for one in found.measured):
        raise SystemExit(1)
