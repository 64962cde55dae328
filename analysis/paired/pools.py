"""Run tasks in processes of this machine when no other place to run them is given."""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import TypeVar

from analysis.errors import AnalysisError

Item = TypeVar("Item")
Result = TypeVar("Result")
Progress = Callable[[str, int, int], None]
OpenPool = Callable[[int], AbstractContextManager[Executor]]
"""Opens a pool of so many workers, and closes it."""

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
    open_pool: OpenPool,
    workers: int,
    function: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    parts: Callable[[Item], Sequence[Item]],
    died: Callable[[Item], Result],
    stage: str,
    progress: Progress,
) -> Iterator[Result]:
    """Yield results as they come; an item that ends its process takes no other with it.

    When a process dies, what may have been in work is done again, each item by itself. One that then ends
    its process again is taken apart. Leaving the iteration early cancels what has not begun.

    Parameters
    ----------
    open_pool, workers
        Opens the place where the work is done, for so many workers.
    function, items
        Importable, and never None; what is sent with it.
    parts
        The smallest items that an item is made of.
    died
        The result of a smallest item that ended its process.

    Raises
    ------
    AnalysisError
        If nothing of several items can be had: then it is not the items that end their processes.
    """
    waiting, done = list(items), 0
    progress(stage, 0, len(items))
    while waiting:
        left = dict(enumerate(waiting))
        for place, result in _together(open_pool, workers, function, waiting):
            del left[place]
            done += 1
            progress(stage, done, len(items))
            yield result
        # A pool hands out a little more than it has workers, in this order: one of these did it.
        suspects = list(left.values())[: 2 * workers + 1]
        waiting = list(left.values())[len(suspects) :]
        alive = False
        for item in suspects:
            results, survived = _by_itself(open_pool, function, item, parts, died)
            alive |= survived
            done += 1
            progress(stage, done, len(items))
            yield from results
        if len(suspects) > 1 and not alive:
            raise AnalysisError(
                f"every process died, the last at {suspects[-1]} (out of memory?); give it more memory and "
                "run it again: the values that were ready are kept"
            )


def _together(
    open_pool: OpenPool, workers: int, function: Callable[[Item], Result], items: Sequence[Item]
) -> Iterator[tuple[int, Result]]:
    """Yield the places of items and their results, until all are done or a process dies."""
    with open_pool(min(workers, len(items))) as pool:
        futures: dict[Future[Result], int] = {}
        try:
            with suppress(BrokenProcessPool):
                for place, item in enumerate(items):
                    futures[pool.submit(function, item)] = place
            for future in as_completed(futures):
                try:
                    result = future.result()
                except BrokenProcessPool:
                    continue
                yield futures[future], result
        finally:
            for future in futures:
                future.cancel()


def _by_itself(
    open_pool: OpenPool,
    function: Callable[[Item], Result],
    item: Item,
    parts: Callable[[Item], Sequence[Item]],
    died: Callable[[Item], Result],
) -> tuple[list[Result], bool]:
    """Return an item's results, of its parts if need be, and whether any of them could be had."""
    whole = _alone(open_pool, function, item)
    if whole is not None:
        return [whole], True
    pieces = parts(item)
    found = [_alone(open_pool, function, piece) if len(pieces) > 1 else None for piece in pieces]
    results = [died(piece) if result is None else result for piece, result in zip(pieces, found, strict=True)]
    return results, any(result is not None for result in found)


def _alone(open_pool: OpenPool, function: Callable[[Item], Result], item: Item) -> Result | None:
    """Return the item's result, or None when its process died."""
    with open_pool(1) as pool:
        try:
            return pool.submit(function, item).result()
        except BrokenProcessPool:
            return None
