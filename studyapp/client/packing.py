"""A submission before it travels: a folder becomes a zip, and a zip is looked at as the server will."""

import os
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from analysis.image_names import is_junk
from analysis.imaging import Policy
from studyapp.batch.pool import Progress, silent
from studyapp.errors import Problem, StudyError

_STORED = frozenset({".png", ".jpg", ".jpeg", ".webp"})


@contextmanager
def as_zip(source: Path, progress: Progress = silent) -> Iterator[Path]:
    """Give a zip: the one named, or the one that a folder makes; the same files make the same zip.

    Raises
    ------
    StudyError
        When there is nothing.
    """
    if not source.is_dir():
        if not source.is_file():
            raise StudyError(f"there is no file or folder {source}")
        yield source
        return
    with tempfile.TemporaryDirectory(prefix="studyapp-submit-") as scratch:
        target = Path(scratch) / "submission.zip"
        _pack(source, target, progress)
        yield target


def problems_of(path: Path, name: str, told: dict[str, Any], progress: Progress = silent) -> list[Problem]:
    """Unpack a zip and look at every image as the server does; `told` is what the server asks for."""
    from studyapp.errors import ProblemsFoundError
    from studyapp.services.challenge.packages import Wanted, take_out

    try:
        policy = Policy(**told["policy"])
        wanted = {image: Wanted(**_hashable(item)) for image, item in told["images"].items()}
    except (KeyError, TypeError) as error:
        raise StudyError(
            "the server has another version of studyapp, so that nothing can be checked here; install that "
            "version, or send it with --no-check"
        ) from error
    with tempfile.TemporaryDirectory(prefix="studyapp-submit-") as scratch:
        try:
            package = take_out(path, name, wanted, Path(scratch), policy=policy, progress=progress)
        except ProblemsFoundError as error:
            return error.problems
    return package.remarks


def refuse_code(path: Path, name: str) -> None:
    """Make sure that a zip is a repository with a model, as the server asks for it; nothing of it is run.

    Raises
    ------
    ProblemsFoundError
        Naming everything that is wrong.
    """
    from studyapp.services.challenge.models import refuse_package

    refuse_package(path, name)


def _hashable(item: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in item.items()}


def _pack(folder: Path, target: Path, progress: Progress) -> None:
    paths = sorted(_files(folder))
    if not paths:
        raise StudyError(f"{folder} has no files; name the folder with the images")
    with zipfile.ZipFile(target, "w") as archive:
        for done, path in enumerate(paths):
            progress("packing", done, len(paths))
            # Without its time.
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix())
            entry.compress_type = (
                zipfile.ZIP_STORED if path.suffix.lower() in _STORED else zipfile.ZIP_DEFLATED
            )
            entry.file_size = path.stat().st_size
            with path.open("rb") as source, archive.open(entry, "w") as packed:
                while piece := source.read(1 << 20):
                    packed.write(piece)


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not is_junk(name)]
        yield from (Path(parent) / name for name in names if not is_junk(name))
