"""One run at a time: two that write the same files would mix them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from analysis.locks import locked
from studyapp.errors import StudyStateError


class BusyError(StudyStateError):
    """Another process holds the right to write; it can be tried again when that has ended."""


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
    BusyError
        When another one holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / ".lock", wait=wait) as free:
        if not free:
            raise BusyError(f"another process is {doing}; wait until it ends")
        yield
