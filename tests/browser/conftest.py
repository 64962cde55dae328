"""Studies for real browsers, tiled once for all of them."""

import functools
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from studyapp.core.reasons import Reason
from studyapp.sample.serving import Running, serving
from studyapp.services.folder.preparing import prepare_study
from studyapp.services.folder.regions import save_regions
from studyapp.services.ground import studies
from studyapp.services.ground.workspace import Workspace, ensure_key, open_workspace
from studyapp.services.people import invitations
from studyapp.web.published.publish import Choice, publish_study
from tests.browser.chromium import Browsers, browsers
from tests.conftest import CAST, IMAGES, KEY, NOW, write_study
from tests.services.test_reasons import say
from tests.services.voting import cast_all, close

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


@pytest.fixture(scope="session")
def published_site(tiled_study, tmp_path_factory) -> Path:
    """A closed study of three images as published: with regions in 001, and two reasons in one image."""
    root = tmp_path_factory.mktemp("published")
    url = make_url(f"sqlite:///{root}/study/var/study.db")
    workspace = open_workspace(tiled_study(root / "study", size=(560, 330)), url=url)
    with workspace.database.writing() as session:
        save_regions(session, workspace.folders.root, "001", [(10, 20, 120, 80), (300, 150, 200, 150)])
        invitations.invite_judges(session, workspace.key, CAST, now=NOW)
        studies.open_study(session, now=NOW)
    cast_all(workspace, "Jude", "June")
    noise = Reason(slot=4, rect=(420, 60, 90, 70), attribute="Noise", direction="worse", text="Grain.")
    hair = Reason(slot=1, region="Hair", attribute="Texture", direction="better")
    say(workspace, "Jude", noise, hair)
    close(workspace)
    with workspace.database.reading() as session:
        publish_study(session, workspace, root / "site", Choice(), progress=lambda *_: None)
    workspace.database.close()
    return root / "site"


class _Files(SimpleHTTPRequestHandler):
    """As `python -m http.server` serves them, without its log."""

    def copyfile(self, source: Any, outputfile: Any) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):  # pages give up what they no longer want
            super().copyfile(source, outputfile)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="session")
def served_site(published_site) -> Iterator[str]:
    """The address of the published site, below another folder."""
    handler = functools.partial(_Files, directory=str(published_site.parent))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/{published_site.name}"
    server.shutdown()
    server.server_close()
