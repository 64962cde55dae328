"""What the server knows and judges must not: read from the database and the study file."""

import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path

from sqlmodel import Session, col, select

from studyapp.blind_audit.evidence import Slot, Truth
from studyapp.blind_audit.words import Words
from studyapp.core.records import read_conflicts
from studyapp.db.tables import Image, Judge, Picture, Team, Trial, TrialSlot
from studyapp.services.ground.workspace import Workspace

HASHED_FILES = 32
"""Of so many files also the hashes that the database does not hold are computed."""


def gather_truth(session: Session, workspace: Workspace, original: Path) -> Truth:
    """Read from a study's database who is in which slot, and which words give teams away.

    Parameters
    ----------
    session
        On the database (of the copy).
    workspace
        The copy; its packs are those of the original.
    original
        The real study folder, whose path must not appear anywhere.
    """
    slots = {token: slot for token, slot in _slots(session)}
    judges = session.exec(select(Judge).order_by(col(Judge.position))).all()
    pictures = session.exec(select(Picture)).all()
    return Truth(
        title=workspace.file.title,
        teams=tuple(session.exec(select(Team.key).order_by(col(Team.position)))),
        slots=slots,
        trials=frozenset(session.exec(select(Trial.public_id))),
        conflicts={
            judge.position: frozenset(read_conflicts(judge.conflicts, judge.position)) for judge in judges
        },
        sizes=frozenset(_sizes(workspace.folders.var, original, pictures)),
        words=Words(
            names=tuple(_names(workspace)),
            ids=tuple(team.id for team in workspace.file.teams),
            files=tuple(sorted(_files(original, pictures))),
            hashes=tuple(sorted(_hashes(workspace.folders.var, original, pictures))),
            people={judge.position: (judge.name, judge.email) for judge in judges},
        ),
    )


def _slots(session: Session) -> Iterator[tuple[str, Slot]]:
    teams = {team.id: team.key for team in session.exec(select(Team))}
    judges = {judge.id: judge.position for judge in session.exec(select(Judge))}
    rows = session.exec(
        select(TrialSlot, Trial, Picture, Image.key)
        .join(Trial, col(TrialSlot.trial_id) == Trial.id)
        .join(Image, col(Trial.image_id) == Image.id)
        .join(Picture, col(TrialSlot.picture_id) == Picture.id)
    )
    for item, trial, picture, image in rows:
        team = teams.get(picture.team_id)
        yield item.token, Slot(judges[trial.judge_id], trial.public_id, trial.kind, image, item.slot, team)


def _names(workspace: Workspace) -> Iterator[str]:
    for team in workspace.file.teams:
        yield team.name
        yield from team.members
        yield from team.affiliations


def _files(original: Path, pictures) -> Iterator[str]:
    yield str(original.resolve())
    for picture in pictures:
        source = Path(picture.source)
        # The folder and the file: part of the source's path and of the pack's.
        yield from (source.name, "/".join([*source.parts[-2:-1], source.stem]), Path(picture.pack).name)


def _sizes(var: Path, original: Path, pictures) -> Iterator[int]:
    for picture in pictures:
        for path in (original / picture.source, var / picture.pack):
            if path.exists():
                yield path.stat().st_size


def _hashes(var: Path, original: Path, pictures) -> Iterator[str]:
    for number, picture in enumerate(sorted(pictures, key=lambda item: (item.image_id, item.team_id or 0))):
        yield from (picture.sha256_file, picture.sha256_pixels)
        yield hashlib.sha256(picture.source.encode()).hexdigest()
        yield hashlib.md5(picture.source.encode(), usedforsecurity=False).hexdigest()
        if number < HASHED_FILES:
            for path in (original / picture.source, var / picture.pack):
                yield from _digests(path)


def _digests(path: Path) -> Iterator[str]:
    if not path.exists():
        return
    data = path.read_bytes()
    for name in ("md5", "sha1", "sha256", "sha512", "blake2b"):
        yield hashlib.new(name, data, usedforsecurity=False).hexdigest()
    # Shorter than the prefix by which longer hashes are found, and so only found whole.
    yield from (f"{function(data):08x}" for function in (zlib.crc32, zlib.adler32))
