"""Final results: a team's images for those that judges see, checked and put into the study as its candidates.

Each upload replaces the one before it as a whole; one that has problems leaves that as it is.
"""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from analysis.files import file_sha256
from studyapp.batch.pool import run
from studyapp.db.site_tables import Entry
from studyapp.errors import Problem, StudyError
from studyapp.imaging.ingest import ImageFile
from studyapp.services.challenge.packages import Package, take_out, wanted_finals
from studyapp.services.challenge.placing import put_in_place, scratch_folder
from studyapp.services.challenge.scoring import Work
from studyapp.services.challenge.submissions import PACKAGE, final_of, folder_of, the_submission
from studyapp.services.folder.fairness import Fairness, files_together, look
from studyapp.services.folder.frozen import refuse_frozen_folder
from studyapp.services.folder.image_checks import problems_of_copies, problems_of_spaces
from studyapp.services.folder.seen import seen_folder
from studyapp.services.ground.site import Site
from studyapp.study.folder import plan_folder
from studyapp.study.study_file import STUDY_FILE, StudyFile, load_study_file


def take(site: Site, number: int, work: Work) -> dict[str, Any]:
    """Check a submission of final results, and make it the team's folder of the study.

    It may be repeated. Of the jobs that write the study's folder one runs at a time; one that comes again
    after a later submission was taken changes nothing.

    Returns
    -------
    dict
        `images`, how many there are; `names`; `remarks`; `readme`; `sha256` of the zip; no `score`.

    Raises
    ------
    ProblemsFoundError
        Naming everything that is wrong with the zip or an image.
    StudyError
        When the study takes no results of this team, or judges are invited.
    """
    with site.database.reading() as session:
        submission = the_submission(session, number)
        entry = session.get(Entry, (submission.team_id, submission.track))
        in_study = final_of(session, submission.team_id, submission.track)
    if entry is None or entry.study_team is None:
        raise StudyError("the team is not among those of the final phase")
    root, folder = site.study_root(submission.track), folder_of(site, number)
    refuse_frozen_folder(root)
    if not (folder / PACKAGE).is_file():
        raise StudyError(f"{submission.name} is not there any more; hand it in again")
    file = load_study_file(root / STUDY_FILE)
    if not (wanted := wanted_finals(root, file)):
        raise StudyError("the study has no images yet; the organisers have to add them")
    with scratch_folder(root / "var", "final") as scratch:
        images = scratch / entry.study_team
        images.mkdir()
        package = take_out(
            folder / PACKAGE,
            submission.name,
            wanted,
            images,
            policy=file.policy,
            progress=work.progress,
            workers=work.workers,
        )
        remarks = [*package.remarks, *_compared(root, file, entry.study_team, package, work)]
        if in_study is None or in_study <= number:
            put_in_place(images, root / "teams" / entry.study_team)
    return {
        "score": None,
        "images": len(package.images),
        "names": sorted(package.images),
        "remarks": [asdict(problem) for problem in remarks],
        "readme": package.readme.plain() if package.readme else {},
        "sha256": file_sha256(folder / PACKAGE),
    }


def _compared(root: Path, file: StudyFile, team: str, package: Package, work: Work) -> list[Problem]:
    """What `studyapp check` remarks on these images beside the inputs; of other teams it says nothing."""
    known = seen_folder(root)
    candidates = {(image, team): path for image, path in package.images.items()}
    plan = replace(plan_folder(root, file), candidates=candidates, pairs=(), pair_candidates={})
    tasks = [
        task
        for task in files_together(plan, lambda path: ImageFile(path, path.name, file.policy, known))
        if task.image is not None
    ]
    fairness, hashes, spaces = Fairness(), {}, {}
    looked = run(look, tasks, workers=work.workers, stage="compare", progress=work.progress)
    for task, found in zip(tasks, looked, strict=True):
        fairness.take(task, found)
        spaces |= {seen.path: seen.space for seen in found.seen if seen.space is not None}
        hashes |= {seen.path: seen.sha256_pixels for seen in found.seen if seen.sha256_pixels is not None}
    told = [
        *problems_of_spaces(plan, spaces, file.policy),
        *problems_of_copies(plan, hashes),
        *fairness.problems(plan.root),
    ]
    return [
        replace(
            problem,
            path="images",
            severity="warning",
            remedy="look whether that is meant; if not, hand in others",
        )
        for problem in told
        if problem.path == f"teams/{team}"
    ]
