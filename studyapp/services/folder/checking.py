"""Everything that is wrong with a study folder, at once. It writes only what it may reuse (var/seen/)."""

from concurrent.futures import Executor
from pathlib import Path

from analysis.imaging import USUAL, Policy
from studyapp.batch.pool import Progress, run, silent
from studyapp.core.folder_scan import folder_names
from studyapp.errors import Problem, ProblemsFoundError
from studyapp.imaging.ingest import ImageFile
from studyapp.imaging.kept import forget
from studyapp.services.folder.image_checks import (
    problems_of_copies,
    problems_of_files,
    problems_of_formats,
    problems_of_sizes,
    problems_of_spaces,
)
from studyapp.services.folder.model_checks import check_models
from studyapp.services.folder.seen import seen_folder
from studyapp.services.folder.table_checks import check_tables
from studyapp.services.ground.scoring_rules import check_scoring
from studyapp.study.folder import FolderPlan, plan_folder, plan_names
from studyapp.study.study_file import STUDY_FILE, StudyFile, load_study_file


def check_study(
    root: Path, *, progress: Progress | None = None, pool: Executor | None = None, jobs: int | None = None
) -> list[Problem]:
    """Return every problem of a study folder, sorted by path and line; an empty list when it is in order.

    Parameters
    ----------
    root
        The study folder; only var/seen/ in it is written.
    progress
        Called as ``progress("check", done, total)`` while images are decoded.
    pool
        Where images are decoded; by default in processes of this call's own.
    jobs
        Their number; as many as there are processors by default.

    Returns
    -------
    list of Problem
        Those of severity "error" stop `studyapp tile`; warnings tell what ingest changes or ignores by rule.
    """
    study, problems = _study(root)
    if study is None:
        # Every folder is taken for a team, so that its images are checked, too.
        teams, least, policy = folder_names(root / "teams"), 1, USUAL
        plan = plan_names(root, teams)
    else:
        teams, least, policy = [team.id for team in study.teams], study.protocol.least, study.policy
        plan = plan_folder(root, study)
        problems += check_scoring(study)
        problems += check_models(root, study)
    problems += plan.problems
    problems += check_tables(root, teams, least, plan.shown, study and study.rule)
    problems += _image_problems(root, plan, policy, pool, jobs, progress)
    return sorted(set(problems), key=_place)


def _study(root: Path) -> tuple[StudyFile | None, list[Problem]]:
    try:
        return load_study_file(root / STUDY_FILE), []
    except ProblemsFoundError as error:
        return None, list(error.problems)


def _image_problems(
    root: Path,
    plan: FolderPlan,
    policy: Policy,
    pool: Executor | None,
    jobs: int | None,
    progress: Progress | None,
) -> list[Problem]:
    from studyapp.services.folder.fairness import Fairness, files_together, look  # needs SciPy

    folder = seen_folder(root)
    tasks = files_together(plan, lambda path: ImageFile(path, plan.name(path), policy, folder))
    total, seen, fairness = sum(len(task.files) for task in tasks), [], Fairness()
    tell = progress or silent
    if total:
        tell("check", 0, total)
    for task, found in zip(tasks, run(look, tasks, pool=pool, workers=jobs), strict=True):
        seen += found.seen
        fairness.take(task, found)
        tell("check", len(seen), total)
    if folder is not None:
        forget(folder, {file.record for file in seen if file.record is not None})
    sizes = {file.path: file.size for file in seen if file.size is not None}
    hashes = {file.path: file.sha256_pixels for file in seen if file.sha256_pixels is not None}
    return [
        *problems_of_files(seen, plan.name),
        *problems_of_spaces(plan, {file.path: file.space for file in seen if file.space}, policy),
        *problems_of_formats(plan, {file.path: file.lossy for file in seen if file.size}),
        *problems_of_sizes(plan, sizes),
        *problems_of_copies(plan, hashes),
        *fairness.problems(root),
    ]


def _place(problem: Problem) -> tuple[str, int, str]:
    return problem.path, problem.line or 0, problem.what
