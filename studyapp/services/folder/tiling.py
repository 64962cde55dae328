"""Making the tile packs of a study: those that are missing or outdated, and none when something is wrong."""

from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from analysis.files import LEFTOVERS, file_sha256
from analysis.imaging import USUAL, Policy
from analysis.imaging.scale import Size, scale_of
from studyapp.batch.pool import Progress, run
from studyapp.errors import Problem, ProblemsFoundError, errors_of
from studyapp.imaging.ingest import ImageFile, TileTask, glance, make_pack
from studyapp.imaging.pack import PackInfo, write_index
from studyapp.imaging.pack_index import PackError, PackIndex, Source, index_path, read_index
from studyapp.services.folder.image_checks import (
    problems_of_files,
    problems_of_sizes,
    problems_of_spaces,
    reference_size,
)
from studyapp.services.folder.seen import seen_folder
from studyapp.services.ground.only_run import only_run
from studyapp.study.folder import FolderPlan, folder_of

PACKS = "packs"
"""Folder of the packs, under var/."""
AGAIN = "again-"
"""Within it, the folders of packs of images that changed, and a number."""

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
    policy: Policy = USUAL,
) -> TileReport:
    """Make sure that every input and candidate has its tile pack in var/packs/.

    A pack is kept when it is complete and its source has the recorded size and modification time, or else the
    recorded SHA-256. Everything else is looked at first, and nothing is written unless all of it is right.
    An image that was looked at before, by `studyapp check` say, is not decoded for that again
    (`studyapp.imaging.kept`), so that check and tile decode it once each.
    An input that is an exact integer fraction of its candidates is enlarged to their size.
    A whole pack is never overwritten, as a server may be sending its tiles: a changed image gets a new one in
    a folder beside it, and the database says which is shown.

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
    policy
        What may be done to image files, from study.yaml.

    Raises
    ------
    ProblemsFoundError
        Naming every error, before anything is written. Warnings do not count.
    StudyStateError
        When another process is tiling this study.
    """
    _refuse(plan.problems)
    sources = _sources(plan)
    kept, touched = _kept(root, sources, policy)
    seen_before = seen_folder(root)
    names = {key: ImageFile(path, plan.name(path), policy, seen_before) for key, path in sources.items()}
    todo = [names[key] for key in sources if key not in kept]
    seen = list(run(glance, todo, pool=pool, workers=jobs, stage="check", progress=progress))
    problems = problems_of_files(seen, plan.name)
    sizes: dict[Path, Size] = {file.path: file.size for file in seen if file.size is not None}
    sizes |= {sources[key]: _native(index) for key, (_, index) in kept.items()}
    spaces = {file.path: file.space for file in seen if file.space is not None}
    spaces |= {sources[key]: index.space for key, (_, index) in kept.items()}
    problems += [*problems_of_spaces(plan, spaces, policy), *problems_of_sizes(plan, sizes)]
    _refuse(problems)
    scales = {key: _scale(plan, sizes, key) for key in sources}
    changed = [key for key in sources if key not in kept or kept[key][1].scale != scales[key]]
    fresh = _fresh(root)
    tasks = {
        key: TileTask(names[key], _place(root, key, fresh), sizes[sources[key]], scales[key])
        for key in changed
    }
    with _writing(root, needed=bool(tasks or touched)):
        for key in touched:
            write_index(kept[key][1], kept[key][0])
        made = run(make_pack, list(tasks.values()), pool=pool, workers=jobs, stage="tile", progress=progress)
        whole = kept | {key: (tasks[key].pack, index) for key, index in zip(tasks, made, strict=True)}
    packs = {key: _info(root, *whole[key], plan.name(path)) for key, path in sources.items()}
    return TileReport(packs, len(tasks), len(sources) - len(tasks))


def forget_packs(root: Path, keep: Collection[str]) -> None:
    """Remove packs that nothing shows any more.

    Parameters
    ----------
    keep
        Those that stay, as `PackInfo.path` names them.
    """
    with _writing(root, needed=True):
        for pack in list((root / "var" / PACKS).rglob("*.pack")):
            if pack.relative_to(root / "var").as_posix() not in keep:
                # The index first: a pack without one is made again.
                index_path(pack).unlink(missing_ok=True)
                pack.unlink()


def pack_path(root: Path, key: Key, *, among: str = "") -> Path:
    """Return the path of a pack; it never leaves the server, so that it may name its team.

    `among` is the folder of a later tiling.
    """
    image, team = key
    folder = "input" if team is None else folder_of(team)
    return root / "var" / PACKS / among / folder / f"{image}.pack"


def _again(root: Path) -> list[int]:
    """Return the numbers of later tilings, the newest first; the first tiling has none."""
    names = [path.name for path in (root / "var" / PACKS).glob(f"{AGAIN}*")]
    return sorted((int(name.removeprefix(AGAIN)) for name in names), reverse=True)


def _fresh(root: Path) -> str:
    return f"{AGAIN}{max(_again(root), default=1) + 1}"


def _place(root: Path, key: Key, fresh: str) -> Path:
    """Return where a new pack goes: where no whole one is."""
    usual = pack_path(root, key)
    return usual if _complete(usual) is None else pack_path(root, key, among=fresh)


def _sources(plan: FolderPlan) -> dict[Key, Path]:
    shown = set(plan.shown)
    inputs: dict[Key, Path] = {(image, None): path for image, path in plan.inputs.items() if image in shown}
    return inputs | {key: path for key, path in plan.candidates.items() if key[0] in shown}


def _kept(
    root: Path, sources: Mapping[Key, Path], policy: Policy
) -> tuple[dict[Key, tuple[Path, PackIndex]], list[Key]]:
    """Return the packs that are right, with their indexes, and those of them that must note a new time.

    A pack whose pixels came about by something that the policy no longer allows is not kept.
    """
    kept: dict[Key, tuple[Path, PackIndex]] = {}
    touched: list[Key] = []
    folders = [*(f"{AGAIN}{number}" for number in _again(root)), ""]
    for key, path in sources.items():
        status = path.stat()
        hashed = ""
        for folder in folders:
            pack = pack_path(root, key, among=folder)
            index = _complete(pack)
            if index is None or index.source.size != status.st_size or not policy.allows(index.needs):
                continue
            now = Source(index.source.sha256, status.st_size, status.st_mtime_ns)
            if now == index.source:
                kept[key] = pack, index
                break
            hashed = hashed or file_sha256(path)
            if hashed == now.sha256:
                kept[key] = pack, replace(index, source=now)
                touched.append(key)
                break
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


def _info(root: Path, pack: Path, index: PackIndex, source: str) -> PackInfo:
    return PackInfo(
        path=pack.relative_to(root / "var").as_posix(),
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
