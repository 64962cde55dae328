"""`studyapp score --unpaired`: metrics of the very images that judges see, kept in var/unpaired."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.errors import AnalysisError
from analysis.files import file_sha256, write_whole
from analysis.imaging.decoder import decoder
from analysis.json_text import read_json
from analysis.metrics_against_judges.table import read_metrics
from analysis.paired.engine import score_candidates
from analysis.paired.images import Decoder
from analysis.paired.measuring import Pair
from studyapp.batch.pool import Progress, executor, silent
from studyapp.errors import StudyError
from studyapp.services.ground.only_run import only_run
from studyapp.services.paired.score_files import (
    DEFINITIONS,
    FILES,
    IMAGES,
    changed_files,
    describe_files,
    known_file,
    marker,
)
from studyapp.services.paired.scoring import ScoringChoice
from studyapp.settings import Folders
from studyapp.study.folder import FolderPlan, plan_folder
from studyapp.study.study_file import STUDY_FILE, StudyFile, load_study_file

NAMES = (IMAGES, DEFINITIONS, FILES)
METRICS = ("niqe", "brisque_opencv")
"""Without a reference, and computed without weights: what is measured where nobody asks for others."""
_AGAIN = "run `studyapp score DIR --unpaired` again"


@dataclass(frozen=True)
class CandidateMetrics:
    """What is in var/unpaired.

    Attributes
    ----------
    table
        A row for each team and image that judges see: team, image, the metrics, sha256.
    about
        Definitions of the metrics, what is missing and why; ready for JSON.
    files
        Path in the study folder -> sha256, size, mtime_ns of the file when it was measured.
    """

    table: pd.DataFrame
    about: Mapping[str, Any]
    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def score_unpaired(
    root: Path, choice: ScoringChoice, *, progress: Progress | None = None
) -> tuple[CandidateMetrics, list[Path]]:
    """Measure the candidates of a study folder; return what was found and the files that were written.

    Values are kept in var/cache/metrics, as those of pairs are.

    Raises
    ------
    StudyError
        When there is nothing to measure, a metric needs a ground truth or cannot be had, or another process
        is scoring.
    """
    root = root.resolve()  # a cluster's workers run in folders of their own
    file, folders = load_study_file(root / STUDY_FILE), Folders(root)
    with only_run(folders.metrics_cache, f"scoring {root.name}"):
        images = _images(plan_folder(root, file), file)
        before = describe_files(root, [path for image in images for path in image.files])
        decode = Decoder(file.policy)
        try:
            found = score_candidates(
                images,
                list(dict.fromkeys((*(choice.metrics or METRICS), *choice.extra))),
                tools=choice.tools,
                cache=folders.metrics_cache,
                open_pool=lambda workers: executor(choice.scheduler, workers=workers),
                workers=choice.workers,
                decode=decode,
                progress=progress or silent,
            )
        except AnalysisError as error:
            raise StudyError(str(error)) from error
        if not found.definitions:
            raise StudyError("; ".join(found.missing))
        said = found.as_dict()
        for name, key in (("problems", "problem"), ("notes", "note")):
            said[name] = [{**row, key: row[key].replace(f"{root}/", "")} for row in said[name]]
        measured = CandidateMetrics(
            found.table,
            {"pixels": decode.rules, "decoder": decoder(), **said},
            _files(root, images, found.table, before),
        )
        return measured, write_unpaired(folders.unpaired, measured)


def _images(plan: FolderPlan, file: StudyFile) -> list[Pair]:
    """The candidates of teams on the images that count; practice, references and anchors are not compared."""
    found = []
    for image in plan.images:
        results = {
            team.id: plan.candidates[image, team.id]
            for team in file.teams
            if (image, team.id) in plan.candidates
        }
        if results:
            found.append(Pair(image, None, results, plan.root))
    return found


def _files(
    root: Path, images: list[Pair], table: pd.DataFrame, before: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """What was read, by path, with the hashes of the very bytes that were decoded."""
    by_image = {image.image: image for image in images}
    found = {}
    for row in table.to_dict("records"):
        name = by_image[row["image"]].results[row["team"]].relative_to(root).as_posix()
        if row["sha256"] and name in before:
            found[name] = {**before[name], "sha256": row["sha256"]}
    return found


def write_unpaired(folder: Path, measured: CandidateMetrics) -> list[Path]:
    """Write var/unpaired; files.json comes last and says which tables belong together."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        IMAGES: measured.table.to_csv(index=False, lineterminator="\n"),
        DEFINITIONS: json.dumps(measured.about, indent=2, ensure_ascii=False) + "\n",
    }
    whole = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
    texts[FILES] = marker(whole, measured.files)
    return [write_whole(folder / name, text) for name, text in texts.items()]


def read_unpaired(folder: Path) -> CandidateMetrics | None:
    """Read var/unpaired; None where nothing has been measured.

    Raises
    ------
    StudyError
        When the files do not belong together: a run was interrupted while writing, or one was edited.
    """
    if not (folder / FILES).exists():
        return None
    try:
        about_files = read_json((folder / FILES).read_text(encoding="utf-8"))
        if set(about_files["tables"]) != {IMAGES, DEFINITIONS}:
            raise ValueError(f"{FILES} does not name {IMAGES} and {DEFINITIONS}")
        for name, digest in about_files["tables"].items():
            if file_sha256(folder / name) != digest:
                raise StudyError(f"{folder / name} is not what `studyapp score` wrote; {_AGAIN}")
        about = read_json((folder / DEFINITIONS).read_text(encoding="utf-8"))
        _ = [(row["name"], row["better"]) for row in about["metrics"]], about["problems"], about["pixels"]
        files = {name: known_file(then) for name, then in about_files["files"].items()}
        return CandidateMetrics(read_metrics(folder / IMAGES), about, files)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, AnalysisError) as error:
        raise StudyError(f"{folder} cannot be read ({error}); {_AGAIN}") from error


def refuse_stale(root: Path, measured: CandidateMetrics, file: StudyFile) -> None:
    """Refuse metrics of candidates that changed since, or that are read by other rules now.

    Raises
    ------
    StudyError
        Naming the first of them; a file that is gone is no change.
    """
    if measured.about["pixels"] != Decoder(file.policy).rules:
        raise StudyError(f"candidates were measured by other rules for their colours; {_AGAIN}")
    changed, _ = changed_files(root, measured.files)
    different = [item for item in changed if not item.endswith("is gone")]
    if different:
        raise StudyError(f"candidates changed since they were measured: {different[0]}; {_AGAIN}")
