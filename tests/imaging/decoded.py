"""An image file as the product decodes it, by its path."""

from pathlib import Path

from analysis.imaging import Policy
from analysis.imaging.decode import Decoded, decode


def load_rgb(path: Path, max_pixels: int, *, convert: bool = False, base: bool = False) -> Decoded:
    """Decode the file at this path."""
    with path.open("rb") as file:
        return decode(file, Policy(max_pixels, convert=convert, base=base), extension=path.suffix)
