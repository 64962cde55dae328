"""Where a study keeps what was found out about its image files."""

from pathlib import Path

from studyapp.errors import StudyError
from studyapp.imaging.kept import SEEN
from studyapp.settings import Folders


def seen_folder(root: Path) -> Path | None:
    """Return the folder of a study's findings, made if need be; None where nothing can be written."""
    folder = root / "var" / SEEN
    try:
        Folders(root).make_var()
        folder.mkdir(exist_ok=True)
    except (OSError, StudyError):
        return None
    return folder
