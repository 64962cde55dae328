"""What worker processes do with one image file: look at it, or make its tile pack. Both can be repeated."""

import hashlib
import os
from dataclasses import asdict, dataclass, replace
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from analysis.imaging import USUAL, Pixels, Policy
from analysis.imaging.containers import START
from analysis.imaging.decode import ImageRefusedError, decode, hash_pixels, largest_file
from analysis.imaging.decoder import decoder
from analysis.imaging.signature import lossy
from analysis.imaging.tags import Note
from analysis.preflight.sketch import Sketch, sketch
from analysis.printable import printable
from studyapp.imaging.kept import keep, recall, record_name
from studyapp.imaging.pack import write_pack
from studyapp.imaging.pack_index import PackIndex, Source


@dataclass(frozen=True)
class ImageFile:
    """An image file to look at.

    Attributes
    ----------
    path
        Where it is.
    name
        What errors call it.
    policy
        What may be done to it; kept findings are found by it, too.
    seen
        Where findings are kept (`studyapp.imaging.kept`); without, none are.
    """

    path: Path
    name: str
    policy: Policy = USUAL
    seen: Path | None = None

    def __str__(self) -> str:
        return printable(self.name)


@dataclass(frozen=True)
class Inspection:
    """What an image file turned out to be: its size and pixels, or why it is refused.

    `lossy` names a format that holds what compression left. `sketch` is there when the image is large enough.
    `record` is the name under which all this is kept.
    """

    path: Path
    size: tuple[int, int] | None = None
    sha256_pixels: str | None = None
    notes: tuple[Note, ...] = ()
    refusal: Note | None = None
    lossy: str | None = None
    space: str | None = None
    sketch: Sketch | None = None
    record: str | None = None


@dataclass(frozen=True)
class TileTask:
    """A pack to make: from which file, where to, and of which size the pixels are known to be."""

    image: ImageFile
    pack: Path
    size: tuple[int, int]
    scale: int = 1

    def __str__(self) -> str:
        return str(self.image)


def inspect(image: ImageFile) -> Inspection:
    """Tell what a file is; a refused one is a finding, not an exception.

    It is decoded completely, unless that was done before and what was found is kept.
    """
    try:
        with image.path.open("rb") as file:
            _bound_file(file, image)
            if image.seen is None:
                return _decoded(file, image)
            content = _digest(file)
            record = record_name(content, image.path.suffix.lower(), image.policy)
            known = recall(image.seen, record)
            if known is not None:
                return _recalled(image, record, *known)
            found = replace(_decoded(file, image), record=record)
            if _digest(file) == content:  # else it was being written
                keep(image.seen, record, _facts(found), found.sketch)
            return found
    except ImageRefusedError as error:
        return Inspection(image.path, refusal=Note(error.what, error.remedy, error.alike))
    except OSError as error:
        return Inspection(
            image.path, refusal=Note(f"cannot be opened ({error.strerror})", "make it readable")
        )


def glance(image: ImageFile) -> Inspection:
    """Do what `inspect` does, and leave out the sketch."""
    return replace(inspect(image), sketch=None)


def _decoded(file: BinaryIO, image: ImageFile) -> Inspection:
    decoded = decode(file, image.policy, extension=image.path.suffix)
    file.seek(0)
    start = file.read(START)
    height, width = decoded.pixels.shape[:2]
    return Inspection(
        image.path,
        (width, height),
        hash_pixels(decoded.pixels),
        decoded.notes,
        lossy=lossy(decoded.format, start),
        space=decoded.space,
        sketch=sketch(decoded.pixels),
    )


def _facts(found: Inspection) -> dict[str, Any]:
    notes = [asdict(note) for note in found.notes]
    return {
        "size": found.size,
        "sha256_pixels": found.sha256_pixels,
        "notes": notes,
        "lossy": found.lossy,
        "space": found.space,
    }


def _recalled(image: ImageFile, record: str, facts: dict[str, Any], seen: Sketch | None) -> Inspection:
    return Inspection(
        image.path,
        tuple(facts["size"]),
        facts["sha256_pixels"],
        tuple(Note(**note) for note in facts["notes"]),
        lossy=facts["lossy"],
        space=facts["space"],
        sketch=seen,
        record=record,
    )


def _digest(file: BufferedReader) -> str:
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return digest


def make_pack(task: TileTask) -> PackIndex:
    """Decode a file and write its tile pack.

    Raises
    ------
    ImageRefusedError
        When the file is no longer what it was when it was looked at.
    """
    path = task.image.path
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        digest = _digest(file)
        decoded = decode(file, task.image.policy, extension=path.suffix)
    height, width = decoded.pixels.shape[:2]
    if (width, height) != task.size:
        raise ImageRefusedError("the file changed while it was being tiled", "run the command again")
    return write_pack(
        enlarge(decoded.pixels, task.scale),
        task.pack,
        source=Source(digest, status.st_size, status.st_mtime_ns),
        scale=task.scale,
        notes=tuple(note.what for note in decoded.notes),
        space=decoded.space,
        needs=decoded.needs,
        decoder=decoder(),
    )


def enlarge(pixels: Pixels, scale: int) -> Pixels:
    """Return the pixels enlarged by a whole number: each becomes a square of equal ones (nearest neighbour).

    Examples
    --------
    >>> enlarge(np.array([[[1, 2, 3]]], np.uint8), 2).shape
    (2, 2, 3)
    """
    if scale == 1:
        return pixels
    return np.repeat(np.repeat(pixels, scale, axis=0), scale, axis=1)


def _bound_file(file: BinaryIO, image: ImageFile) -> None:
    size = os.fstat(file.fileno()).st_size
    if size > largest_file(image.policy.max_pixels):
        raise ImageRefusedError(f"a file of {size:,} bytes", "save only the image, as PNG")
