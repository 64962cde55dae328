"""Run tasks so that one that ends its process does not affect the others."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, suppress
from typing import TypeVar

from analysis.errors import AnalysisError
from analysis.processes import check_workers, cores, memory

Item = TypeVar("Item")
Result = TypeVar("Result")
Progress = Callable[[str, int, int], None]
OpenPool = Callable[[int], AbstractContextManager[Executor]]
"""Opens a pool of so many workers, and closes it."""

_BYTES_OF_A_WORKER = 2 << 30


def workers_for(tasks: int, workers: int | None = None) -> int:
    """How many processes suit the tasks, the processors and, at 2 GiB each, the memory.

    Raises
    ------
    AnalysisError
        For fewer than one worker.
    """
    check_workers(workers)
    there = memory()
    fitting = cores() if there is None else max(1, there // _BYTES_OF_A_WORKER)
    return max(1, min(workers or min(cores(), fitting), tasks))


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
    """Yield results as they arrive; an item that ends its process does not affect the others.

    If a process dies, the items that may have been in progress are repeated, each by itself. One that then
    ends its process again is split into its parts. Leaving the iteration early cancels what has not started.

    Parameters
    ----------
    open_pool, workers
        Opens the place where the work is done, for so many workers.
    function, items
        Importable, and never None; what is sent with it.
    parts
        The smallest items that an item consists of.
    died
        The result of a smallest item that ended its process.

    Raises
    ------
    AnalysisError
        If none of several items gives a result: then the items are not to blame.
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
                "run it again: finished values are kept"
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
