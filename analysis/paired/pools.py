"""Run tasks in processes of this machine when no other place to run them is given."""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TypeVar

from analysis.errors import AnalysisError

Item = TypeVar("Item")
Result = TypeVar("Result")
Progress = Callable[[str, int, int], None]
_BYTES_OF_A_WORKER = 2 << 30


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def workers_for(tasks: int, workers: int | None = None) -> int:
    """How many processes suit the tasks, the processors and, at 2 GiB each, the memory.

    Raises
    ------
    AnalysisError
        For fewer than one worker.
    """
    if workers is not None and workers < 1:
        raise AnalysisError(f"{workers} workers cannot work; give at least 1")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0
    fitting = max(1, memory // _BYTES_OF_A_WORKER) if memory else cores()
    return max(1, min(workers or min(cores(), fitting), tasks))


@contextmanager
def local_pool(workers: int) -> Iterator[Executor]:
    """Open processes, spawned afresh, and leave none behind."""
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"))
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def run_in(
    pool: Executor,
    function: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    stage: str,
    progress: Progress,
) -> Iterator[Result]:
    """Yield results as they come; leaving early cancels what has not begun.

    Raises
    ------
    AnalysisError
        If a process died.
    """
    futures: dict[Future[Result], Item] = {pool.submit(function, item): item for item in items}
    progress(stage, 0, len(items))
    try:
        for done, future in enumerate(as_completed(futures), start=1):
            try:
                result = future.result()
            except BrokenProcessPool as error:
                raise AnalysisError(
                    f"a process died at {futures[future]} (out of memory?); run again with fewer workers: "
                    "the values that were ready are kept"
                ) from error
            progress(stage, done, len(items))
            yield result
    finally:
        for future in futures:
            future.cancel()
