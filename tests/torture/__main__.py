"""The long form: `make torture`. Prints a table and ends with an error when a single ballot went wrong."""

import argparse
import contextlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from studyapp.services.folder import preparing
from studyapp.services.ground.workspace import ensure_key
from tests.conftest import KEY, write_study
from tests.torture.cluster import cluster
from tests.torture.jobs import jobs_ordeal, told
from tests.torture.ordeal import Outcome, ordeal
from tests.torture.power import cut, record
from tests.torture.settings import SkewedClock, system_sqlite
from tests.torture.submissions import submissions_ordeal

KINDS = ("bundled sqlite", "system sqlite", "postgresql")


def main() -> None:
    """Share the kills out among the databases and print what came of them."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--kills", type=int, default=510, help="of the server, over all databases")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=KINDS, action="append")
    parser.add_argument("--jobs", action="store_true", help="kill workers and jobs instead of the server")
    parser.add_argument(
        "--submissions", action="store_true", help="kill workers while 30 teams' submissions are scored"
    )
    options = parser.parse_args()
    if options.jobs or options.submissions:
        ordeal = _submissions if options.submissions else _jobs
        sys.exit(ordeal(options.only or ("bundled sqlite", "postgresql"), options.kills, options.seed))
    kinds = options.only or KINDS
    outcomes = {}
    for number, kind in enumerate(kinds):
        kills = options.kills // len(kinds) + (number < options.kills % len(kinds))
        with tempfile.TemporaryDirectory(prefix="studyapp-torture-") as folder:
            outcome = _torture(kind, Path(folder), kills, options.seed + number)
        outcomes[kind] = outcome
        _print(kind, outcome)
    lost_to_power = sum(_power_cuts(kind, options.seed) for kind in kinds if kind != "postgresql")
    print(f"\n{sum(item.kills.total() for item in outcomes.values())} kills, ", end="")
    print(f"load average {os.getloadavg()[0]:.1f} at the end")
    if lost_to_power or not all(outcome.clean for outcome in outcomes.values()):
        sys.exit(1)


def _jobs(kinds: Sequence[str], kills: int, seed: int) -> int:
    """Kill while jobs of every kind run; return the exit status."""
    clean = True
    for kind, share, seeded, folder in _shared_out(kinds, kills, seed):
        outcome = jobs_ordeal(_study(folder), kills=share, seed=seeded)
        print(told(kind, outcome), flush=True)
        clean = clean and outcome.clean
    return 0 if clean else 1


def _submissions(kinds: Sequence[str], kills: int, seed: int) -> int:
    """Kill while submissions are scored; return the exit status."""
    wrong = 0
    for kind, share, seeded, folder in _shared_out(kinds, kills, seed):
        outcome = submissions_ordeal(folder, teams=30, each=15, kills=share, seed=seeded)
        print(f"{kind}: {outcome.told()}", flush=True)
        wrong += len(outcome.wrong)
    return 1 if wrong else 0


def _shared_out(kinds: Sequence[str], kills: int, seed: int) -> Iterator[tuple[str, int, int, Path]]:
    """Share the kills out among the databases: yields kind, kills, seed and a folder for each."""
    for number, kind in enumerate(kinds):
        share = kills // len(kinds) + (number < kills % len(kinds))
        with tempfile.TemporaryDirectory(prefix="studyapp-torture-") as folder:
            os.environ.pop("STUDYAPP_DATABASE_URL", None)
            with cluster() if kind == "postgresql" else contextlib.nullcontext() as running:
                if running is not None:
                    os.environ["STUDYAPP_DATABASE_URL"] = running.url
                yield kind, share, seed + number, Path(folder)


def _power_cuts(kind: str, seed: int) -> int:
    """Cut the power of a voting process at many moments; print and return what was lost."""
    with tempfile.TemporaryDirectory(prefix="studyapp-torture-") as name:
        folder = Path(name)
        root = _study(folder)
        shutil.copytree(root / "var", folder / "before")
        environment = system_sqlite(folder) if kind == "system sqlite" else {}
        log = record(root, folder, ballots=200, environment=environment)
        found = cut(folder / "before", log, folder / "after", cuts=200, seed=seed)
    print(
        f"{kind}: {found.cuts} disks after a power cut, {found.acknowledged} acknowledged ballots looked up: "
    )
    print(f"  lost {found.lost}, not in the second record {found.journal_lost}, damaged {found.damaged}")
    return found.lost + found.journal_lost + found.damaged


def _study(folder: Path) -> Path:
    root = write_study(folder / "study")
    ensure_key(root, key=KEY)
    preparing.prepare_study(root, workers=1, progress=None, now=datetime.now(UTC))
    return root


def _torture(kind: str, folder: Path, kills: int, seed: int) -> Outcome:
    environment = system_sqlite(folder) if kind == "system sqlite" else {}
    os.environ.pop("STUDYAPP_DATABASE_URL", None)
    with _postgres() if kind == "postgresql" else contextlib.nullcontext() as hurt:
        root = _study(folder)
        if kind != "postgresql":
            print(f"{kind}: {_journal_mode(root, environment)}", flush=True)
        clock = SkewedClock(folder)
        return ordeal(root, kills=kills, seed=seed, environment=environment, skew=clock, hurt_database=hurt)


@contextlib.contextmanager
def _postgres() -> Iterator[Callable[[random.Random], None]]:
    """Run PostgreSQL; yields a blow to it."""
    with cluster() as running:
        os.environ["STUDYAPP_DATABASE_URL"] = running.url
        try:
            yield running.hurt
        finally:
            os.environ.pop("STUDYAPP_DATABASE_URL")
            print(f"postgresql: {running.crashes} crashes of the whole cluster", flush=True)


def _journal_mode(root: Path, environment: dict[str, str]) -> str:
    """Ask, in an environment like the server's, which SQLite and which journal it uses."""
    code = (
        "import sys; from pathlib import Path\n"
        "from studyapp.db.database import Database, sqlite3, sqlite_url\n"
        "with Database(sqlite_url(Path(sys.argv[1]))).engine.connect() as c:\n"
        "    print('SQLite', sqlite3.sqlite_version, c.exec_driver_sql('PRAGMA journal_mode').scalar())"
    )
    command = [sys.executable, "-c", code, str(root / "var" / "study.db")]
    surroundings = {**os.environ, **environment}
    return subprocess.run(
        command, env=surroundings, stdout=subprocess.PIPE, text=True, check=True
    ).stdout.strip()


def _print(kind: str, outcome: Outcome) -> None:
    records, verdict = outcome.records, outcome.verdict
    print(f"{kind}: {outcome.kills.total()} kills in {outcome.seconds:.0f} s {dict(outcome.kills)}, ", end="")
    print(f"{outcome.full_disks} full disks")
    print(f"  requests: {outcome.fates.total()} {dict(sorted(outcome.fates.items()))}")
    print(f"  answers:  {dict(sorted(records.statuses.items()))}, {records.retries} retries")
    print(f"  ballots:  {len(records.sent)} sent, {len(records.acknowledged)} acknowledged, ", end="")
    print(f"{len(records.refused)} refused as stale, {verdict.stored} stored")
    print(f"  acknowledged and lost {len(verdict.lost)}, doubled {len(verdict.doubled)}, ", end="")
    print(f"misplaced {len(verdict.misplaced)}, broken chains {len(verdict.broken)}, ", end="")
    print(f"wrong answers {len(records.wrong)}", flush=True)
    if not outcome.clean:
        print(outcome.told(), flush=True)


if __name__ == "__main__":
    main()
