"""Image files of pairs: read once for hash and pixels, decoded by the same rules as the judges' images."""

import hashlib
import io
import os
import stat
from dataclasses import dataclass
from pathlib import Path, PurePath

from analysis.errors import AnalysisError
from analysis.imaging import ACCEPTED, USUAL, Pixels, Policy
from analysis.imaging.decode import RULES, ImageRefusedError, decode, largest_file, space_of


@dataclass(frozen=True)
class Decoder:
    """Turns a file's bytes into pixels; worker processes get it by pickle."""

    policy: Policy = USUAL

    @property
    def rules(self) -> str:
        """By which rules files become pixels, for records and caches: what is refused has no kept values."""
        allowed = [name for name in ("convert", "mix", "base") if getattr(self.policy, name)]
        return RULES + "".join(f"; {word}" for word in allowed)

    def __call__(self, data: bytes, name: str) -> Pixels:
        """Return uint8 pixels of shape (height, width, 3).

        Raises
        ------
        AnalysisError
            When the file is refused, with its name, the reason and the remedy.
        """
        try:
            return decode(io.BytesIO(data), self.policy, extension=PurePath(name).suffix).pixels
        except ImageRefusedError as error:
            raise AnalysisError(f"{name}: {error}") from error

    def space(self, data: bytes, name: str) -> str:
        """Return what a file calls the space of its colours.

        Raises
        ------
        AnalysisError
            As when it is decoded.
        """
        try:
            return space_of(io.BytesIO(data), self.policy)
        except ImageRefusedError as error:
            raise AnalysisError(f"{name}: {error}") from error

    def read(self, path: Path, root: Path | None = None) -> bytes:
        """Return a file's content.

        Parameters
        ----------
        root
            A folder that links must not leave.

        Raises
        ------
        AnalysisError
            If there is no such file, it cannot be read, is a pipe or a device, is too large for an image or
            lies outside of `root`.
        """
        if root is not None and not lies_inside(path, root):
            raise AnalysisError(f"{path} is a link that leads out of {root}; copy the file there")
        try:
            _check_file(path, path.stat(), largest_file(self.policy.max_pixels))
            return path.read_bytes()
        except FileNotFoundError:
            raise AnalysisError(f"{path} is missing") from None
        except OSError as error:
            raise AnalysisError(f"{path} cannot be read: {error.strerror}") from error


def judged_pixels(path: Path) -> Pixels:
    """Return the pixels of an image that a study has let in, decoded as for its judges.

    Raises
    ------
    AnalysisError
        If the file is missing, cannot be read or is refused.
    """
    decoder = Decoder(ACCEPTED)
    return decoder(decoder.read(path), path.name)


def lies_inside(path: Path, root: Path) -> bool:
    """Return whether a path leads into a folder, wherever its links point."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def content_hash(data: bytes) -> str:
    """Return what a file's content is known by in caches and reports: its SHA-256."""
    return hashlib.sha256(data).hexdigest()


def _check_file(path: Path, status: os.stat_result, most: int) -> None:
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        raise AnalysisError(f"{path} is a pipe or a device; put an image file there")
    if status.st_size > most:
        raise AnalysisError(
            f"{path} has {status.st_size:,} bytes, more than the {most:,} allowed; save it without extra data"
        )
