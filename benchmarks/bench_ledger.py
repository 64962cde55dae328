"""The ledger: what the second record costs each ballot, and how long 100,000 events take to verify.

The second record's cost is the time of `Journal.append` alone: one line and one fsync, shared by the threads
that wait at the same time. Beside it stands a bare write and fsync of the same line by one thread.
"""

import argparse
import os
import statistics
import tempfile
import threading
import time
from pathlib import Path

from analysis.verify import Event, Opening, Record, verify_record
from analysis.verify.design import DESIGN, judge_trials
from analysis.verify.hashing import GENESIS, commitment, event_hash, study_digest
from studyapp.db.journal import Journal, JournalLine

LINE = "x" * 420
KEY = bytes(range(32))
JUDGES, IMAGES, TEAMS = 20, 50, 12


def main(argv: list[str] | None = None) -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(prog="bench_ledger", description=__doc__)
    parser.add_argument("--lines", type=int, default=300, help="lines for each thread")
    parser.add_argument("--events", type=int, default=100_000)
    options = parser.parse_args(argv)
    print("second record, ms for each line       median      p99")
    with tempfile.TemporaryDirectory(dir=".") as folder:
        _row("write and fsync, one thread", _bare(Path(folder) / "bare", options.lines))
        for threads in (1, 16):
            path = Path(folder) / f"journal{threads}"
            _row(f"Journal.append, {threads} thread(s)", _journal(path, threads, options.lines))
    record = make_record(options.events)
    start = time.perf_counter()
    findings = verify_record(record)
    seconds = time.perf_counter() - start
    assert all(item.verdict == "ok" for item in findings), findings
    rate = len(record.events) / seconds
    print(f"\nverify: {len(record.events)} events in {seconds:.1f} s ({rate:,.0f} a second)")


def make_record(count: int) -> Record:
    """Return a closed study's ledger with this many ballot events and a few more."""
    listing = {
        "design": DESIGN,
        "images": [f"{number:03d}" for number in range(IMAGES)],
        "practice": None,
        "teams": [{"id": f"team{number:02d}", "name": f"Team {number}"} for number in range(TEAMS)],
        "pictures": [],
    }
    rules = {"protocol": {"kind": "top_k", "places": 3, "points": [3, 2, 1]}, "simulated": True}
    sealed = commitment(KEY, listing)
    labels = [f"judge{number + 1:02d}" for number in range(JUDGES)]
    invited = [
        {"kind": "invited", "judge": label, "number": number, "conflicts": [], "test": False}
        for number, label in enumerate(labels)
    ]
    events = _chain(
        "study", [{"kind": "committed", "commitment": sealed}, *invited, {"kind": "opened", "rules": rules}]
    )
    for number, label in enumerate(labels):
        trials = [trial.public_id for trial in judge_trials(KEY, listing, label, number, ())[1:]]
        events += _chain(label, [_ballot(trials, place) for place in range(count // JUDGES)])
    heads = [("study", len(invited) + 2, events[len(invited) + 1].hash)]
    heads += [(label, count // JUDGES, events[len(invited) + 1 + (n + 1) * (count // JUDGES)].hash)
              for n, label in enumerate(labels)]  # fmt: skip
    closed = {"kind": "closed", "heads": heads, "digest": study_digest(heads), "sequence": len(invited) + 3}
    last = events[len(invited) + 1].hash
    events.append(Event("study", last, event_hash(last, closed), closed))
    return Record(tuple(events), Opening(sealed, KEY, listing))


def _ballot(trials: list[str], place: int) -> dict:
    turn = place // len(trials)
    return {
        "kind": "revised" if turn else "cast",
        "trial": trials[place % len(trials)],
        "revision": turn + 1,
        "base_revision": turn,
        "key": f"00000000-0000-4000-8000-{place:012d}",
        "answer": {"picks": [1, 2, 3]},
        "complete": True,
        "saved_at": "2026-03-01T12:00:00.000Z",
    }


def _chain(name: str, bodies: list[dict]) -> list[Event]:
    events, previous = [], GENESIS
    for number, body in enumerate(bodies, start=1):
        whole = {**body, "sequence": number}
        events.append(Event(name, previous, event_hash(previous, whole), whole))
        previous = events[-1].hash
    return events


def _bare(path: Path, lines: int) -> list[float]:
    seconds = []
    with path.open("wb", buffering=0) as file:
        for _ in range(lines):
            start = time.perf_counter()
            file.write(LINE.encode() + b"\n")
            os.fsync(file.fileno())
            seconds.append(time.perf_counter() - start)
    return seconds


def _journal(path: Path, threads: int, lines: int) -> list[float]:
    journal, seconds = Journal(path), []

    def work(thread: int) -> None:
        for number in range(lines):
            line = JournalLine(f"{thread}-{number}", LINE)
            start = time.perf_counter()
            journal.append([line])
            seconds.append(time.perf_counter() - start)

    workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    journal.close()
    return seconds


def _row(name: str, seconds: list[float]) -> None:
    millis = sorted(1000 * value for value in seconds)
    print(f"{name:35} {statistics.median(millis):8.2f} {millis[int(0.99 * len(millis))]:8.2f}")


if __name__ == "__main__":
    main()
