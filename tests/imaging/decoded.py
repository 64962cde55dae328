"""An image file as the product decodes it, by its path."""

from pathlib import Path

from analysis.imaging.decode import Decoded, decode


def load_rgb(path: Path, max_pixels: int) -> Decoded:
    """Decode the file at this path."""
    with path.open("rb") as file:
        return decode(file, max_pixels, extension=path.suffix)
