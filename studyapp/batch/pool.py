"""The one seam for batch work: an executor, and `run`, which streams results and names the item that failed.

Tasks are pure and idempotent (write, fsync, rename), so that a task may be repeated and a worker may die.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, nullcontext
from typing import TypeVar

from analysis.errors import AnalysisError
from analysis.processes import check_workers, cores, local_pool
from analysis.storage import storage_words
from studyapp.batch.cluster import cluster_executor
from studyapp.errors import StudyError

Item = TypeVar("Item")
Result = TypeVar("Result")

Progress = Callable[[str, int, int], None]
"""Called with the name of the stage, how many items are done, and how many there are."""


class TaskError(StudyError):
    """A task failed; the message names its item, the cause is chained."""


class LostTaskError(TaskError):
    """The process of a task died; it may be repeated."""


@contextmanager
def executor(address: str | None = None, *, workers: int | None = None) -> Iterator[Executor]:
    """Open the place where tasks run, and close it without leaving a process behind.

    Parameters
    ----------
    address
        None for processes on this machine; ``tcp://...`` for a Dask scheduler (`studyapp.batch.cluster`).
    workers
        Number of processes; as many as there are processors by default.

    Raises
    ------
    StudyError
        For a scheduler that cannot be used, or fewer than one worker.
    """
    if address is not None:
        with cluster_executor(address) as pool:
            yield pool
        return
    try:
        check_workers(workers)
    except AnalysisError as error:
        raise StudyError(str(error)) from error
    with local_pool(workers or cores()) as pool:
        yield pool


def run(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    pool: Executor | None = None,
    workers: int | None = None,
    stage: str = "",
    progress: Progress | None = None,
) -> Iterator[Result]:
    """Apply a function to every item, in processes, and yield the results in the order of the items.

    Leaving the iteration early, by an error or Ctrl-C, cancels what has not begun and waits for what has.

    Parameters
    ----------
    function, items
        An importable function, and items it can be sent with by pickle; `str(item)` appears in errors.
    pool
        Where to run; by default one opened for this call with `workers` processes.
    stage, progress
        Called as ``progress(stage, done, total)`` at the start and after each item.

    Raises
    ------
    TaskError
        When the function raised anything, or its process died.
    """
    if not items:
        return
    with (
        nullcontext(pool)
        if pool is not None
        else executor(workers=min(workers or cores(), len(items))) as where
    ):
        futures = {where.submit(function, item): place for place, item in enumerate(items)}
        try:
            yield from _in_order(futures, items, stage, progress or silent)
        finally:
            for future in futures:
                future.cancel()


def _in_order(
    futures: dict[Future[Result], int], items: Sequence[Item], stage: str, progress: Progress
) -> Iterator[Result]:
    ready: dict[int, Result] = {}
    due = 0
    progress(stage, 0, len(items))
    for done, future in enumerate(as_completed(futures), start=1):
        place = futures.pop(future)  # so that what was handed on is not kept
        ready[place] = _result(future, items[place])
        progress(stage, done, len(items))
        while due in ready:
            yield ready.pop(due)
            due += 1


def _result(future: Future[Result], item: object) -> Result:
    try:
        return future.result()
    except (StudyError, AnalysisError) as error:
        raise TaskError(f"{item}: {error}") from error
    except BrokenProcessPool as error:
        raise LostTaskError(
            f"{item}: a worker process died (out of memory?); run the command again, it continues"
        ) from error
    except OSError as error:
        raise TaskError(f"{item}: {storage_words(error)}") from error
    except Exception as error:
        raise TaskError(f"{item}: {type(error).__name__}: {error}") from error


def silent(_stage: str, _done: int, _total: int) -> None:
    """Report to nobody."""
