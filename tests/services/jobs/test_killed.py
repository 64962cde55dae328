"""Jobs whose process or worker is killed: the next worker goes on from what was saved, and one job is one."""

import dataclasses
import json
import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import analysis.report.write  # noqa: F401 (forked processes have it then, and need not import it three times)
from analysis.files import LEFTOVERS
from studyapp.services.folder import tiling
from studyapp.services.ground import studies
from studyapp.services.ground.only_run import only_run
from studyapp.services.ground.site import Site, open_site
from studyapp.services.ground.workspace import open_workspace
from studyapp.services.jobs import queue, worker
from studyapp.services.jobs.kinds import KINDS, Context
from studyapp.services.jobs.worker import Worker, Working
from studyapp.services.people import invitations
from studyapp.services.results import exports
from tests.conftest import CAST
from tests.paired_study import SCORING, write_pairs
from tests.services.test_rehearsing import alter
from tests.services.voting import cast_all, close
from tests.test_jobs_worker import until

HOW = Working(pause=timedelta(0), processes=1)


@pytest.fixture
def site(folder, monkeypatch) -> Iterator[Site]:
    monkeypatch.delenv("STUDYAPP_DATABASE_URL", raising=False)
    monkeypatch.setenv("STUDYAPP_IMPORT_DIR", str(folder.parent / "incoming"))
    with closing(open_site(folder)) as opened:
        yield opened


def ask(site: Site, kind: str, arguments: dict[str, Any] | None = None) -> int:
    with site.database.writing() as session:
        return queue.ask(session, "", kind, arguments or {}, by="Olga", now=datetime.now(UTC)).id


def job(site: Site, number: int) -> queue.JobView:
    with site.database.reading() as session:
        return queue.the_job(session, "", number)


def runs(patch: pytest.MonkeyPatch, kind: str, run: Callable) -> None:
    """Let a kind of job run something else."""
    other = KINDS | {kind: dataclasses.replace(KINDS[kind], run=run)}
    patch.setattr("studyapp.services.jobs.running.KINDS", other)


def vote(root: Path) -> None:
    """Let the cast judge everything."""
    workspace = open_workspace(root)
    with closing(workspace.database):
        with workspace.database.writing() as session:
            invitations.invite_judges(session, workspace.key, CAST, now=datetime.now(UTC))
            studies.open_study(session, now=datetime.now(UTC))
        cast_all(workspace, "Jude", "June")


def begun(_root: Path) -> dict[str, Any]:
    return {}


def handed_in(root: Path) -> dict[str, Any]:
    """Two images of a team are not in the study yet, but in a folder."""
    for image in ("001", "002"):
        source = root / "teams" / "team01" / f"{image}.png"
        target = root.parent / "incoming" / "handed" / "team01" / source.name
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
    return {"folder": "handed"}


def changed(root: Path) -> dict[str, Any]:
    for image in ("001", "002"):
        alter(root / "teams" / "team01" / f"{image}.png")
    return {}


def paired(root: Path) -> dict[str, Any]:
    with (root / "study.yaml").open("a", encoding="utf-8") as file:
        file.write(SCORING)
    write_pairs(root)
    return {}


def measured(_root: Path) -> dict[str, Any]:
    return {"metrics": ["brisque_opencv"]}


def voted(root: Path) -> dict[str, Any]:
    vote(root)
    return {}


def closed(root: Path) -> dict[str, Any]:
    """Closed, with an earlier export."""
    vote(root)
    with closing(open_workspace(root).database):
        close(open_workspace(root))
    folder = root / "var" / "exports"
    folder.mkdir()
    (folder / "manifest.json").write_text('{"files": {"old.csv": ""}}')
    (folder / "old.csv").write_text("an earlier export")
    return {}


CASES: dict[str, tuple[Callable[[Path], dict[str, Any]], Callable[[dict[str, Any]], bool]]] = {
    "check": (begun, lambda result: result["errors"] == 0),
    "import": (handed_in, lambda result: result["copied"] + result["there"] == 2),
    "tile": (changed, lambda result: result["tiled"] + result["kept"] == 20),
    "score": (paired, lambda result: len(result["files"]) >= 3),
    "unpaired": (measured, lambda result: len(result["files"]) == 3),
    "export": (closed, lambda result: "ranking.csv" in {Path(name).name for name in result["files"]}),
    "publish": (closed, lambda result: result["written"] == 0),
    "verify": (voted, lambda result: result["wrong"] == 0),
    "backup": (voted, lambda result: result["events"] > 0),
    "blind_audit": (voted, lambda result: result["findings"] != []),
}


class Killing:
    """Wraps a kind: its process is killed with the first report of progress, then its worker at the end."""

    def __init__(self, kind: str, notes: Path) -> None:
        self.kind, self.notes = kind, notes

    def __call__(self, context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
        attempt = len(self.notes.read_text().splitlines()) + 1
        with self.notes.open("a") as file:
            file.write(f"attempt {attempt}\n")

        def progress(stage: str, done: int, total: int) -> None:
            context.progress(stage, done, total)
            if attempt == 1 and done >= 1:
                os.kill(os.getpid(), signal.SIGKILL)

        if attempt == 1:  # an export, when all is written and nothing in its place
            exports._take_place = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
        result = KINDS[self.kind].run(dataclasses.replace(context, progress=progress), arguments)
        if attempt == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        if attempt == 2:  # all is done, and nobody was told
            os.kill(os.getppid(), signal.SIGKILL)
            signal.pause()
        return result


# The others take seconds to begin, three times over.
QUICK = ("check", "import", "tile", "score", "export")


@pytest.mark.parametrize(
    "kind", [kind if kind in QUICK else pytest.param(kind, marks=pytest.mark.slow) for kind in CASES]
)
def test_a_job_whose_process_and_then_whose_worker_is_killed_is_done_by_the_next(
    kind, site, tmp_path, monkeypatch
):
    prepare, is_right = CASES[kind]
    arguments = prepare(site.root)
    notes, made = tmp_path / "attempts", tmp_path / "packs"
    notes.touch()
    made.touch()
    noted(monkeypatch, made)
    before = exported(site.root)
    number = ask(site, kind, arguments)
    with monkeypatch.context() as patch:
        runs(patch, kind, Killing(kind, notes))
        assert Worker(site, HOW).work_once()
        shown = job(site, number)
        assert (shown.state, shown.failures) == ("waiting", 1)
        assert "ended by SIGKILL" in shown.log
        if kind == "export":
            assert exported(site.root) == before  # the earlier one is untouched
        site.database.close()
        victim = multiprocessing.get_context("fork").Process(target=Worker(site, HOW).work_once)
        victim.start()
        victim.join(60)
        assert victim.exitcode == -signal.SIGKILL
        assert job(site, number).state == "running"
        assert not Worker(site, HOW).work_once()  # while its lease lasts nobody else has it
        later = datetime.now(UTC) + timedelta(minutes=1)
        patch.setattr(worker, "_now", lambda: later)
        assert Worker(site, HOW).work_once()
    shown = job(site, number)
    assert shown.state == "done", (shown.error, shown.log)
    assert (shown.attempts, shown.failures) == (3, 2)
    assert is_right(shown.result), shown.result
    assert notes.read_text().splitlines() == ["attempt 1", "attempt 2", "attempt 3"]
    packs = made.read_text().splitlines()
    assert sorted(packs) == sorted(set(packs)), "a tile pack that was finished was made again"
    assert leftovers(site.root) == []


def noted(monkeypatch, made: Path) -> None:
    """Note each pack that is finished."""
    make = tiling.make_pack

    def make_and_note(task):
        index = make(task)
        with made.open("a") as file:
            file.write(f"{task.pack} {index.source.sha256}\n")
        return index

    monkeypatch.setattr(tiling, "make_pack", make_and_note)
    monkeypatch.setattr(tiling, "run", lambda function, items, *, stage, progress, **_: here(
        function, items, stage, progress))  # fmt: skip


def here(function: Callable, items: list, stage: str, progress: Callable | None) -> Iterator:
    """Do batch work in this process, without pickling what a test put in."""
    for done, item in enumerate(items, start=1):
        yield function(item)
        if progress is not None:
            progress(stage, done, len(items))


def exported(root: Path) -> dict[str, bytes]:
    folder = root / "var" / "exports"
    return {path.name: path.read_bytes() for path in folder.glob("*")}


def leftovers(root: Path) -> list[str]:
    """Name what a killed process may leave behind and a later one has to remove."""
    var = root / "var"
    found = [*var.rglob(LEFTOVERS), *(var / "jobs").glob("*"), *var.glob("exporting/[no]*")]
    return [str(path.relative_to(root)) for path in found if ".lock" not in path.name]


def test_a_job_that_is_cancelled_ends_at_once_with_all_that_it_started(site, monkeypatch, tmp_path):
    """Its process sleeps, and a process that it started, too."""
    pids = tmp_path / "pids"

    def sleep(context: Context, _arguments: dict[str, Any]) -> dict[str, Any]:
        child = os.fork() or signal.pause()
        pids.write_text(json.dumps([os.getpid(), child]))
        context.progress("check", 1, 2)
        signal.pause()
        return {}

    number = ask(site, "check")
    runs(monkeypatch, "check", sleep)
    beat = queue.beat

    def beat_and_cancel(session, held, **options):
        if pids.exists():
            queue.cancel(session, "", number, now=datetime.now(UTC))
        return beat(session, held, **options)

    monkeypatch.setattr(queue, "beat", beat_and_cancel)
    assert Worker(site, dataclasses.replace(HOW, lease=timedelta(seconds=5))).work_once()
    assert (job(site, number).state, job(site, number).error) == ("cancelled", "cancelled")
    until(lambda: not any(is_running(pid) for pid in json.loads(pids.read_text())))


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def test_a_worker_that_is_stopped_gives_its_job_back(site, monkeypatch):
    def stop(context: Context, _arguments: dict[str, Any]) -> dict[str, Any]:
        os.kill(os.getppid(), signal.SIGTERM)
        signal.pause()
        return {}

    number = ask(site, "check")
    runs(monkeypatch, "check", stop)
    mine = Worker(site, HOW)
    before = signal.signal(signal.SIGTERM, lambda *_: mine.stop())
    try:
        mine.work()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert (job(site, number).state, job(site, number).failures) == ("waiting", 0)


def test_a_worker_that_lost_its_job_writes_nothing_and_ends_the_process(site, monkeypatch, tmp_path):
    """Its lease ran out while it was halted, and another has the job."""
    pid = tmp_path / "pid"

    def lose(context: Context, _arguments: dict[str, Any]) -> dict[str, Any]:
        pid.write_text(str(os.getpid()))
        with context.site.database.writing() as session:
            queue.claim(session, "the heir", now=datetime.now(UTC) + timedelta(minutes=1))
        signal.pause()
        return {}

    number = ask(site, "check")
    runs(monkeypatch, "check", lose)
    assert Worker(site, dataclasses.replace(HOW, lease=timedelta(seconds=5))).work_once()
    assert (job(site, number).state, job(site, number).worker) == ("running", "the heir")
    assert not is_running(int(pid.read_text()))


def test_the_process_of_a_job_ends_with_its_lease_when_its_worker_is_halted(site, monkeypatch, tmp_path):
    pid = tmp_path / "pid"

    def sleep(context: Context, _arguments: dict[str, Any]) -> dict[str, Any]:
        pid.write_text(str(os.getpid()))
        os.kill(os.getppid(), signal.SIGSTOP)
        signal.pause()
        return {}

    ask(site, "check")
    runs(monkeypatch, "check", sleep)
    site.database.close()
    halted = multiprocessing.get_context("fork").Process(
        target=Worker(site, dataclasses.replace(HOW, lease=timedelta(seconds=2))).work_once
    )
    halted.start()
    try:
        while not pid.exists() or is_running(int(pid.read_text() or 0)):
            assert halted.is_alive()
        assert halted.is_alive()
    finally:
        halted.kill()
        halted.join(60)


@pytest.mark.parametrize("kind", ["check", "import"])
def test_a_job_of_a_study_that_is_gone_or_closed_ends_with_a_reason(kind, site):
    if kind == "import":
        closed(site.root)
    number = ask(site, kind)
    if kind == "check":
        with site.database.writing() as session:
            number = queue.ask(session, "track9", kind, {}, by="Olga", now=datetime.now(UTC)).id
    while Worker(site, HOW).work_once():
        pass
    with site.database.reading() as session:
        shown = queue.the_job(session, None, number)
    why = {"check": "there is no study 'track9' any more", "import": "the study is closed"}[kind]
    assert shown.state == "cancelled"
    assert why in (shown.error or "")


def test_what_a_job_waits_for_is_no_failure(site):
    """Somebody else is tiling: it is given back, and asked again a little later."""
    changed(site.root)
    number = ask(site, "tile")
    with only_run(site.root / "var" / "packs", "tiling"):
        assert Worker(site, HOW).work_once()
        assert (job(site, number).state, job(site, number).failures) == ("waiting", 0)
    assert Worker(site, HOW).work_once()
    assert job(site, number).state == "done"


def test_what_cannot_be_done_fails_at_once_and_names_every_problem(site):
    shutil.rmtree(site.root / "teams" / "team01")
    number = ask(site, "tile")
    assert Worker(site, HOW).work_once()
    shown = job(site, number)
    assert (shown.state, shown.attempts) == ("failed", 1)
    assert shown.result["problems"][0]["path"].startswith("teams/team01")
    assert shown.result["errors"] == len(shown.result["problems"])
