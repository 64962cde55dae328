"""The real server under 20 judges who never pause, beside the limits of its parts, in the same run.

Judges are threads of this process with kept connections, so client and server share the machine's cores.
"""

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.hammer import Seen, Step, hammer
from benchmarks.keep_alive import Client
from benchmarks.served_study import Served, served_study
from studyapp.db.database import sqlite3
from studyapp.sample.serving import free_port
from studyapp.server.serving import THREADS

JUDGES, IMAGES = 20, 20
GOAL_P99 = 150


def main(argv: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="bench_server", description=__doc__)
    parser.add_argument("--seconds", type=float, default=6, help="for each line")
    seconds = parser.parse_args(argv).seconds
    inserts = insert_rate(min(seconds, 3))
    with bare_server() as port:
        hello = hammer([getting(Client(port), ["/"]) for _ in range(JUDGES)], seconds=seconds)
    load = os.getloadavg()[0]
    print(f"{JUDGES} judges without a pause, {os.cpu_count()} cores, load average {load:.1f} at the start")
    print(f"{'':24}{'p50 ms':>8}{'p99 ms':>8}{'per s':>8}{'CPU ms':>8}{'x hello':>9}  errors")
    _line("bare WSGI hello", hello, None, hello.rate)
    with served_study(judges=JUDGES, images=IMAGES) as served:
        for name, steps in workloads(served).items():
            before = served.server_cpu()
            seen = hammer(steps, seconds=seconds)
            cpu = (served.server_cpu() - before) / len(seen.latencies)
            _line(name, seen, cpu, hello.rate)
            if name == "save a pick":
                saving = seen
    print(f"bare SQLite, one insert and fsync after the other: {inserts:.0f} per s; ", end="")
    print(f"saving a pick runs at 1/{inserts / saving.rate:.1f} of that")
    print(
        f"goal: p99 of saving under {GOAL_P99} ms ({'met' if saving.percentile(99) < GOAL_P99 else 'missed'})"
    )


def workloads(served: Served) -> dict[str, list[Step]]:
    """Return for each kind of request one step for each judge."""
    views = [_views(judge) for judge in served.judges]
    tiles = [
        [f"{slot['tiles']}/0/0_0" for view in mine for slot in (view["input"], *view["slots"])]
        for mine in views
    ]
    pages = [[f"/judge/trial/{view['trial']}" for view in mine] for mine in views]
    data = [[view["links"]["data"] for view in mine] for mine in views]
    return {
        "trial page (HTML)": [getting(*pair) for pair in zip(served.judges, pages, strict=True)],
        "trial JSON": [getting(*pair) for pair in zip(served.judges, data, strict=True)],
        "tile": [getting(*pair) for pair in zip(served.judges, tiles, strict=True)],
        "save a pick": [saving(*pair) for pair in zip(served.judges, views, strict=True)],
    }


def getting(client: Client, paths: list[str]) -> Step:
    """Fetch the paths in turn."""
    turn = itertools.cycle(paths)
    return lambda: client.exchange("GET", next(turn)).status == 200


def saving(client: Client, views: list[dict]) -> Step:
    """Save three picks, trial after trial, each answer on top of the one before."""
    revisions = {view["links"]["ballot"]: view["ballot"]["revision"] for view in views}
    turn = itertools.cycle(revisions)
    picks = itertools.cycle(itertools.permutations((1, 2, 3)))

    def step() -> bool:
        path = next(turn)
        body = {"key": str(uuid.uuid4()), "base_revision": revisions[path], "picks": next(picks)}
        reply = client.put_json(path, body)
        revisions[path] += 1
        return reply.status == 200 and reply.json()["revision"] == revisions[path]

    return step


def insert_rate(seconds: float) -> float:
    """Return how many one-row transactions a second SQLite commits with WAL and synchronous=FULL."""
    with tempfile.TemporaryDirectory(prefix="studyapp-bench-") as folder:
        connection = sqlite3.connect(str(Path(folder) / "bare.db"), isolation_level=None)
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "CREATE TABLE t (body TEXT)"):
            connection.execute(statement)
        count, start = 0, time.perf_counter()
        while time.perf_counter() < start + seconds:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO t VALUES (?)", (json.dumps({"picks": [1, 2, 3], "n": count}),))
            connection.execute("COMMIT")
            count += 1
        elapsed = time.perf_counter() - start
        connection.close()
    return count / elapsed


@contextmanager
def bare_server() -> Iterator[int]:
    """Run gunicorn with the settings of `studyapp serve` and an application of one line."""
    port = free_port()
    code = (
        "def app(environ, start):\n"
        "    start('200 OK', [('Content-Length', '5'), ('Content-Type', 'text/plain')])\n"
        "    return [b'hello']\n"
    )
    with tempfile.TemporaryDirectory(prefix="studyapp-bench-") as folder:
        (Path(folder) / "bare.py").write_text(code, encoding="utf-8")
        command = [sys.executable, "-m", "gunicorn", "bare:app", "-b", f"127.0.0.1:{port}", "-w", "1",
                   "-k", "gthread", "--threads", str(THREADS), "--keep-alive", "30",
                   "--log-level", "warning"]  # fmt: skip
        with subprocess.Popen(command, cwd=folder) as process:
            try:
                _wait(port)
                yield port
            finally:
                process.terminate()


def _wait(port: int) -> None:
    for _ in range(200):
        try:
            Client(port).get("/")
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the bare server did not start")


def _views(judge: Client) -> list[dict]:
    trials = judge.get("/api/trials").json()["trials"]
    return [judge.get(f"/api/trials/{item['trial']}").json() for item in trials]


def _line(name: str, seen: Seen, cpu: float | None, hello: float) -> None:
    spent = f"{cpu * 1000:8.2f}" if cpu is not None else " " * 8
    print(
        f"{name:24}{seen.percentile(50):8.1f}{seen.percentile(99):8.1f}{seen.rate:8.0f}{spent}"
        f"{hello / seen.rate:8.1f}x  {seen.errors}",
        flush=True,
    )


if __name__ == "__main__":
    main()
