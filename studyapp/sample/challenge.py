"""The sample challenge: a site of two tracks, and what its simulated teams hand in.

Teams and judges are the same in both; pictures, questions, rule and ranking are each track's own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from analysis.files import write_whole
from studyapp.batch.pool import Progress
from studyapp.sample.build import Task, given, write_all, write_judges
from studyapp.sample.costs import COSTS
from studyapp.sample.entries import ENTRIES, Entry
from studyapp.sample.photographs import require_demo_extra
from studyapp.sample.scenes import SEED, Scene, Size
from studyapp.study.site_file import SITE_FILE
from studyapp.study.study_file import STUDY_FILE

FEEDBACK, FINAL = "feedback", "final"
WORK = "handed-in"
SHOWS = "[metrics, affiliation, runtime, submissions]"
S2 = "20*psnr/50 + 15*(ssim-0.5)/0.5 + 30*(1-niqe/10)"
README = """\
runtime per image [s] : {seconds:.3f}
CPU[1] / GPU[0] : 1
Extra Data [1] / No Extra Data [0] : 0
Other description : {method}; a simulated team
"""


@dataclass(frozen=True)
class SampleTrack:
    """A track of the sample challenge.

    Attributes
    ----------
    asking, rules
        Lines of study.yaml.
    teams
        How many of the sample's teams take part, the first ones.
    top
        How many of those go to the final phase.
    counts
        Which of a team's submissions stands on the leaderboard.
    """

    name: str
    title: Mapping[str, str]
    scenes: tuple[Scene, ...]
    asking: tuple[str, ...]
    rules: tuple[str, ...]
    teams: int
    top: int
    counts: str
    has_costs: bool

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The teams that take part."""
        return ENTRIES[: self.teams]

    def originals(self) -> dict[str, np.ndarray]:
        """Return the undamaged pixels of every image that judges see."""
        return {scene.image: scene.original() for scene in self.scenes if scene.role != "paired"}


_EVERYDAY = (
    Scene("000", "practice", "motorcycle-right", (360, 40, 256, 256)),
    Scene("001", "unpaired", "astronaut", (130, 0, 320, 256)),
    Scene("002", "unpaired", "chelsea", (60, 30, 320, 256)),
    Scene("003", "unpaired", "rocket", (200, 120, 400, 300)),
    Scene("004", "unpaired", "coffee", (0, 0, 400, 400)),
    Scene("005", "unpaired", "motorcycle", (0, 0, 480, 400)),
    Scene("101", "paired", "motorcycle-right", (0, 40, 256, 256)),
    Scene("102", "paired", "coffee", (400, 100, 200, 256)),
    Scene("103", "paired", "rocket", (0, 0, 200, 256)),
)
_SCIENCE = (
    Scene("000", "practice", "ihc", (256, 256, 256, 256)),
    Scene("001", "unpaired", "hubble", (0, 0, 400, 300)),
    Scene("002", "unpaired", "retina", (240, 400, 400, 400)),
    Scene("003", "unpaired", "ihc", (0, 0, 256, 256)),
    Scene("004", "unpaired", "retina", (860, 240, 400, 400)),
    Scene("101", "paired", "hubble", (600, 0, 256, 256)),
    Scene("102", "paired", "ihc", (256, 0, 256, 256)),
    Scene("103", "paired", "retina", (400, 1000, 256, 256)),
)


def sample_tracks(size: Size) -> tuple[SampleTrack, ...]:
    """Return the two tracks; the small ones, for tests, have fewer images and teams."""
    full = size == "full"
    return (
        SampleTrack(
            "everyday",
            {"en": "Everyday photographs (simulated)", "zh_Hans": "日常照片（模拟）"},
            _EVERYDAY if full else _few(_EVERYDAY),
            (),
            (f'  s2: {{per: image, score: "{S2}"}}', "  final: raim-2025"),
            teams=7 if full else 5,
            top=5 if full else 4,
            counts="last",
            has_costs=True,
        ),
        SampleTrack(
            "science",
            {"en": "Scientific images (simulated)", "zh_Hans": "科学图像（模拟）"},
            _SCIENCE if full else _few(_SCIENCE),
            ("protocol:", "  kind: ranking"),
            ("  s2: {per: image, score: psnr}", '  final: "s2 + 70*minmax(u)"'),
            teams=6 if full else 4,
            top=5 if full else 3,
            counts="best",
            has_costs=False,
        ),
    )


def build_sample_site(root: Path, size: Size, *, now: datetime, progress: Progress | None = None) -> None:
    """Write the site: inputs and ground truths of both tracks, judges, and a feedback phase that is open.

    Site.yaml is written last: with it the site is complete.
    """
    require_demo_extra()
    tracks = {root / "studies" / track.name: track for track in sample_tracks(size)}
    tasks = [
        task for study, track in tracks.items() for scene in track.scenes for task in given(study, scene)
    ]
    write_all([("building inputs", tasks)], None, progress)
    for study, track in tracks.items():
        # As many as teams, or twice as many: each team stands in each slot equally often.
        write_judges(study / "judges.csv", 10 if size == "full" else 4)
        (study / STUDY_FILE).write_text(_study_yaml(track), encoding="utf-8")
    soon = now + timedelta(days=7)
    write_site(root, size, {FEEDBACK: (now, soon), FINAL: (soon, soon + timedelta(days=7))})


def write_site(root: Path, size: Size, times: Mapping[str, tuple[datetime, datetime]]) -> None:
    """Write site.yaml, with the times of the phases; both tracks have the same."""
    lines = [
        "title: Sample challenge (simulated)",
        "challenge:",
        "  description: |",
        "    Everything here is SIMULATED: teams are programs with classical methods, judges are programs.",
        "    Only the photographs are real. Nothing here says anything about anybody.",
        "  registration: approval",
        "  tracks:",
    ]
    for track in sample_tracks(size):
        lines += [f"    {track.name}:", f"      top: {track.top}", "      results: public", "      phases:"]
        for name, about in (
            (FEEDBACK, f"title: Online feedback, counts: {track.counts}, shows: {SHOWS}"),
            (FINAL, "title: Final phase, kind: final"),
        ):
            opens, closes = (moment.isoformat() for moment in times[name])
            lines.append(f"        {name}: {{{about}, opens: {opens!r}, closes: {closes!r}}}")
    write_whole(root / SITE_FILE, "\n".join(lines) + "\n")


@dataclass(frozen=True)
class HandIn:
    """What a team hands in for a phase: folders, one after the other."""

    track: SampleTrack
    entry: Entry
    folders: tuple[Path, ...]


def make_hand_ins(
    site: Path,
    phase: str,
    tracks: Sequence[SampleTrack],
    who: Mapping[str, Sequence[Entry]],
    progress: Progress | None = None,
) -> list[HandIn]:
    """Let the teams of each track restore what is asked for in a phase, unless they have.

    At first they hand in the inputs as they are, as teams do to see how it works; one of them leaves out an
    image there. Then what its method makes of them.

    Parameters
    ----------
    site
        The folder of the site; what teams hand in is made in its folder handed-in.
    who
        The teams that take part, by track.
    """
    made, tasks, unfinished = [], [], []
    for track in tracks:
        for entry in who[track.name]:
            methods = {2: entry.method}
            if phase == FEEDBACK and entry.method != "the input itself":
                methods = {1: "the input itself"} | methods
            folders = tuple(site / WORK / f"{track.name}-{phase}-{entry.id}-{number}" for number in methods)
            made.append(HandIn(track, entry, folders))
            for folder, method in zip(folders, methods.values(), strict=True):
                if folder.exists():
                    continue
                unfinished.append((folder, method, entry))
                tasks += _results(site / "studies" / track.name, track, phase, _partial(folder), method)
    write_all([("restoring", tasks)], None, progress)
    for folder, method, entry in unfinished:
        partial = _partial(folder)
        if phase == FEEDBACK and entry == ENTRIES[0] and method != entry.method:
            min(partial.glob("*.png")).unlink()
        readme = README.format(seconds=max(COSTS[method].time_ms / 1000, 0.001), method=method)
        (partial / "readme.txt").write_text(readme, encoding="utf-8")
        partial.rename(folder)
    return made


def _results(study: Path, track: SampleTrack, phase: str, folder: Path, method: str) -> list[Task]:
    given = study / "paired/input" if phase == FEEDBACK else study / "input"
    return [
        Task(scene, folder / f"{scene.image}.png", method, given / f"{scene.image}.png")
        for scene in track.scenes
        if (scene.role == "paired") == (phase == FEEDBACK)
    ]


def _partial(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}")


def _few(scenes: tuple[Scene, ...]) -> tuple[Scene, ...]:
    return tuple(scene for scene in scenes if scene.image in ("000", "001", "002", "101", "102"))


def _study_yaml(track: SampleTrack) -> str:
    return "\n".join(
        [
            "# A track of the sample challenge. Photographs come with the scikit-image package and are",
            "# degraded by blur, noise and JPEG. Teams and judges are programs: every vote is simulated.",
            "title:",
            *(f'  {language}: "{text}"' for language, text in track.title.items()),
            f"seed: {SEED}",
            "simulated: true",
            'practice: "000"',
            *track.asking,
            "# S2 is reduced: without LPIPS and DISTS it needs neither PyTorch nor a download.",
            "rules:",
            *track.rules,
            "teams: []",
            "",
        ]
    )
