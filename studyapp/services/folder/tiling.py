"""Making the tile packs of a study: those that are missing or outdated, and none when something is wrong."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from analysis.files import LEFTOVERS, file_sha256
from studyapp.batch.pool import Progress, run
from studyapp.errors import Problem, ProblemsFoundError, errors_of
from studyapp.imaging.ingest import ImageFile, TileTask, inspect, make_pack
from studyapp.imaging.pack import PackInfo, write_index
from studyapp.imaging.pack_index import PackError, PackIndex, Source, index_path, read_index
from studyapp.services.folder.image_checks import (
    Size,
    problems_of_file,
    problems_of_sizes,
    reference_size,
    scale_of,
)
from studyapp.services.ground.only_run import only_run
from studyapp.study.folder import FolderPlan, folder_of
from studyapp.study.study_file import Limits

PACKS = "packs"
"""Folder of the packs, under var/."""

Key = tuple[str, str | None]
"""An image and a team or a control (`studyapp.core.hidden_trials`), or None for the input."""


@dataclass(frozen=True)
class TileReport:
    """The packs of a study by (image, team or None for the input); how many were made now, how many kept."""

    packs: dict[Key, PackInfo]
    made: int
    kept: int


def tile_study(
    root: Path,
    plan: FolderPlan,
    *,
    jobs: int | None = None,
    pool: Executor | None = None,
    progress: Progress | None = None,
    max_pixels: int = Limits().max_pixels,
) -> TileReport:
    """Make sure that every input and candidate has its tile pack in var/packs/.

    A pack is kept when it is complete and its source has the recorded size and modification time, or else the
    recorded SHA-256. Everything else is looked at first, and nothing is written unless all of it is right.
    So a new image is decoded twice, for 18 % of the time: to keep the pixels of a whole study from the first
    time to the second takes memory, and to write packs before all is known takes a way to take them back.
    An input that is an exact integer fraction of its candidates is enlarged to their size.

    Parameters
    ----------
    root
        The study folder.
    plan
        Its plan, from `studyapp.study.folder.plan_folder`.
    jobs
        Number of worker processes; as many as there are processors by default.
    pool
        Where to work instead: its workers see the same files under the same paths.
    progress
        Called as ``progress(stage, done, total)`` with the stages "check" and "tile".
    max_pixels
        Largest width x height, from the study's limits.

    Raises
    ------
    ProblemsFoundError
        Naming every error, before anything is written. Warnings do not count.
    StudyStateError
        When another process is tiling this study.
    """
    _refuse(plan.problems)
    sources = _sources(plan)
    kept, touched = _kept(root, sources)
    names = {key: ImageFile(path, plan.name(path), max_pixels) for key, path in sources.items()}
    todo = [names[key] for key in sources if key not in kept]
    seen = list(run(inspect, todo, pool=pool, workers=jobs, stage="check", progress=progress))
    problems = [problem for file in seen for problem in problems_of_file(plan.name(file.path), file)]
    sizes: dict[Path, Size] = {file.path: file.size for file in seen if file.size is not None}
    sizes |= {sources[key]: _native(index) for key, index in kept.items()}
    _refuse([*problems, *problems_of_sizes(plan, sizes)])
    scales = {key: _scale(plan, sizes, key) for key in sources}
    tasks = {
        key: TileTask(names[key], pack_path(root, key), sizes[path], scales[key])
        for key, path in sources.items()
        if key not in kept or kept[key].scale != scales[key]
    }
    with _writing(root, needed=bool(tasks or touched)):
        for key, index in touched.items():
            write_index(index, pack_path(root, key))
        made = run(make_pack, list(tasks.values()), pool=pool, workers=jobs, stage="tile", progress=progress)
        indexes = kept | dict(zip(tasks, made, strict=True))
    packs = {key: _info(root, key, plan.name(path), indexes[key]) for key, path in sources.items()}
    return TileReport(packs, len(tasks), len(sources) - len(tasks))


def pack_path(root: Path, key: Key) -> Path:
    """Return the path of a pack; it never leaves the server, so that it may name its team."""
    image, team = key
    folder = "input" if team is None else folder_of(team)
    return root / "var" / PACKS / folder / f"{image}.pack"


def _sources(plan: FolderPlan) -> dict[Key, Path]:
    shown = set(plan.shown)
    inputs: dict[Key, Path] = {(image, None): path for image, path in plan.inputs.items() if image in shown}
    return inputs | {key: path for key, path in plan.candidates.items() if key[0] in shown}


def _kept(root: Path, sources: Mapping[Key, Path]) -> tuple[dict[Key, PackIndex], dict[Key, PackIndex]]:
    """Return the indexes of packs that are right, and those of them that must note the source's new time."""
    kept, touched = {}, {}
    for key, path in sources.items():
        index = _complete(pack_path(root, key))
        if index is None:
            continue
        status = path.stat()
        now = Source(index.source.sha256, status.st_size, status.st_mtime_ns)
        if now == index.source:
            kept[key] = index
        elif now.size == index.source.size and file_sha256(path) == now.sha256:
            kept[key] = touched[key] = replace(index, source=now)
    return kept, touched


def _complete(pack: Path) -> PackIndex | None:
    if not index_path(pack).exists():
        return None
    try:
        index = read_index(pack)
        return index if pack.stat().st_size == index.size else None
    except (PackError, FileNotFoundError):
        return None


def _native(index: PackIndex) -> Size:
    return index.width // index.scale, index.height // index.scale


def _scale(plan: FolderPlan, sizes: Mapping[Path, Size], key: Key) -> int:
    image, team = key
    if team is not None:
        return 1
    own = sizes[plan.inputs[image]]
    wanted = reference_size(
        own, [sizes[path] for (name, _), path in plan.candidates.items() if name == image]
    )
    return (scale_of(own, wanted) if wanted else None) or 1


def _info(root: Path, key: Key, source: str, index: PackIndex) -> PackInfo:
    return PackInfo(
        path=pack_path(root, key).relative_to(root / "var").as_posix(),
        source=source,
        width=index.width,
        height=index.height,
        scale=index.scale,
        sha256_file=index.source.sha256,
        sha256_pixels=index.sha256_pixels,
    )


def _refuse(problems: list[Problem]) -> None:
    if errors := errors_of(problems):
        raise ProblemsFoundError(sorted(errors, key=lambda problem: problem.path))


@contextmanager
def _writing(root: Path, *, needed: bool) -> Iterator[None]:
    """Hold the only right to write packs, and remove what an interrupted run left half written."""
    if not needed:
        yield
        return
    folder = root / "var" / PACKS
    with only_run(folder, f"tiling {root.name}"):
        for leftover in folder.rglob(LEFTOVERS):
            leftover.unlink(missing_ok=True)
        yield
