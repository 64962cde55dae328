"""A Dask scheduler and its workers on loopback, as processes of their own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

Process = subprocess.Popen


@contextmanager
def dask_cluster(workers: int = 2) -> Iterator[tuple[str, list[Process]]]:
    """Give a scheduler's address and its worker processes."""
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    scheduler = Process(
        [*dask, "--host", "127.0.0.1", "--port", "0", "--no-dashboard"], stderr=subprocess.PIPE, text=True
    )
    processes = [scheduler]
    assert scheduler.stderr is not None
    try:
        address = next(
            line.split("Scheduler at:")[1].strip() for line in scheduler.stderr if "Scheduler at:" in line
        )
        worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--host", "127.0.0.1"]
        options = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--death-timeout", "60"]
        started = [
            Process([*worker, *options], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            for _ in range(workers)
        ]
        processes += started
        yield address, started
    finally:
        for process in processes:
            process.kill()
            process.wait()
        scheduler.stderr.close()
