"""Scoring a submission: unpacked, looked at, and measured as `studyapp score` measures a team."""

import csv
import hashlib
import io
import json
import os
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from analysis.files import file_sha256, write_whole
from analysis.paired.backends import Tools
from analysis.paired.engine import score_pairs
from analysis.paired.images import Decoder
from analysis.paired.measuring import Pair
from analysis.paired.scores import Scores
from studyapp.batch.pool import Progress, executor, silent
from studyapp.errors import Problem, ProblemsFoundError, StudyError
from studyapp.services.challenge.packages import Package, take_out, wanted_pairs
from studyapp.services.challenge.placing import scratch_folder
from studyapp.services.challenge.submissions import PACKAGE, folder_of
from studyapp.services.ground.scoring_rules import formula_of, further_metrics
from studyapp.services.ground.site import Site
from studyapp.settings import Folders
from studyapp.study.folder import plan_folder
from studyapp.study.study_file import STUDY_FILE, StudyFile, load_study_file

IMAGES, SCORES, README = "images", "scores.csv", "readme.txt"
_WHO = "submission"


@dataclass(frozen=True)
class Work:
    """Where scoring runs, and who is told how far it is."""

    progress: Progress = silent
    workers: int | None = None
    scheduler: str | None = None


def score_submission(site: Site, study: str, number: int, name: str, work: Work) -> dict[str, Any]:
    """Unpack and score a submission; return what came of it, ready for JSON.

    It may be repeated: what it writes depends on the zip and the study alone, and values that were measured
    before are taken from the study's cache.

    Returns
    -------
    dict
        `score` (None when there is none) and `means` of the set; `names`, `image_scores` in the order of
        names; `images`, how many there are; `missing`, what could not be computed and does not belong to the
        score; `formula`, `definitions`; `basis`, a digest of formula, definitions, rules for colours and
        ground truths: scores of equal basis can be compared; `sha256` of the zip; `readme`, `remarks`.

    Raises
    ------
    ProblemsFoundError
        Naming everything that is wrong with the zip or an image.
    StudyError
        When the study cannot be scored here: there are no pairs, or weights are missing.
    """
    root = site.study_root(study)
    file = load_study_file(root / STUDY_FILE)
    folder = folder_of(site, number)
    package = _unpacked(root, folder, name, file, work)
    scores = _scored(site.root, root, file, package, work)
    means = scores.means.to_dict("records")[0]
    metrics = list(scores.definitions)
    _refuse(scores, package)
    _write(folder / SCORES, scores, metrics)
    values = [_value(value) for value in scores.table["score"]]
    score, missing = _value(means["score"]), list(scores.missing)
    if score is None:
        missing.append("the formula has no value for these images")
    return {
        "score": score,
        "means": {metric: _value(means[metric]) for metric in metrics},
        "images": len(values),
        "names": list(scores.table["image"]),
        "image_scores": values,
        "missing": missing,
        "formula": scores.formula.text(),
        "definitions": {name: dict(definition) for name, definition in scores.definitions.items()},
        "basis": _basis(scores, Decoder(file.policy).rules),
        "sha256": file_sha256(folder / PACKAGE),
        "readme": package.readme.plain() if package.readme else {},
        "remarks": [asdict(problem) for problem in package.remarks],
    }


def _unpacked(root: Path, folder: Path, name: str, file: StudyFile, work: Work) -> Package:
    """Unpack into the submission's folder."""
    if not (folder / PACKAGE).is_file():
        raise StudyError(f"{name} is not there any more; hand it in again")
    wanted = wanted_pairs(root, file)
    if not wanted:
        raise StudyError("there are no pairs to score against; the organisers have to add them")
    with scratch_folder(folder, "unpacking") as scratch:
        package = take_out(
            folder / PACKAGE,
            name,
            wanted,
            scratch,
            policy=file.policy,
            progress=work.progress,
            workers=work.workers,
        )
        shutil.rmtree(folder / IMAGES, ignore_errors=True)
        os.replace(scratch, folder / IMAGES)
    images = {image: folder / IMAGES / path.name for image, path in package.images.items()}
    if package.readme is not None:
        write_whole(folder / README, json.dumps(package.readme.plain(), ensure_ascii=False) + "\n")
    return replace(package, images=images)


def _scored(site_root: Path, root: Path, file: StudyFile, package: Package, work: Work) -> Scores:
    """Measure as `studyapp score` does: its formula, columns, decoder and cache."""
    plan = plan_folder(root, file)
    without = [image for image in plan.pairs if image not in plan.pair_truths]
    if without:
        raise StudyError(
            f"there is no ground truth of {', '.join(without[:3])}; the organisers have to add it"
        )
    pairs = [
        Pair(image, plan.pair_truths[image], {_WHO: package.images[image]}, site_root) for image in plan.pairs
    ]
    extra = tuple(dict.fromkeys((*further_metrics(file), *file.extra_metrics)))
    scores = score_pairs(
        pairs,
        formula=formula_of(file),
        extra=extra,
        tools=Tools(),
        cache=Folders(root).metrics_cache,
        open_pool=lambda workers: executor(work.scheduler, workers=workers),
        workers=work.workers,
        decode=Decoder(file.policy),
        progress=work.progress,
    )
    lacking = [name for name in scores.formula.score.names() if name not in scores.definitions]
    if lacking:
        raise StudyError(f"the server cannot compute the score yet: {'; '.join(scores.missing)}")
    return scores


def _refuse(scores: Scores, package: Package) -> None:
    """Name the images that have no value, instead of a score over the others."""
    problems = []
    for row in scores.problems.to_dict("records"):
        path = package.images[row["image"]]
        said = str(row["problem"]).replace(f"{path}: ", "").replace(str(path), path.name)
        what, _, remedy = said.partition("; ")
        problems.append(Problem(path.name, what, remedy or "look at the image, and hand it in again"))
    if problems:
        raise ProblemsFoundError(problems)


def _write(path: Path, scores: Scores, metrics: list[str]) -> None:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["image", *metrics, "score", "sha256"])
    table = scores.table.merge(scores.files, on=["team", "image"], how="left")
    for row in table.to_dict("records"):
        rows.writerow([row["image"], *(row[name] for name in (*metrics, "score", "sha256"))])
    write_whole(path, text.getvalue(), private=True)


def _basis(scores: Scores, pixels: str) -> str:
    said = {
        "formula": scores.formula.plain(),
        # A column that is added leaves scores as they are.
        "definitions": [dict(scores.definitions[name]) for name in scores.formula.score.names()],
        "pixels": pixels,
        "truths": dict(zip(scores.files["image"], scores.files["gt_sha256"], strict=True)),
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def _value(value: float) -> float | None:
    return None if value != value else float(value)  # noqa: PLR0124 (not a number)
