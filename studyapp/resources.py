"""Where templates and static files lie: inside the installed package, or beside it in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def resource_folder(name: str) -> Path:
    """Return the folder of packaged files called `name` ("templates" or "static").

    Raises
    ------
    FileNotFoundError
        When neither the package nor the checkout holds it (a broken installation).
    """
    for folder in (_PACKAGE / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"the folder {name!r} is missing from the installation; reinstall studyapp")
