"""`studyapp measure`: what the teams' models cost, kept in var/measures."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.did_you_mean import hint
from analysis.efficiency.measuring.conventions import MODELS, Model, find_models
from analysis.efficiency.measuring.inputs import input_images
from analysis.efficiency.measuring.plan import Plan
from analysis.efficiency.measuring.run import Measurement, measure_models
from analysis.efficiency.measuring.table import notes
from analysis.efficiency.measuring.writing import write_measures
from analysis.errors import AnalysisError
from studyapp.batch.pool import Progress
from studyapp.errors import StudyError
from studyapp.services.ground.only_run import only_run
from studyapp.services.paired.kept_measures import MEASURES
from studyapp.settings import Folders
from studyapp.study.study_file import STUDY_FILE, load_study_file


@dataclass(frozen=True)
class StudyMeasures:
    """What was found.

    Attributes
    ----------
    scored
        The whole table with EScore, the most efficient team first.
    measured
        The models of this run.
    paths
        The files written.
    remarks
        What a reader of the table must know.
    """

    scored: pd.DataFrame
    measured: tuple[Measurement, ...]
    paths: tuple[Path, ...]
    remarks: tuple[str, ...]


def measure_study(
    root: Path, plan: Plan, *, teams: Sequence[str] = (), progress: Progress | None = None
) -> StudyMeasures:
    """Measure the models of a study on its inputs, and compare what they make with teams/.

    Parameters
    ----------
    root
        The study folder: models/ and model_zoo/, input/, teams/.
    teams
        Only these; the others keep the rows that they have.

    Raises
    ------
    StudyError
        When there are no models, a model cannot be told to be one team's, a team is unknown, or models cannot
        be isolated here and are not trusted, or another process is measuring (their times would be wrong).
    """
    file = load_study_file(root / STUDY_FILE)
    ids = [team.id for team in file.teams]
    _refuse_unknown(teams, ids)
    if not (root / MODELS).is_dir():
        raise StudyError(f"there is no folder {root / MODELS}; put the teams' models there")
    try:
        models = find_models(root, teams=ids, names=[team.name for team in file.teams])
        chosen = [model for model in models if not teams or model.team in teams]
        with only_run(Folders(root).measures, f"measuring {root.resolve().name}"):
            measured = measure_models(
                chosen,
                input_images(root / "input"),
                plan,
                handed_in={team: root / "teams" / team for team in ids if (root / "teams" / team).is_dir()},
                progress=progress,
            )
            measured += _without_model(teams or ids, chosen)
            out = Folders(root).measures / MEASURES
            written = write_measures(measured, plan, out, keep=ids if teams else ())
    except AnalysisError as error:
        raise StudyError(str(error)) from error
    return StudyMeasures(
        written.scored, tuple(measured), written.paths, (*notes(measured), *written.warnings)
    )


def _refuse_unknown(teams: Sequence[str], ids: Sequence[str]) -> None:
    for team in teams:
        if team not in ids:
            raise StudyError(f"no team {team!r} in {STUDY_FILE}; {hint(team, ids)}")


def _without_model(teams: Sequence[str], models: Sequence[Model]) -> list[Measurement]:
    """A row for each team that handed in no model, so that the table names every team."""
    own = {model.team for model in models}
    problem = f"there is no model of this team in {MODELS}/"
    return [Measurement(team, "", problem=problem) for team in teams if team not in own]
