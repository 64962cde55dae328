"""Crops of what judges drew: of the candidate that they speak of, and of the input at the same place."""

from collections import defaultdict
from pathlib import Path

from sqlmodel import Session, col, select

from studyapp.batch.pool import Progress, run
from studyapp.core.lifecycle import check_step
from studyapp.core.tiles import Box
from studyapp.db.tables import Image, Picture, Team
from studyapp.errors import StudyError
from studyapp.imaging.crops import Cut, cut
from studyapp.imaging.pack_check import PackCheck
from studyapp.services.ground.studies import the_study
from studyapp.services.ground.workspace import Workspace
from studyapp.services.results.reasons import drawn

CROPS = "crops"


def write_crops(
    session: Session,
    workspace: Workspace,
    folder: Path,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Write PNG files below `folder`/crops and return them, in order.

    They are called crops/teams/TEAM/IMAGE_X_Y_WxH.png and crops/input/IMAGE_X_Y_WxH.png; the same place
    that several judges marked is one file.

    Raises
    ------
    StudyStateError
        While the study is not closed.
    StudyError
        When a tile pack is not what was entered.
    """
    check_step("results", the_study(session).state)
    pictures = _pictures(session)
    wanted: dict[tuple[str, str | None], dict[Path, Box]] = defaultdict(dict)
    for image, team, rect in drawn(session):
        x, y, width, height = rect
        name = f"{image}_{x}_{y}_{width}x{height}.png"
        wanted[image, team][folder / CROPS / "teams" / team / name] = Box(*rect)
        wanted[image, None][folder / CROPS / "input" / name] = Box(*rect)
    tasks = []
    for key, parts in wanted.items():
        picture = pictures[key]
        check = PackCheck(workspace.folders.var / picture.pack, picture.pack, picture.sha256_pixels)
        tasks.append(Cut(check, tuple((box, path) for path, box in parts.items())))
    for wrong in run(cut, tasks, workers=workers, stage="crops", progress=progress):
        if wrong:
            raise StudyError(f"{wrong}; delete its .pack.json and run `studyapp tile DIR`")
    return sorted(path for task in tasks for _, path in task.parts)


def _pictures(session: Session) -> dict[tuple[str, str | None], Picture]:
    rows = session.exec(
        select(Image.key, Team.key, Picture)
        .select_from(Picture)
        .join(Image, col(Picture.image_id) == Image.id)
        .outerjoin(Team, col(Picture.team_id) == Team.id)
    )
    return {(image, team): picture for image, team, picture in rows}
