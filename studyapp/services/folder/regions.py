"""Regions of interest: the organiser's rectangles, in regions.csv and in the database alike."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session, col, delete, select

from analysis.files import write_whole
from analysis.texts import say
from studyapp.core.regions_file import EDGES, REGIONS_FILE, Rect
from studyapp.core.tiles import TILE, level_sizes
from studyapp.db.tables import Image, Picture, Region
from studyapp.errors import NotFoundError, StudyError, StudyStateError
from studyapp.services.ground.studies import the_study


@dataclass(frozen=True)
class RegionsView:
    """An image's input and its regions, as the drawing page shows them."""

    image: str
    images: tuple[str, ...]
    width: int
    height: int
    tile: int
    levels: tuple[tuple[int, int], ...]
    regions: tuple[Rect, ...]
    editable: bool


def regions_view(session: Session, key: str) -> RegionsView:
    """Return what the drawing page of an image shows.

    Raises
    ------
    NotFoundError
        When the study has no such image.
    """
    image = _image(session, key)
    return RegionsView(
        image=key,
        images=image_names(session),
        width=image.width,
        height=image.height,
        tile=TILE,
        levels=tuple(level_sizes(image.width, image.height)),
        regions=tuple(all_regions(session).get(key, ())),
        editable=the_study(session).state == "draft",
    )


def image_names(session: Session) -> tuple[str, ...]:
    """Return the names of all images, the practice image among them."""
    return tuple(session.exec(select(Image.key).order_by(col(Image.key))))


def all_regions(session: Session) -> dict[str, list[Rect]]:
    """Return each image's regions in the order of stepping; images without any are left out."""
    rows = session.exec(
        select(Image.key, Region)
        .join(Image, col(Region.image_id) == Image.id)
        .order_by(col(Image.key), col(Region.number))
    )
    regions: dict[str, list[Rect]] = {}
    for key, row in rows:
        regions.setdefault(key, []).append((row.x, row.y, row.width, row.height))
    return regions


def save_regions(session: Session, root: Path, key: str, rects: Sequence[Rect]) -> None:
    """Replace an image's regions, in the database and in regions.csv of the study folder.

    Raises
    ------
    StudyStateError
        Once the study is open: all judges must be led to the same places.
    StudyError
        For a rectangle that reaches beyond the image.
    """
    if the_study(session, lock=True).state != "draft":
        raise StudyStateError(say("regions can be changed only before the study opens"))
    image = _image(session, key)
    for rect in rects:
        x, y, width, height = rect
        if x + width > image.width or y + height > image.height:
            raise StudyError(
                say(
                    "%(rect)s reaches beyond the image, which has %(width)s x %(height)s pixels",
                    rect=rect,
                    width=image.width,
                    height=image.height,
                )
            )
    session.exec(delete(Region).where(col(Region.image_id) == image.id))
    session.add_all(
        Region(image_id=image.id or 0, number=number, x=x, y=y, width=width, height=height)
        for number, (x, y, width, height) in enumerate(rects, start=1)
    )
    session.flush()
    _write_file(root / REGIONS_FILE, all_regions(session))


def input_pack(session: Session, key: str) -> str:
    """Return the tile pack of an image's input, which is nobody's secret."""
    query = select(Picture.pack).where(
        Picture.image_id == _image(session, key).id, col(Picture.team_id).is_(None)
    )
    return session.exec(query).one()


def _image(session: Session, key: str) -> Image:
    image = session.exec(select(Image).where(Image.key == key)).one_or_none()
    if image is None:
        raise NotFoundError(say("the study has no image %(image)s", image=repr(key)))
    return image


def _write_file(path: Path, regions: dict[str, list[Rect]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["image", *EDGES])
    writer.writerows([key, *rect] for key, rects in regions.items() for rect in rects)
    write_whole(path, text.getvalue())
