"""Whether every team's images are shown under the same conditions: what sets a team's apart, as warnings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from analysis.preflight.evidence import Evidence, Measured, measure
from analysis.preflight.finding import Finding
from analysis.preflight.findings import findings
from studyapp.core.hidden_trials import CONTROLS, KNOWN_WORSE
from studyapp.errors import Problem
from studyapp.imaging.ingest import ImageFile, Inspection, inspect
from studyapp.study.folder import FolderPlan, inputs_folder

_APART = {KNOWN_WORSE, *CONTROLS}
_REFERENCE = CONTROLS[0]


@dataclass(frozen=True)
class Together:
    """Files to look at in one go: those of an image, to be compared, or one that belongs to none.

    Attributes
    ----------
    image
        Its name; None for a file that belongs to none.
    paired
        Whether it is among the paired images.
    source, truth
        Its input, and its ground truth (or reference).
    candidates
        By team.
    others
        Files that are looked at and not compared.
    """

    image: str | None = None
    paired: bool = False
    source: ImageFile | None = None
    truth: ImageFile | None = None
    candidates: Mapping[str, ImageFile] = field(default_factory=dict)
    others: tuple[ImageFile, ...] = ()

    @property
    def files(self) -> list[ImageFile]:
        """All of them."""
        given = (self.source, self.truth, *self.candidates.values(), *self.others)
        return [file for file in given if file is not None]

    def __str__(self) -> str:
        return str(self.files[0])


@dataclass(frozen=True)
class Looked:
    """What was seen in files that were looked at together: of each, without its sketch, and by comparing."""

    seen: tuple[Inspection, ...]
    measured: Measured | None


def look(together: Together) -> Looked:
    """Inspect files and compare them; in a worker process, so that no picture travels."""
    seen = {file.path: inspect(file) for file in together.files}
    sketches = {path: one.sketch for path, one in seen.items()}
    measured = None
    if together.image is not None:
        known = {team: sketches[file.path] for team, file in together.candidates.items()}
        measured = measure(
            sketches[together.source.path] if together.source else None,
            {team: one for team, one in known.items() if one is not None},
            sketches[together.truth.path] if together.truth else None,
        )
    return Looked(tuple(replace(one, sketch=None) for one in seen.values()), measured)


def files_together(plan: FolderPlan, file: Callable[[Path], ImageFile]) -> list[Together]:
    """Return all files of a plan, those of an image together; `file` makes the task for each."""
    images = [*_shown(plan, file), *_paired(plan, file)]
    compared = {one.path for together in images for one in together.files}
    rest = sorted(set(plan.files) - compared)
    return [*images, *(Together(others=(file(path),)) for path in rest)]


class Fairness:
    """What is known of all images so far: numbers, and no pictures."""

    def __init__(self) -> None:
        self._evidence = {False: Evidence(), True: Evidence()}

    def take(self, together: Together, found: Looked) -> None:
        """Take in what was seen in the files of an image."""
        if together.image is not None and found.measured is not None:
            self._evidence[together.paired].take(together.image, found.measured)

    def problems(self, root: Path) -> list[Problem]:
        """Return a warning for each team and kind of fault."""
        return [
            _problem(finding, root, "paired/" if paired else "")
            for paired, evidence in self._evidence.items()
            for finding in findings(evidence)
        ]


def _shown(plan: FolderPlan, file: Callable[[Path], ImageFile]) -> list[Together]:
    return [
        Together(
            image,
            False,
            _maybe(file, plan.inputs.get(image)),
            _maybe(file, plan.candidates.get((image, _REFERENCE))),
            {
                team: file(path)
                for (name, team), path in plan.candidates.items()
                if name == image and team not in _APART
            },
        )
        for image in plan.shown
    ]


def _paired(plan: FolderPlan, file: Callable[[Path], ImageFile]) -> list[Together]:
    return [
        Together(
            image,
            True,
            _maybe(file, plan.pair_inputs.get(image)),
            _maybe(file, plan.pair_truths.get(image)),
            {team: file(path) for (name, team), path in plan.pair_candidates.items() if name == image},
        )
        for image in plan.pairs
    ]


def _maybe(file: Callable[[Path], ImageFile], path: Path | None) -> ImageFile | None:
    return None if path is None else file(path)


def _problem(finding: Finding, root: Path, folder: str) -> Problem:
    path = inputs_folder(root, folder) if finding.team is None else f"{folder}teams/{finding.team}"
    return Problem(
        path,
        finding.what,
        finding.remedy,
        severity="warning",
        kind=finding.kind,
        images=finding.images,
        other=finding.other,
        mark=finding.mark,
    )
