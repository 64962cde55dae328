"""200 judges saving ballots at once, on SQLite and on PostgreSQL: `make bench-load`.

Three ways of "at once", from likely to worst: every judge picks every two seconds on average (no human does);
all press at the same instant; all press again as soon as their last pick is saved. The judges are kept
connections of one thread of this process; client and server share the machine's cores.
"""

import argparse
import itertools
import json
import os
import random
import socket
import uuid

from benchmarks.crowd import press_at_once, press_without_end
from benchmarks.hammer import Seen
from benchmarks.keep_alive import Client, Reply
from benchmarks.served_study import Served, cpu_seconds, served_study
from studyapp.server import usual_workers

JUDGES, IMAGES = 200, 10
PACE = 2.0  # seconds between a judge's picks
ROUNDS = 10
GOAL_P99 = 250


class Voter:
    """A judge who saves three picks, trial after trial, each answer on top of the one before."""

    def __init__(self, client: Client) -> None:
        trials = client.get("/api/trials").json()["trials"][:3]
        views = [client.get(f"/api/trials/{item['trial']}").json() for item in trials]
        self.client = client
        self.revisions = {view["links"]["ballot"]: view["ballot"]["revision"] for view in views}
        self._data = {view["links"]["ballot"]: view["links"]["data"] for view in views}
        self._turn = itertools.cycle(self.revisions)
        self._picks = itertools.cycle(itertools.permutations((1, 2, 3)))
        self._path, self._picked = "", (0, 0, 0)

    @property
    def connection(self) -> socket.socket:
        """The kept connection."""
        return self.client.connection

    def press(self) -> bytes:
        """Return the next ballot's request."""
        self._path, self._picked = next(self._turn), next(self._picks)
        base = self.revisions[self._path]
        body = {"key": str(uuid.uuid4()), "base_revision": base, "picks": self._picked}
        return self.client.request("PUT", self._path, json.dumps(body, separators=(",", ":")).encode())

    def is_right(self, reply: Reply) -> bool:
        """Tell whether just this ballot was saved, as the revision after the one that it is built on."""
        if reply.status != 200:
            return False
        self.revisions[self._path] += 1
        said = reply.json()
        return (said["revision"], said["picks"]) == (self.revisions[self._path], list(self._picked))

    def misses(self) -> int:
        """Count the trials whose ballot on the server is not the last one that was acknowledged."""
        return sum(
            self.client.get(self._data[path]).json()["ballot"]["revision"] != revision
            for path, revision in self.revisions.items()
        )


def main(argv: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="bench_load", description=__doc__)
    parser.add_argument("--judges", type=int, default=JUDGES)
    parser.add_argument("--seconds", type=float, default=15, help="for each line")
    parser.add_argument("--workers", type=int, help="the server's processes; by default one for each core")
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    options = parser.parse_args(argv)
    kinds = ("sqlite", "postgres") if options.database == "both" else (options.database,)
    workers = options.workers or usual_workers()
    print(
        f"{options.judges} judges saving ballots, {workers} server processes, {os.cpu_count()} cores; ",
        end="",
    )
    print(f"load average {os.getloadavg()[0]:.1f} before; CPU ms of the server and of the client, a ballot")
    print(f"{'':42}{'p50 ms':>8}{'p99 ms':>8}{'worst':>8}{'per s':>8}{'server':>8}{'client':>8}  errors")
    for kind in kinds:
        postgres = kind == "postgres"
        with served_study(judges=options.judges, images=IMAGES, postgres=postgres, workers=workers) as served:
            _measure(kind, served, options.seconds)


def _measure(kind: str, served: Served, seconds: float) -> None:
    voters = [Voter(judge) for judge in served.judges]
    rng = random.Random(1)
    ways = (
        (f"each every {PACE:g} s (goal: p99 < {GOAL_P99})",
         lambda: press_without_end(voters, seconds=seconds, pause=lambda: rng.uniform(0, 2 * PACE))),
        (f"all at the same instant, {ROUNDS} times", lambda: press_at_once(voters, rounds=ROUNDS)),
        ("all without a pause", lambda: press_without_end(voters, seconds=seconds)),
    )  # fmt: skip
    for name, way in ways:
        before = served.server_cpu(), cpu_seconds(os.getpid())
        seen = way()
        after = served.server_cpu(), cpu_seconds(os.getpid())
        spent = [(late - early) / len(seen.latencies) for early, late in zip(before, after, strict=True)]
        _line(f"{kind}: {name}", seen, spent)
    print(f"{kind}: acknowledged ballots that do not stand: {sum(voter.misses() for voter in voters)}")


def _line(name: str, seen: Seen, spent: list[float]) -> None:
    print(
        f"{name:42}{seen.percentile(50):8.1f}{seen.percentile(99):8.1f}{seen.percentile(100):8.0f}"
        f"{seen.rate:8.0f}{spent[0] * 1000:8.2f}{spent[1] * 1000:8.2f}  {seen.errors}",
        flush=True,
    )


if __name__ == "__main__":
    main()
