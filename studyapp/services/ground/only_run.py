"""One run at a time: two that write the same files would mix them."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from studyapp.errors import StudyStateError


@contextmanager
def only_run(folder: Path, doing: str, *, wait: bool = False) -> Iterator[None]:
    """Hold the only right to write into a folder; it ends with the process, however that ends.

    Parameters
    ----------
    folder
        Made if it is not there.
    doing
        What runs, for the message: "scoring my-study".
    wait
        For one that holds it to end, instead of refusing.

    Raises
    ------
    StudyStateError
        When another one holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise StudyStateError(f"another process is {doing}; wait for it to end") from None
        yield
