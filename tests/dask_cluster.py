"""A Dask scheduler and its workers on loopback, as processes of their own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

START_S = 300  # a busy machine takes its time to import what a worker needs
Process = subprocess.Popen


@contextmanager
def dask_cluster(workers: int = 2) -> Iterator[tuple[str, list[Process]]]:
    """Give a scheduler's address and its worker processes, once all have joined it."""
    import distributed

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
        options = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--death-timeout", str(START_S)]
        started = [
            Process([*worker, *options], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            for _ in range(workers)
        ]
        processes += started
        with distributed.Client(address, timeout=START_S) as client:
            client.wait_for_workers(workers, timeout=START_S)
        yield address, started
    finally:
        for process in processes:
            process.kill()
            process.wait()
        scheduler.stderr.close()
