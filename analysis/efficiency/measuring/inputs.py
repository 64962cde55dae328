"""The images that models are measured on."""

from pathlib import Path

from analysis.errors import AnalysisError

ENDINGS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")
REFUSED = (".webp", ".gif", ".avif", ".heic", ".jxl")


def input_images(folder: Path) -> list[Path]:
    """Return the images of a folder by name.

    Raises
    ------
    AnalysisError
        If there is no folder, no image in it, or one name twice.
    """
    if not folder.is_dir():
        raise AnalysisError(f"there is no folder {folder}; give the folder of the test set")
    found = [
        path
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in ENDINGS and path.is_file() and not path.name.startswith(".")
    ]
    other = next((path for path in sorted(folder.iterdir()) if path.suffix.lower() in REFUSED), None)
    if other is not None:
        raise AnalysisError(f"{other} has a format that models are not measured on; save it as PNG")
    if not found:
        raise AnalysisError(f"{folder} contains no images ({' '.join(ENDINGS)})")
    stems = [path.stem for path in found]
    twice = next((path for path in found if stems.count(path.stem) > 1), None)
    if twice is not None:
        raise AnalysisError(f"{folder} contains the image {twice.stem} twice; keep one file of each name")
    return found
