"""Progress bars on stderr, for everything that reports by (stage, done, total)."""

from tqdm import tqdm

from analysis.frame import for_bars
from analysis.printable import printable
from studyapp.jobs.pool import Progress


class Bars:
    """One bar for each stage; the block gets what services call."""

    def __init__(self) -> None:
        self._stage = ""
        self._bar: tqdm | None = None

    def __enter__(self) -> Progress:
        return self._update

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def _update(self, stage: str, done: int, total: int) -> None:
        if self._bar is None or stage != self._stage:
            self.__exit__()
            self._stage = stage
            self._bar = tqdm(desc=printable(stage), total=total, file=for_bars(), disable=None, leave=False)
        self._bar.update(done - self._bar.n)
