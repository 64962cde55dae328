"""What is published of a closed study: its images, with their inputs and the candidates of teams that count.

Files are addressed by numbers, as names that people gave may be none that every disk and server takes: images
in the order of their names, teams in the order of study.yaml, which no amended rule changes.
"""

from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session, col, select

from studyapp.core.lifecycle import check_step
from studyapp.db.tables import Image, Picture, Team
from studyapp.imaging.pack_index import PackIndex, read_index
from studyapp.services.ground.ledger import standing
from studyapp.services.ground.studies import current_file, team_keys, the_protocol, the_study
from studyapp.services.ground.workspace import Workspace

INPUT, REFERENCE = "input", "reference"


@dataclass(frozen=True)
class Shown:
    """A tiled picture, and its place below the folders of the site: `3/input`, `3/12`."""

    place: str
    team: str | None
    """The team's id; None for the input and the reference."""
    name: str
    pack: Path
    source: Path
    sha256_source: str
    index: PackIndex


@dataclass(frozen=True)
class Scene:
    """An image: its number from 1, its name, its size, and its pictures."""

    number: int
    name: str
    width: int
    height: int
    input: Shown | None
    reference: Shown | None
    candidates: tuple[Shown, ...]

    @property
    def pictures(self) -> tuple[Shown, ...]:
        """All of them."""
        return tuple(filter(None, (self.input, self.reference, *self.candidates)))


def published_scenes(session: Session, workspace: Workspace) -> tuple[Scene, ...]:
    """Return every image that counts.

    Disqualified teams, practice and known-worse candidates are not published.

    Raises
    ------
    StudyStateError
        While the study is not closed.
    PackError
        When the index of a tile pack is missing or wrong.
    """
    check_step("results", the_study(session).state)
    out = team_keys(session, standing(session).disqualified)
    beside = the_protocol(session).beside
    names = {team.id: team.name for team in current_file(session).teams}
    pictures: dict[int, dict[str | None, tuple[Picture, int]]] = {}
    for picture, team, position in session.exec(
        select(Picture, Team.key, Team.position).outerjoin(Team, col(Picture.team_id) == Team.id)
    ):
        pictures.setdefault(picture.image_id, {})[team] = picture, position

    def shown(image: Image, number: int, team: str | None) -> Shown | None:
        found = pictures[image.id or 0].get(team)
        if found is None:
            return None
        picture, position = found
        counts = team in names
        pack = workspace.folders.var / picture.pack
        return Shown(
            place=f"{number}/{position + 1 if counts else team or INPUT}",
            team=team if counts else None,
            name=names[team] if team is not None and counts else team or INPUT,
            pack=pack,
            source=workspace.folders.root / picture.source,
            sha256_source=picture.sha256_file,
            index=read_index(pack),
        )

    images = session.exec(
        select(Image).where(col(Image.position).is_not(None)).order_by(col(Image.position))
    ).all()
    return tuple(
        Scene(
            number=number,
            name=image.key,
            width=image.width,
            height=image.height,
            input=shown(image, number, None),
            reference=shown(image, number, REFERENCE) if beside == REFERENCE else None,
            candidates=tuple(filter(None, (shown(image, number, team) for team in names if team not in out))),
        )
        for number, image in enumerate(images, start=1)
    )
