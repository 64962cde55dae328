"""From a study folder to a study that can be judged: check, tile, enter in the database."""

from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlmodel import select

from studyapp.batch.pool import Progress, executor
from studyapp.core.regions_file import REGIONS_FILE, Rect, outside, read_regions
from studyapp.db.schema import upgrade
from studyapp.db.tables import Picture
from studyapp.errors import ProblemsFoundError, errors_of
from studyapp.services.folder.tiling import TileReport, forget_packs, tile_study
from studyapp.services.ground.studies import RegisteredPicture, changes, register_study
from studyapp.services.ground.workspace import ensure_key, load_workspace
from studyapp.services.people.rehearsing import clearing, only_rehearsed, rehearse_again
from studyapp.study.folder import FolderPlan, plan_folder


@dataclass(frozen=True)
class Prepared:
    """What `prepare_study` did."""

    images: int
    teams: int
    tiled: int
    kept: int
    rehearsed_again: bool = False


def prepare_study(
    root: Path,
    *,
    workers: int | None,
    progress: Progress | None,
    now: datetime,
    scheduler: str | None = None,
) -> Prepared:
    """Make every tile pack that is missing and enter the study in its database.

    With the address of a Dask scheduler its workers do the work; they must see the same folder at this path.
    A rehearsal is made again when the folder changed: test judges are invited anew and their ballots are set
    aside. The study may be served meanwhile: it shows the new images from one moment on.

    Raises
    ------
    ProblemsFoundError
        When anything is wrong with the folder; nothing is written then.
    StudyStateError
        When judges whose ballots count are invited and the folder has changed since, naming the files.
    """
    root = root.resolve() if scheduler else root  # a cluster's workers run in folders of their own
    workspace = load_workspace(root)
    plan = plan_folder(root, workspace.file)
    with executor(scheduler) if scheduler else nullcontext() as pool:
        report = tile_study(
            root,
            plan,
            jobs=workers,
            pool=pool,
            progress=progress,
            policy=workspace.file.policy,
        )
    ensure_key(root)
    upgrade(workspace.database)
    pictures = _pictures(plan, report)
    sizes = {item.image: (item.width, item.height) for item in pictures}
    regions = _regions(root, sizes)
    with workspace.database.reading() as session:
        again = only_rehearsed(session) and bool(changes(session, workspace, pictures, regions))
        shown = set(session.exec(select(Picture.pack)))
    if again:
        with clearing(workspace) as (session, _):
            enter = partial(register_study, session, workspace, pictures, regions, now=now)
            rehearse_again(session, workspace, enter, now=now)
    else:
        with workspace.database.writing() as session:
            register_study(session, workspace, pictures, regions, now=now)
    workspace.database.close()
    # What was shown until now stays for pages that are open.
    forget_packs(root, shown | {item.pack for item in pictures})
    return Prepared(
        images=len(plan.images),
        teams=len(workspace.file.teams),
        tiled=report.made,
        kept=report.kept,
        rehearsed_again=again,
    )


def _regions(root: Path, sizes: dict[str, tuple[int, int]]) -> dict[str, list[Rect]]:
    path = root / REGIONS_FILE
    if not path.is_file():
        return {}
    regions, problems = read_regions(path, sorted(sizes))
    if found := errors_of(problems) or outside(regions, sizes):
        raise ProblemsFoundError(found)
    return regions


def _pictures(plan: FolderPlan, report: TileReport) -> list[RegisteredPicture]:
    return [
        RegisteredPicture(
            image=image,
            team=team,
            pack=pack.path,
            source=plan.name(plan.inputs[image] if team is None else plan.candidates[image, team]),
            width=pack.width,
            height=pack.height,
            sha256_file=pack.sha256_file,
            sha256_pixels=pack.sha256_pixels,
        )
        for (image, team), pack in report.packs.items()
    ]
