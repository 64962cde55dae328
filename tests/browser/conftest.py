"""Studies for real browsers, tiled once for all of them."""

import functools
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from studyapp.services.folder.preparing import prepare_study
from studyapp.services.ground.workspace import ensure_key
from tests.conftest import IMAGES, KEY, NOW, write_study


@pytest.fixture(scope="session")
def tiled_study(tmp_path_factory) -> Callable[..., Path]:
    """Copy a tiled study with images of this size and these names to a path; each kind is made once."""

    @functools.cache
    def made(size: tuple[int, int], images: tuple[str, ...]) -> Path:
        root = write_study(tmp_path_factory.mktemp("tiled") / "study", size=size, images=images)
        ensure_key(root, key=KEY)
        prepare_study(root, workers=1, progress=None, now=NOW)
        return root

    def copied(to: Path, *, size: tuple[int, int] = (60, 40), images: tuple[str, ...] = IMAGES) -> Path:
        return Path(shutil.copytree(made(size, images), to))

    return copied
