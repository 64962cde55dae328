"""Pixels of paired images, by the rules that hold for what judges see."""

import io
from dataclasses import dataclass
from pathlib import PurePath

from analysis.errors import AnalysisError
from studyapp.imaging.decode import ImageRefusedError, Pixels, decode

RULES = (
    "8-bit RGB as stored: 16-bit samples keep their high byte, an opaque alpha channel is dropped, profiles "
    "and orientation are ignored (docs/study-folder.md)"
)
"""What these pixels are, for the definitions that stand beside values."""


@dataclass(frozen=True)
class StudyDecoder:
    """The application's own decoder in the form that scoring calls; worker processes get it by pickle."""

    max_pixels: int

    def __call__(self, data: bytes, name: str) -> Pixels:
        """Return uint8 pixels of shape (height, width, 3).

        Raises
        ------
        AnalysisError
            When the file is refused, with the reason and the remedy.
        """
        try:
            return decode(io.BytesIO(data), self.max_pixels, extension=PurePath(name).suffix).pixels
        except ImageRefusedError as error:
            raise AnalysisError(f"{name}: {error}") from error
