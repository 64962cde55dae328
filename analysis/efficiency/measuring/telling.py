"""How far measuring is: a bar on a terminal, else a line for each model and for every half minute."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm

from analysis.efficiency.measuring.run import Progress
from analysis.frame import for_bars
from analysis.printable import printable

EVERY_S = 30.0


@contextmanager
def told_progress(every_s: float = EVERY_S) -> Iterator[Progress]:
    """Give what `measure_models` calls with (stage, done, total).

    Parameters
    ----------
    every_s
        Seconds after which a line says that a model still runs, where stderr is no terminal.
    """
    if sys.stderr.isatty():
        with tqdm(unit="run", file=for_bars()) as bar:
            yield lambda stage, done, total: _move(bar, stage, done, total)
        return
    lines = _Lines(every_s)
    lines.start()
    try:
        yield lines.update
    finally:
        lines.stop()


def _move(bar: Any, stage: str, done: int, total: int) -> None:
    bar.total = total
    bar.set_description(printable(stage))
    bar.update(done - bar.n)


class _Lines(threading.Thread):
    def __init__(self, every_s: float) -> None:
        super().__init__(daemon=True)
        self._every_s = every_s
        self._ended = threading.Event()
        self._now = ""
        self._since = time.monotonic()

    def update(self, stage: str, done: int, total: int) -> None:
        """Say which run begins; nothing of the last call, when all are done."""
        if done < total:
            self._now, self._since = f"{printable(stage)} (run {done + 1} of {total})", time.monotonic()
            print(self._now, file=sys.stderr, flush=True)

    def run(self) -> None:
        while not self._ended.wait(self._every_s):
            if self._now:
                spent = time.monotonic() - self._since
                print(f"{self._now}: {spent:.0f} s so far", file=sys.stderr, flush=True)

    def stop(self) -> None:
        """Say nothing any more."""
        self._ended.set()
        self.join()
