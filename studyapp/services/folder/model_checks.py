"""models/ of a study folder: whose each model is, before hours go into measuring. Nothing of it is run."""

from pathlib import Path

from analysis.efficiency.measuring.conventions import MODELS, find_models
from analysis.errors import AnalysisError
from studyapp.errors import Problem
from studyapp.study.study_file import StudyFile


def check_models(root: Path, study: StudyFile) -> list[Problem]:
    """Return what would stop `studyapp measure`, and a warning for each team without a model.

    Parameters
    ----------
    root
        The study folder; models/ may be absent, or empty as `studyapp init` makes folders.
    """
    place = root / MODELS
    if not place.is_dir() or not any(place.iterdir()):
        return []
    ids = [team.id for team in study.teams]
    try:
        models = find_models(root, teams=ids, names=[team.name for team in study.teams])
    except AnalysisError as error:
        what, _, remedy = str(error).partition("; ")
        return [Problem(MODELS, what, remedy or "see docs/efficiency.md for the names")]
    without = sorted(set(ids) - {model.team for model in models})
    broken = [
        Problem(MODELS, what, remedy or "see docs/efficiency.md for the names")
        for what, _, remedy in (model.problem.partition("; ") for model in models if model.problem)
    ]
    return broken + [
        Problem(
            MODELS, f"no model of {team!r}", "a team that is not measured gets no EScore", severity="warning"
        )
        for team in without
    ]
