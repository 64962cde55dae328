"""Whether every team's images are shown under the same conditions: what sets a team's apart, as warnings."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from analysis.preflight.evidence import Evidence
from analysis.preflight.finding import Finding
from analysis.preflight.findings import findings
from analysis.preflight.sketch import Sketch
from studyapp.core.hidden_trials import CONTROLS, KNOWN_WORSE
from studyapp.errors import Problem
from studyapp.imaging.ingest import Inspection
from studyapp.study.folder import FolderPlan

_APART = {KNOWN_WORSE, *CONTROLS}
_REFERENCE = CONTROLS[0]


@dataclass(frozen=True)
class _Files:
    """The files of one image: its input, ground truth (or reference), and each team's candidate."""

    image: str
    paired: bool
    source: Path | None
    truth: Path | None
    candidates: Mapping[str, Path]

    @property
    def all(self) -> list[Path]:
        return [path for path in (self.source, self.truth, *self.candidates.values()) if path is not None]


class Fairness:
    """Compares candidates while their files are looked at; pictures are dropped when their image is done.

    Attributes
    ----------
    files
        The plan's files in the order in which they should be looked at: those of an image after each other.
    """

    def __init__(self, plan: FolderPlan) -> None:
        images = [*_shown(plan), *_paired(plan)]
        first = [path for files in images for path in files.all]
        self.files = [*first, *sorted(set(plan.files) - set(first))]
        self._image_of = {path: files for files in images for path in files.all}
        self._missing = {(files.paired, files.image): set(files.all) for files in images}
        self._sketches: dict[Path, Sketch] = {}
        self._evidence = {False: Evidence(), True: Evidence()}

    def add(self, seen: Inspection) -> None:
        """Take in a file that was looked at."""
        files = self._image_of.get(seen.path)
        if files is None:
            return
        if seen.sketch is not None:
            self._sketches[seen.path] = seen.sketch
        missing = self._missing[files.paired, files.image]
        missing.discard(seen.path)
        if not missing:
            sketches = {path: self._sketches.pop(path, None) for path in files.all}
            self._compare(files, sketches)

    def problems(self) -> list[Problem]:
        """Return a warning for each team and kind of fault."""
        return [
            _problem(finding, "paired/" if paired else "")
            for paired, evidence in self._evidence.items()
            for finding in findings(evidence)
        ]

    def _compare(self, files: _Files, sketches: Mapping[Path, Sketch | None]) -> None:
        known = {team: sketches[path] for team, path in files.candidates.items()}
        self._evidence[files.paired].add(
            files.image,
            sketches[files.source] if files.source else None,
            {team: sketch for team, sketch in known.items() if sketch is not None},
            sketches[files.truth] if files.truth else None,
        )


def _shown(plan: FolderPlan) -> list[_Files]:
    return [
        _Files(
            image,
            False,
            plan.inputs.get(image),
            plan.candidates.get((image, _REFERENCE)),
            {
                team: path
                for (name, team), path in plan.candidates.items()
                if name == image and team not in _APART
            },
        )
        for image in plan.shown
    ]


def _paired(plan: FolderPlan) -> list[_Files]:
    return [
        _Files(
            image,
            True,
            plan.pair_inputs.get(image),
            plan.pair_truths.get(image),
            {team: path for (name, team), path in plan.pair_candidates.items() if name == image},
        )
        for image in plan.pairs
    ]


def _problem(finding: Finding, folder: str) -> Problem:
    path = f"{folder}input" if finding.team is None else f"{folder}teams/{finding.team}"
    return Problem(
        path, finding.what, finding.remedy, severity="warning", kind=finding.kind, images=finding.images
    )
