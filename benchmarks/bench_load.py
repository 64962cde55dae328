"""200 judges saving ballots at once, on SQLite and on PostgreSQL: `make bench-load`.

Three ways of "at once", from likely to worst: every judge picks every two seconds on average (no human does);
all press at the same instant; all press again as soon as their last pick is saved. Judges are threads of this
process with kept connections, so client and server share the machine's cores.
"""

import argparse
import os
import random

from benchmarks.bench_server import saving
from benchmarks.hammer import Seen, at_the_same_instant, hammer
from benchmarks.keep_alive import Client
from benchmarks.served_study import Served, served_study

JUDGES, IMAGES = 200, 10
PACE = 2.0  # seconds between a judge's picks
GOAL_P99 = 250


def main(argv: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="bench_load", description=__doc__)
    parser.add_argument("--judges", type=int, default=JUDGES)
    parser.add_argument("--seconds", type=float, default=15, help="for each line")
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    options = parser.parse_args(argv)
    kinds = ("sqlite", "postgres") if options.database == "both" else (options.database,)
    print(f"{options.judges} judges saving ballots, {os.cpu_count()} cores; ", end="")
    print(f"load average {os.getloadavg()[0]:.1f} before")
    print(f"{'':42}{'p50 ms':>8}{'p99 ms':>8}{'worst':>8}{'per s':>8}{'CPU ms':>8}  errors")
    for kind in kinds:
        with served_study(judges=options.judges, images=IMAGES, postgres=kind == "postgres") as served:
            _measure(kind, served, options.seconds)


def _measure(kind: str, served: Served, seconds: float) -> None:
    steps = [saving(judge, _views(judge)) for judge in served.judges]
    rng = random.Random(1)
    ways = (
        (f"each every {PACE:g} s (goal: p99 < {GOAL_P99})",
         lambda: hammer(steps, seconds=seconds, pause=lambda: rng.uniform(0, 2 * PACE))),
        ("all at the same instant, 5 times", lambda: at_the_same_instant(steps, rounds=5)),
        ("all without a pause", lambda: hammer(steps, seconds=seconds)),
    )  # fmt: skip
    for name, way in ways:
        before = served.server_cpu()
        seen = way()
        _line(f"{kind}: {name}", seen, (served.server_cpu() - before) / len(seen.latencies))


def _views(judge: Client) -> list[dict]:
    trials = judge.get("/api/trials").json()["trials"][:3]
    return [judge.get(f"/api/trials/{item['trial']}").json() for item in trials]


def _line(name: str, seen: Seen, cpu: float) -> None:
    print(
        f"{name:42}{seen.percentile(50):8.1f}{seen.percentile(99):8.1f}{seen.percentile(100):8.0f}"
        f"{seen.rate:8.0f}{cpu * 1000:8.2f}  {seen.errors}",
        flush=True,
    )


if __name__ == "__main__":
    main()
