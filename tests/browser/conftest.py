"""Studies for real browsers, tiled once for all of them."""

import functools
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from studyapp.sample.serving import Running, serving
from studyapp.services.folder.preparing import prepare_study
from studyapp.services.ground import studies
from studyapp.services.ground.workspace import Workspace, ensure_key, open_workspace
from studyapp.services.people import invitations
from tests.browser.chromium import Browsers, browsers
from tests.conftest import CAST, IMAGES, KEY, NOW, write_study

Served = tuple[Workspace, Running, str]
"""A study, what serves it, and the token of a judge."""


@pytest.fixture(scope="package", autouse=True)
def shared_browsers() -> Iterator[Browsers]:
    """The browsers of these tests; they end with them, for Playwright keeps an event loop running."""
    with browsers() as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def other_screens(shared_browsers) -> Iterator[None]:
    """The browsers of other screens end with the module that wanted them: each takes much memory."""
    yield
    shared_browsers.close(but_desk=True)


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


@pytest.fixture
def served_study(tiled_study, tmp_path, monkeypatch) -> Iterator[Callable[..., Served]]:
    """Open and serve a tiled study of such images; the token is Jude's."""
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    with ExitStack() as stack:

        def serve(**images: Any) -> Served:
            workspace = open_workspace(tiled_study(tmp_path / "study", **images))
            stack.callback(workspace.database.close)
            with workspace.database.writing() as session:
                token = invitations.invite_judges(session, workspace.key, CAST, now=NOW)[0].token
                studies.open_study(session, now=NOW)
            return workspace, stack.enter_context(serving(workspace.folders.root)), token

        yield serve
