"""A Dask cluster as the place where tasks run (extra `cluster`)."""
# pyright: reportMissingImports=false

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from studyapp.errors import StudyError

PATIENCE = 30.0
"""Seconds to wait for the scheduler, and for its first worker."""


@contextmanager
def cluster_executor(address: str) -> Iterator[Executor]:
    """Connect to a scheduler; its workers must have this version of studyapp and see the same files.

    A task whose worker died is given to another one, so that results do not depend on who lived.

    Parameters
    ----------
    address
        Such as ``tcp://10.0.0.5:8786``.

    Raises
    ------
    StudyError
        When the extra is missing, nothing answers, there is no worker, or a task killed every worker it was
        given to.
    """
    try:
        from distributed import Client, KilledWorker
    except ImportError:
        raise StudyError("a scheduler needs an extra: pip install 'studyapp[cluster]'") from None
    try:
        client = Client(address, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        raise StudyError(f"no scheduler answers at {address!r} ({error}); start `dask scheduler`") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise StudyError(
                f"the scheduler at {address!r} has no workers; start `dask worker {address}`"
            ) from None
        try:
            yield client.get_executor(pure=False)
        except KilledWorker as error:
            raise StudyError(
                "a task killed every worker that ran it (out of memory?); run the command again, it continues"
            ) from error
