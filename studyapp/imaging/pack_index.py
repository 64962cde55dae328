"""The index beside a pack: where each tile lies, and what the pack was made from."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from analysis.imaging import SRGB
from analysis.json_text import read_json
from studyapp.core.tiles import Pyramid
from studyapp.errors import StudyError

FORMAT, VERSION = "studyapp tile pack", 1


class PackError(StudyError):
    """A pack that cannot be written or read back faithfully."""


@dataclass(frozen=True)
class Source:
    """The image file of a pack: its SHA-256, and the size and time by which it is known to be unchanged."""

    sha256: str
    size: int
    mtime_ns: int


@dataclass(frozen=True)
class PackIndex:
    """Everything known about a pack. `offsets` has one entry more than there are tiles: the pack's size.

    `space` is that of the file's colours. `needs` names what the study's policy had to allow
    (`analysis.imaging.Policy`), `decoder` what decoded the file.
    """

    width: int
    height: int
    scale: int
    offsets: tuple[int, ...]
    sha256_pixels: str
    sha256_pack: str
    source: Source
    notes: tuple[str, ...] = ()
    space: str = SRGB
    needs: tuple[str, ...] = ()
    decoder: str = ""

    @property
    def pyramid(self) -> Pyramid:
        """The levels and tiles of this pack."""
        return Pyramid(self.width, self.height)

    @property
    def size(self) -> int:
        """Bytes of the pack."""
        return self.offsets[-1]

    def to_json(self) -> str:
        """Return the text of the index file; equal packs have equal texts."""
        levels = [list(size) for size in self.pyramid.sizes]
        head = {"format": FORMAT, "version": VERSION, "levels": levels}
        return json.dumps(head | asdict(self), separators=(",", ":"), sort_keys=True) + "\n"


def index_path(pack: Path) -> Path:
    """Return the path of the index of a pack."""
    return pack.with_name(pack.name + ".json")


def read_index(pack: Path) -> PackIndex:
    """Read and check the index of a pack.

    Raises
    ------
    PackError
        When it is missing, of another version, or not consistent with itself.
    """
    path = index_path(pack)
    try:
        raw = read_json(path.read_text(encoding="utf-8"))
        if (raw.pop("format"), raw.pop("version")) != (FORMAT, VERSION):
            raise PackError(f"{path.name} does not have version {VERSION}; run `studyapp tile` again")
        index = _parse(raw)
    except (OSError, ValueError, TypeError, LookupError, AttributeError) as error:
        raise PackError(f"{path.name} cannot be read ({error}); run `studyapp tile` again") from error
    return index


def _parse(raw: dict[str, Any]) -> PackIndex:
    raw.pop("levels")
    names = ("source", "offsets", "notes", "space", "needs", "decoder")
    source, offsets, notes, space, needs, decoder = (raw.pop(key) for key in names)
    _check_kinds({**raw, **{f"source.{key}": value for key, value in source.items()}})
    texts = (*notes, *needs, space, decoder)
    if not all(type(offset) is int for offset in offsets) or not all(type(text) is str for text in texts):
        raise ValueError("offsets are whole numbers; notes, space, needs and decoder are texts")
    index = PackIndex(
        **raw,
        source=Source(**source),
        offsets=tuple(offsets),
        notes=tuple(notes),
        space=space,
        needs=tuple(needs),
        decoder=decoder,
    )
    if len(offsets) != index.pyramid.count + 1 or offsets[0] != 0 or sorted(offsets) != offsets:
        raise ValueError(f"{len(offsets)} offsets do not fit {index.width}x{index.height} pixels")
    return index


def _check_kinds(values: dict[str, Any]) -> None:
    """Make sure that hashes are texts, sizes at least 1, and what is known of the source whole numbers."""
    for name, value in values.items():
        least = 0 if name.startswith("source.") else 1
        right = type(value) is str if "sha256" in name else type(value) is int and value >= least
        if not right:
            raise ValueError(f"{name} is {value!r}")
