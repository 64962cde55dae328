"""The picture files that a report may show: of a closed study alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlmodel import Session, col, select

from studyapp.db.tables import Image, Picture
from studyapp.services.ground.studies import the_study
from studyapp.services.ground.workspace import Workspace
from studyapp.services.results.reasons import candidate_sources


@dataclass(frozen=True)
class ShownPictures:
    """Files that exist: candidates by image and team, inputs by image."""

    candidates: Mapping[tuple[str, str], Path] = field(default_factory=dict)
    inputs: Mapping[str, Path] = field(default_factory=dict)


def shown_pictures(session: Session, workspace: Workspace) -> ShownPictures:
    """Return the files of a study's pictures; none before closing, while nobody may know who made what."""
    if the_study(session).state != "closed":
        return ShownPictures()
    root = workspace.folders.root
    rows = session.exec(
        select(Image.key, Picture.source)
        .select_from(Picture)
        .join(Image, col(Picture.image_id) == Image.id)
        .where(col(Picture.team_id).is_(None))
    )
    inputs = {image: root / source for image, source in rows}
    candidates = {key: root / source for key, source in candidate_sources(session).items()}
    return ShownPictures(
        {key: path for key, path in candidates.items() if path.is_file()},
        {image: path for image, path in inputs.items() if path.is_file()},
    )
