"""What most tests do more quickly than the application does, here and in the servers that they start."""

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from argon2 import PasswordHasher
from PIL import Image

from analysis import processes
from analysis.plots import canvas
from analysis.report.blocks import Plot
from studyapp.services.people import passwords
from tests.here import Here

Put = Callable[[Any, str, Any], object]
"""Sets an attribute: `setattr`, or pytest's that sets it back."""

taken: set[str] = set()
"""The names of those that hold now."""


def quick_hashes(put: Put) -> None:
    """Hash passwords cheaply: 64 MiB each time would be a tenth of the suite."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    put(passwords, "_HASHER", quick)
    put(passwords, "_NOBODYS", quick.hash("nobody's"))


def no_pools(put: Put) -> None:
    """Do batch work in this process: a pool's start is most of the time that a small study takes."""
    put(processes, "ProcessPoolExecutor", Here)


def blank_plots(put: Put) -> None:
    """Leave plots blank: they are nine tenths of an export's time."""
    put(canvas, "_saved", lambda _, **options: _DRAWN[options["format"]])


def undrawn_plots(put: Put) -> None:
    """Leave the plots of reports undrawn: even with nothing saved they are a third of an export's time."""
    put(Plot, "svg", property(lambda _: _DRAWN["svg"].decode()))


ALL = {shortcut.__name__: shortcut for shortcut in (quick_hashes, no_pools, blank_plots, undrawn_plots)}


@contextmanager
def taking(name: str) -> Iterator[None]:
    """Take a shortcut, also in the servers that are started meanwhile."""
    outer = name in taken
    with pytest.MonkeyPatch.context() as patch:
        ALL[name](patch.setattr)
        taken.add(name)
        yield
    if not outer:
        taken.discard(name)


@contextmanager
def leaving(name: str) -> Iterator[None]:
    """Leave one out in the servers that are started meanwhile."""
    taken.discard(name)
    yield
    taken.add(name)


def take_all(names: Iterable[str]) -> None:
    """Take them for the life of this process."""
    for name in names:
        ALL[name](setattr)


def _dot() -> bytes:
    """Return a PNG of one pixel."""
    target = io.BytesIO()
    Image.new("RGB", (1, 1)).save(target, "png")
    return target.getvalue()


_DRAWN = {"svg": b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"></svg>', "png": _dot()}
