"""Jobs of every kind while workers and the jobs' processes are killed: `python -m tests.torture --jobs`.

Two workers work on one study. Every job notes its beginning and end and holds a lock, so that two that ran at
once would show; every tile pack that is finished is noted, so that one that was made twice would show.
"""

import dataclasses
import fcntl
import json
import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image

from analysis.files import LEFTOVERS
from analysis.verify import verify_export, verify_folder
from studyapp.services.folder import tiling
from studyapp.services.folder.pack_checks import check_packs
from studyapp.services.folder.preparing import prepare_study
from studyapp.services.ground.site import LONE, Site, open_site
from studyapp.services.ground.workspace import open_workspace
from studyapp.services.jobs import queue, running
from studyapp.services.jobs.kinds import KINDS, Context, Kind
from studyapp.services.jobs.worker import Worker, Working
from studyapp.services.results.verifying import verify_study
from tests.paired_study import SCORING, write_pairs
from tests.services.voting import cast_all, close
from tests.torture.ordeal import invite

LEASE = timedelta(seconds=2)
HOW = Working(lease=LEASE, pause=timedelta(seconds=0.1), poll=0.02, processes=1)
VICTIMS = {"a job's process": 50, "a worker": 40, "a worker, asked to end": 10}
ARGUMENTS: dict[str, dict[str, Any]] = {
    "import": {"folder": "handed"},
    "unpaired": {"metrics": ["brisque_opencv"]},
    "blind_audit": {"tiles": 0},
}
HANDED_IN = ("import",)
"""While images are missing."""
DRAFT = ("check", "tile", "score", "unpaired")
"""Before judges are invited."""
CLOSED = ("check", "score", "unpaired", "export", "publish", "verify", "backup", "blind_audit")
"""After closing."""
PATIENCE = 300.0
LONGEST = 1.2
"""Seconds between two kills, at most."""


@dataclass
class JobsOutcome:
    """What was done and what came of it; the lists hold a line for each thing that went wrong."""

    kills: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    attempts: Counter[str] = field(default_factory=Counter)
    """Beginnings of each kind."""
    jobs: int = 0
    poisoned: int = 0
    at_once: list[str] = field(default_factory=list)
    after_end: list[str] = field(default_factory=list)
    packs: int = 0
    packs_again: int = 0
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def clean(self) -> bool:
        """Whether no job was lost, run twice at once or begun again after its end, and all is in order."""
        return not (self.at_once or self.after_end or self.packs_again or self.wrong)


def jobs_ordeal(
    root: Path, *, kills: int, seed: int, kinds: Sequence[str] = HANDED_IN + DRAFT + CLOSED
) -> JobsOutcome:
    """Put the jobs of the tiled study in `root` through so many kills.

    Parameters
    ----------
    root
        A tiled study without judges; the environment says on which database.
    kinds
        The kinds of job; those that need a closed study come after the others.
    """
    rng, started = random.Random(seed), time.monotonic()
    notes, incoming = root.parent / "notes", root.parent / "incoming"
    notes.mkdir()
    (incoming / "handed").mkdir(parents=True)  # nothing may be in it yet when it is first asked for
    os.environ["STUDYAPP_IMPORT_DIR"] = str(incoming)
    _add_pairs(root)
    outcome = JobsOutcome()
    phases = [[kind for kind in phase if kind in kinds] for phase in (HANDED_IN, DRAFT, CLOSED)]
    outcome = JobsOutcome()
    with closing(open_site(root)) as site, watched(notes):
        for number, phase in enumerate(phases):
            if number == 2 and phase:
                _close(root)
            _phase(site, phase, kills * len(phase) // len(kinds), rng, outcome)
        _judge(site, notes, outcome)
    outcome.seconds = time.monotonic() - started
    return outcome


def _phase(site: Site, kinds: Sequence[str], kills: int, rng: random.Random, outcome: JobsOutcome) -> None:
    """Ask for jobs again and again while killing, then let every kind be done once in peace."""
    if not kinds:
        return
    workers = [start_worker(site), start_worker(site)]
    goal = outcome.kills.total() + kills
    try:
        while outcome.kills.total() < goal:
            if _unfinished(site) < len(kinds):
                kind = rng.choice(kinds)
                _prepare(site.root, kind, rng)
                _ask(site, kind)
            time.sleep(rng.uniform(0, LONGEST))
            number = rng.randrange(2)
            which = rng.choices(list(VICTIMS), list(VICTIMS.values()))[0]
            if kill_one(workers[number], which):
                outcome.kills[which] += 1
            if not workers[number].is_alive():
                workers[number] = start_worker(site)
        for kind in kinds:
            _ask(site, kind)
        deadline = time.monotonic() + PATIENCE
        while _unfinished(site) and time.monotonic() < deadline:
            time.sleep(0.05)
            workers = [worker if worker.is_alive() else start_worker(site) for worker in workers]
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.join(30)


def start_worker(site: Site) -> Any:
    """Start a worker of a site in a process of its own."""
    site.database.close()
    worker = multiprocessing.get_context("fork").Process(target=_work, args=(site.root, os.getpid()))
    worker.start()
    return worker


def _work(root: Path, parent: int) -> None:
    with closing(open_site(root)) as site:
        worker = Worker(site, dataclasses.replace(HOW, parent=parent))
        signal.signal(signal.SIGTERM, lambda *_: worker.stop())
        worker.work()


def kill_one(worker: Any, which: str) -> bool:
    """Kill the worker, or the process of its job if it has one; return whether there was one to kill."""
    try:
        if which != "a job's process":
            os.kill(worker.pid, signal.SIGKILL if which == "a worker" else signal.SIGTERM)
            worker.join(30)
            return True
        children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
        for child in children:
            os.kill(int(child), signal.SIGKILL)
    except (OSError, ProcessLookupError):
        return False
    return bool(children)


def _ask(site: Site, kind: str) -> None:
    with site.database.writing() as session:
        queue.ask(session, LONE, kind, ARGUMENTS.get(kind, {}), by="torture", now=datetime.now(UTC))


def _unfinished(site: Site) -> int:
    with site.database.reading() as session:
        return sum(not job.is_over for job in queue.jobs_of(session, LONE, 100))


def _prepare(root: Path, kind: str, rng: random.Random) -> None:
    """Change what such a job works on, so that there is something to do."""
    image, team = rng.choice(("001", "002", "003")), rng.choice(("team01", "team02", "team03"))
    path = root / "teams" / team / f"{image}.png"
    if kind == "tile" and path.exists():
        with Image.open(path) as opened:
            changed = opened.convert("RGB")
        changed.putpixel((rng.randrange(20), rng.randrange(20)), tuple(rng.choices(range(256), k=3)))
        fresh = path.with_suffix(".fresh")
        changed.save(fresh, "png")
        fresh.rename(path)
    if kind == "import" and path.exists():
        target = root.parent / "incoming" / "handed" / team / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)


def _add_pairs(root: Path) -> None:
    with (root / "study.yaml").open("a", encoding="utf-8") as file:
        file.write(SCORING)
    write_pairs(root)


def _close(root: Path) -> None:
    prepare_study(root, workers=1, progress=None, now=datetime.now(UTC))
    invite(root)
    workspace = open_workspace(root)
    with closing(workspace.database):
        cast_all(workspace, "Judge 0", "Judge 1", "Judge 2")
        close(workspace)


@contextmanager
def watched(notes: Path) -> Iterator[None]:
    """Note what jobs do, in this process and those forked from it."""
    kinds, make = running.KINDS, tiling.make_pack
    running.KINDS = {
        name: dataclasses.replace(kind, run=_noting(kind, notes)) for name, kind in KINDS.items()
    }

    def make_and_note(task: Any) -> Any:
        index = make(task)
        _note(notes / "packs", f"{task.pack} {index.source.sha256} {index.source.mtime_ns}")
        return index

    tiling.make_pack = make_and_note
    batch = tiling.run
    tiling.run = _here
    try:
        yield
    finally:
        running.KINDS, tiling.make_pack, tiling.run = kinds, make, batch


def _noting(kind: Kind, notes: Path) -> Callable[[Context, dict[str, Any]], dict[str, Any]]:
    def run(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
        with (notes / f"{context.job}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                _note(notes / "at-once", f"job {context.job}")
            _note(notes / "begun", str(context.job))
            return kind.run(context, arguments)

    return run


def _note(path: Path, line: str) -> None:
    with path.open("a") as file:
        file.write(line + "\n")


def _here(function: Callable, items: Sequence, *, stage: str, progress: Any, **_: Any) -> Iterator:
    """Do batch work within the job's process: one kill, one piece of work."""
    for done, item in enumerate(items, start=1):
        yield function(item)
        if progress is not None:
            progress(stage, done, len(items))


def _judge(site: Site, notes: Path, outcome: JobsOutcome) -> None:
    with site.database.reading() as session:
        jobs = queue.jobs_of(session, LONE, 100_000)
    outcome.jobs = len(jobs)
    begun = Counter(lines_of(notes / "begun"))
    for job in jobs:
        outcome.states[job.state] += 1
        outcome.attempts[job.kind] += job.attempts
        poisoned = job.failures >= queue.TRIES
        outcome.poisoned += poisoned
        if job.state not in ("done", "failed") or (job.state == "failed" and not poisoned):
            outcome.wrong.append(f"job {job.id}, {job.kind}: {job.state}: {job.error}\n{job.log[-2000:]}")
        if begun[str(job.id)] > job.attempts:
            outcome.after_end.append(f"job {job.id}, {job.kind}: begun {begun[str(job.id)]} times")
    lasts = {job.kind: job.state for job in reversed(jobs)}
    outcome.wrong += [f"the last {kind} is {state}" for kind, state in lasts.items() if state != "done"]
    outcome.at_once += lines_of(notes / "at-once")
    packs = Counter(lines_of(notes / "packs"))
    outcome.packs, outcome.packs_again = packs.total(), packs.total() - len(packs)
    outcome.wrong += _leftovers(site.root)
    _judge_study(site.root, outcome)


def _judge_study(root: Path, outcome: JobsOutcome) -> None:
    workspace = open_workspace(root)
    with closing(workspace.database), workspace.database.reading() as session:
        found = [*verify_study(session, workspace), check_packs(session, workspace, workers=1)]
    if (root / "var" / "exports").is_dir():
        found += verify_export(root / "var" / "exports")
    if (root / "var" / "published").is_dir():
        found += verify_folder(root / "var" / "published")
    outcome.wrong += [f"{item.check}: {item.message}" for item in found if item.verdict == "wrong"]


def _leftovers(root: Path) -> list[str]:
    var = root / "var"
    found = [*var.rglob(LEFTOVERS), *(var / "jobs").glob("*"), *var.glob("exporting/[no]*")]
    found += var.glob("backups/.*")
    return [f"left behind: {path.relative_to(root)}" for path in found if ".lock" not in path.name]


def lines_of(path: Path) -> list[str]:
    """Return what was noted in a file."""
    return path.read_text().splitlines() if path.exists() else []


def told(kind: str, outcome: JobsOutcome) -> str:
    """Say what came of it."""
    lines = [
        f"{kind}: {outcome.kills.total()} kills in {outcome.seconds:.0f} s {dict(outcome.kills)}",
        f"  jobs:  {outcome.jobs} asked for, {dict(outcome.states)}; {outcome.poisoned} stopped after "
        f"{queue.TRIES} kills",
        f"  begun: {json.dumps(dict(outcome.attempts))}",
        f"  run twice at once {len(outcome.at_once)}, begun after their end {len(outcome.after_end)}, "
        f"tile packs finished {outcome.packs}, of these made again {outcome.packs_again}, "
        f"otherwise wrong {len(outcome.wrong)}",
    ]
    return "\n".join(
        [*lines, *(f"    {line}" for line in (*outcome.at_once, *outcome.after_end, *outcome.wrong)[:20])]
    )
