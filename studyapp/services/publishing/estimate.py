"""What a site will take: files, bytes and minutes, from the indexes of tile packs alone."""

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from itertools import pairwise
from pathlib import Path

from analysis.amounts import how_many
from analysis.texts import say
from studyapp.errors import StudyError
from studyapp.services.ground.workspace import Workspace
from studyapp.services.publishing.contents import Scene, Shown
from studyapp.services.publishing.crops import crops_size, parts_of
from studyapp.services.publishing.folder import is_linkable
from studyapp.services.publishing.marks import Mark
from studyapp.services.publishing.settings import Choice

BLOCK = 4096
"""A file takes whole blocks of a disk."""
FILES_A_SECOND, BYTES_A_SECOND = 10_000, 100_000_000
"""Of tiles, on an ordinary disk; both are waited for (docs/publishing.md)."""
CROPS_A_SECOND = 25
"""Cut out and encoded."""
REST = 3_000_000
"""Bytes of pages, scripts and report besides the tables, about."""
REST_FILES, REPORT_S = 130, 20


@dataclass(frozen=True)
class Estimate:
    """What is to be written.

    Attributes
    ----------
    size
        Bytes to be sent to a web server.
    on_disk
        What they take of the disk that they are written to: whole blocks, and nothing for hard links.
    linked
        Bytes of originals that are hard links.
    """

    files: int
    size: int
    on_disk: int
    linked: int
    seconds: float
    images: int
    pictures: int

    def row(self) -> tuple[float, ...]:
        """All of it, to be summed."""
        return astuple(self)

    def words(self) -> str:
        """Return it in a line.

        Examples
        --------
        >>> Estimate(164_000, 11_800_000_000, 12_100_000_000, 0, 90.0, 50, 650).words()
        'about 164,000 files and 11.8 GB, which take 12.1 GB of this disk and 2 minutes'
        """
        return (
            f"about {self.files:,} files and {size_in_words(self.size)}, which take "
            f"{size_in_words(self.on_disk)} of this disk and {how_many(self.minutes, 'minutes')}"
        )

    @property
    def minutes(self) -> int:
        """The time, at least 1."""
        return max(1, round(self.seconds / 60))


def estimate(
    scenes: tuple[Scene, ...],
    workspace: Workspace,
    out: Path,
    choice: Choice,
    regions: Mapping[str, list[Mark]],
    marks: Mapping[str, list[Mark]],
) -> Estimate:
    """Return what a site takes that is written anew."""
    pictures = [picture for scene in scenes for picture in scene.pictures]
    if choice.form == "crops":
        sizes = [
            size
            for scene in scenes
            for parts in [parts_of(scene, regions.get(scene.name, []), marks.get(scene.name, []))]
            for picture in scene.pictures
            for size in crops_size(picture.index, parts.of[picture.place])
        ]
        seconds = len(sizes) / CROPS_A_SECOND
    else:
        sizes = [size for picture in pictures for size in _tiles(picture)]
        seconds = len(sizes) / FILES_A_SECOND + sum(sizes) / BYTES_A_SECOND
    originals = [picture.source for picture in pictures] if choice.originals else []
    linked = [path.stat().st_size for path in originals if is_linkable(path, out)]
    copied = [path.stat().st_size for path in originals if not is_linkable(path, out)]
    rest = REST + _data_size(workspace)
    total = sum(sizes) + sum(copied) + rest
    return Estimate(
        files=len(sizes) + len(originals) + REST_FILES + 2 * len(scenes),
        size=total + sum(linked),
        on_disk=_blocks(sizes) + _blocks(copied) + rest,
        linked=sum(linked),
        seconds=seconds + sum(copied) / BYTES_A_SECOND + REPORT_S,
        images=len(scenes),
        pictures=len(pictures),
    )


def refuse_full_disk(found: Estimate, out: Path, *, there: int = 0) -> None:
    """Make sure that there is room; `there` are bytes of the site that are written already.

    Raises
    ------
    StudyError
        Saying how much is lacking.
    """
    folder = next(path for path in (out, *out.resolve().parents) if path.exists())
    free = shutil.disk_usage(folder).free
    if found.on_disk - there > free:
        raise StudyError(
            say(
                "the site takes %(size)s and %(folder)s has %(free)s free; "
                "choose another disk, make room, or use --crops",
                size=size_in_words(found.on_disk - there),
                folder=folder,
                free=size_in_words(free),
            )
        )


def size_in_words(size: int) -> str:
    """Say a number of bytes.

    Examples
    --------
    >>> size_in_words(11_834_000_000), size_in_words(48_000)
    ('11.8 GB', '0.0 MB')
    """
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"


def _tiles(picture: Shown) -> Iterable[int]:
    offsets = picture.index.offsets
    return (end - start for start, end in pairwise(offsets))


def _blocks(sizes: Iterable[int]) -> int:
    return sum(-(-size // BLOCK) * BLOCK for size in sizes)


def _data_size(workspace: Workspace) -> int:
    """The tables: as made before, or else three times the second record."""
    folder, record = workspace.folders.public, workspace.folders.journal
    if folder.is_dir():
        return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return 3 * record.stat().st_size if record.exists() else 0
