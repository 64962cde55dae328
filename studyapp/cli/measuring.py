"""The verb that measures models: a study's, or those of any folder."""

import sys
from pathlib import Path
from typing import Any

import click

from analysis.cli import complete_rule
from analysis.efficiency.command import ESCORE, Measured, make_plan, measure_folder, plan_options, show
from analysis.formats import format_options
from analysis.progress import shown_progress
from studyapp.cli.common import Folder
from studyapp.study.study_file import STUDY_FILE

Existing = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@Folder
@click.option("--team", "teams", multiple=True, help="Measure only this team's model; repeatable.")
@click.option("--inputs", type=Existing, help="Folder of test images.")
@click.option("--compare", type=Existing, help="Folder of submitted images, with a folder per team.")
@click.option(
    "--output",
    "--out",
    "output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The table to write, a CSV file.",
)
@click.option(
    "--rule",
    shell_complete=complete_rule,
    metavar="NAME|FORMULA",
    help=f"Which score to print. By default {ESCORE}; esr-2025 and esr-2026 are NTIRE ESR's.",
)
@click.option("--base", metavar="TEAM", help="The baseline model that the rule compares the others with.")
@plan_options
@format_options
def measure(
    folder: Path,
    teams: tuple[str, ...],
    inputs: Path | None,
    compare: Path | None,
    output: Path | None,
    rule: str | None,
    base: str | None,
    form: str | None,
    **options: Any,
) -> None:
    """Measure the models in DIR/models, with their weights in DIR/model_zoo, each in its own process.

    A study folder needs no more: its models run on DIR/input, what they make is compared with DIR/teams, and
    the results go to DIR/var/measures. For any other folder, give --inputs and --output; the details (.json)
    and a plot (.svg, .png) are written beside the table. Exit status 1 if a model failed.
    """
    given = {"--inputs": inputs, "--compare": compare, "--output": output, "--rule": rule, "--base": base}
    if (folder / STUDY_FILE).is_file():
        if wrong := [name for name, value in given.items() if value is not None]:
            raise click.UsageError(
                f"{' and '.join(wrong)}: {folder} is a study, which decides that itself; remove the option "
                f"(`studyapp analyse efficiency` scores {folder}/var/measures/measures.csv by other rules)"
            )
        found = _of_study(folder, teams, options)
    else:
        if inputs is None or output is None:
            raise click.UsageError(
                f"{folder} is not a study (it has no {STUDY_FILE}); give --inputs and --output"
            )
        if not folder.is_dir():
            raise click.UsageError(f"there is no folder {folder}; give the folder that has models/ in it")
        plan = make_plan(options)
        with shown_progress() as progress:
            found = measure_folder(
                folder,
                plan,
                inputs=inputs,
                output=output,
                compare=compare,
                teams=teams,
                rule=rule or ESCORE,
                base=base,
                progress=progress,
            )
    show(found, form)
    if found.failed:
        raise SystemExit(1)


def _of_study(folder: Path, teams: tuple[str, ...], options: dict[str, Any]) -> Measured:
    from studyapp.services.paired.measuring import measure_study

    plan = make_plan(options)
    with shown_progress() as progress:
        found = measure_study(folder, plan, teams=teams, progress=progress)
    failed = any(one.problem for one in found.measured)
    return Measured(found.scored, found.remarks, found.paths, failed)


def alias() -> None:
    """`study-measure` is `studyapp measure`."""
    from studyapp.cli import main

    main(["measure", *sys.argv[1:]], prog_name="studyapp")
