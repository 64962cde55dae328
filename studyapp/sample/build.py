"""Build the sample study: photographs, damaged and restored, in a complete study folder."""

import csv
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from PIL import Image

from studyapp.batch.pool import Progress, executor, run
from studyapp.errors import StudyError
from studyapp.protocols import KINDS, Protocol
from studyapp.sample.costs import measures_csv
from studyapp.sample.entries import ENTRIES, JUDGES, judge_rows
from studyapp.sample.photographs import require_demo_extra
from studyapp.sample.scenes import SEED, Scene, Size, scenes
from studyapp.study.study_file import STUDY_FILE

JOINED = (
    "# All three parts are combined by the rule of RAIM 2025, but S2 is reduced: without LPIPS and DISTS it",
    "# needs neither PyTorch nor a download. Its values cannot be compared with a full SCORE.",
    "rules:",
    '  s2: {per: image, score: "20*psnr/50 + 15*(ssim-0.5)/0.5 + 30*(1-niqe/10)"}',
    "  final: raim-2025",
)
ASKING = {
    "ranking": ("kind: ranking",),
    # A third of the 21 pairs of ten images: the judges deal all of them out more than four times.
    "pairwise": ("kind: pairwise", "design: balanced", "pairs_per_judge: 70", "identical: 2"),
    "acr": ("kind: acr",),
    "acr_hr": ("kind: acr_hr",),
    "dcr": ("kind: dcr",),
    "slider": ("kind: slider", "reference: true", "anchor: true"),
}
"""What study.yaml says under `protocol:`; nothing where judges pick the best three."""
TITLE = {
    "en": "Sample study: seven classical methods (simulated)",
    "zh_Hans": "样例评测：七种经典方法（模拟）",
}


def build_sample_study(
    root: Path,
    *,
    size: Size = "full",
    kind: str = "top_k",
    workers: int | None = None,
    progress: Progress | None = None,
) -> None:
    """Write a complete study folder made of real photographs.

    The same call writes the same bytes. The folder appears under its name only when it is complete. The
    originals of the unpaired images are left out of it, unless judges see them as references:
    `sample_originals` computes them again.

    Parameters
    ----------
    root
        The folder to make; it may exist if it is empty.
    size
        "full" (ten unpaired images, one of them of 12 megapixels, and four pairs) or "small" (three and
        one, for tests).
    kind
        How judges are asked. Paired images and the models' costs are there for votes, whose ranking they
        join.
    workers
        Processes to use; by default one for each processor.
    progress
        Called with the stage, the number of images written in it, and of all of them.

    Raises
    ------
    StudyError
        When the folder is not empty, or scikit-image, OpenCV or PyWavelets is missing.
    """
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise StudyError(f"{root} is not empty; choose a new folder for the sample study")
    require_demo_extra()
    partial = root.with_name(f".{root.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    joined = KINDS[kind].table == "votes"
    chosen = tuple(scene for scene in scenes(size) if joined or scene.role != "paired")
    _write_images(partial, chosen, kind, workers, progress)
    write_judges(partial / "judges.csv")
    if joined:
        methods = {entry.id: entry.method for entry in ENTRIES}
        (partial / "measures.csv").write_text(measures_csv(methods), encoding="utf-8", newline="\n")
    text = study_yaml(size, kind=kind, joined=joined)
    (partial / STUDY_FILE).write_text(text, encoding="utf-8")
    partial.rename(root)


def sample_originals(size: Size = "full") -> dict[str, np.ndarray]:
    """Return the undamaged pixels (uint8, height x width x 3) of every image that judges see, by image."""
    return {scene.image: scene.original() for scene in scenes(size) if scene.role != "paired"}


def study_yaml(
    size: Size,
    *,
    kind: str = "top_k",
    title: Mapping[str, str] = TITLE,
    simulated: bool = True,
    joined: bool = True,
) -> str:
    """Return the text of the sample study's study.yaml; `joined` is false for the votes alone."""
    practice = next(scene.image for scene in scenes(size) if scene.role == "practice")
    lines = [
        "# The photographs come with the scikit-image package and are degraded by blur, noise and JPEG.",
        "# The teams are fictitious; each uses one classical method.",
        *(["# The judges are programs: every vote is simulated."] if simulated else []),
        "title:",
        *(f'  {language}: "{text}"' for language, text in title.items()),
        f"seed: {SEED}",
        f"simulated: {str(simulated).lower()}",
        f'practice: "{practice}"',
        *(["protocol:", *(f"  {line}" for line in ASKING[kind])] if kind in ASKING else []),
        *(JOINED if joined else []),
        "teams:",
    ]
    for entry in ENTRIES:
        lines += [f"  - id: {entry.id}  # {entry.method}", f"    name: {entry.name}"]
    return "\n".join(lines) + "\n"


def _protocol(kind: str) -> Protocol[Any]:
    settings = yaml.safe_load("\n".join(ASKING.get(kind, ("kind: top_k",))))
    return KINDS[kind].model_validate(settings)


@dataclass(frozen=True)
class Task:
    """One file to write: the original of a scene, its input, its anchor, or a method's result."""

    scene: Scene
    path: Path
    method: str | None = None
    source: Path | None = None

    def __str__(self) -> str:
        return str(self.path)


def _write_images(
    root: Path, chosen: tuple[Scene, ...], kind: str, workers: int | None, progress: Progress | None
) -> None:
    protocol = _protocol(kind)
    first, second = [], []
    # The largest scene goes first, so that no worker is left alone with it at the end.
    for scene in sorted(chosen, key=lambda scene: scene.box[2] * scene.box[3], reverse=True):
        base, name = (root / "paired" if scene.role == "paired" else root), f"{scene.image}.png"
        first += given(root, scene)
        for control, method in (("reference", None), ("anchor", "spoil")):
            practised = scene.role == "practice" and control in protocol.controls
            if scene.role != "paired" and (practised or control in protocol.needs):
                first.append(Task(scene, base / control / name, method))
        second += [
            Task(scene, base / "teams" / entry.id / name, entry.method, base / "input" / name)
            for entry in ENTRIES
        ]
    write_all((("building inputs", first), ("building candidates", second)), workers, progress)


def given(root: Path, scene: Scene) -> list[Task]:
    """Return what makes the organisers' files of a scene: its input, and the ground truth of a pair."""
    base, name = (root / "paired" if scene.role == "paired" else root), f"{scene.image}.png"
    made = [Task(scene, base / "input" / name, method="damage")]
    return [*made, Task(scene, base / "gt" / name)] if scene.role == "paired" else made


def write_all(
    stages: Sequence[tuple[str, Sequence[Task]]], workers: int | None, progress: Progress | None
) -> None:
    """Write files, one stage after the other."""
    for task in (task for _, tasks in stages for task in tasks):
        task.path.parent.mkdir(parents=True, exist_ok=True)
    with executor(workers=workers) as pool:
        for stage, tasks in stages:
            for _ in run(_write_image, tasks, pool=pool, stage=stage, progress=progress):
                pass


def _write_image(task: Task) -> None:
    import cv2

    from studyapp.sample.degrade import degrade, spoil
    from studyapp.sample.restore import METHODS

    cv2.setNumThreads(1)  # one process for each processor already
    if task.source is not None:
        with Image.open(task.source) as image:
            pixels = METHODS[task.method or ""](np.asarray(image))
    elif task.method == "damage":
        pixels = degrade(task.scene.original(), rng=np.random.default_rng([SEED, int(task.scene.image)]))
    else:
        pixels = task.scene.original()
        pixels = spoil(pixels) if task.method == "spoil" else pixels
    Image.fromarray(pixels).save(task.path, "PNG", compress_level=1)


def write_judges(path: Path, count: int = JUDGES) -> None:
    """Write judges.csv with the simulated judges."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["name", "email", "conflicts"])
        writer.writerows(judge_rows()[:count])
