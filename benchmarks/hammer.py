"""Many clients at once, each on its own thread, and the latencies that they saw."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

# One step of one client; returns whether the answer was right.
Step = Callable[[], bool]


@dataclass(frozen=True)
class Seen:
    """Latencies in milliseconds, how long it all took, and the number of wrong answers."""

    latencies: np.ndarray
    seconds: float
    errors: int

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.latencies) / self.seconds

    def percentile(self, q: float) -> float:
        """Latency in milliseconds below which `q` percent of the requests stayed."""
        return float(np.percentile(self.latencies, q)) if len(self.latencies) else float("nan")


def hammer(steps: Sequence[Step], *, seconds: float, pause: Callable[[], float] | None = None) -> Seen:
    """Let each client step again and again for a while.

    Parameters
    ----------
    steps
        One for each client.
    seconds
        How long; a step that has begun is finished.
    pause
        Seconds to wait before each step (a judge who looks); by default none.
    """
    records: list[list[float]] = [[] for _ in steps]
    errors = [0] * len(steps)
    started = threading.Barrier(len(steps) + 1)

    def run(number: int) -> None:
        step = steps[number]
        started.wait()
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            if pause is not None:
                time.sleep(pause())
            errors[number] += not timed(step, records[number])

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(len(steps))]
    for thread in threads:
        thread.start()
    started.wait()
    begin = time.perf_counter()
    for thread in threads:
        thread.join()
    return Seen(
        np.concatenate([np.array(part) for part in records]), time.perf_counter() - begin, sum(errors)
    )


def timed(step: Step, into: list[float]) -> bool:
    """Take one step, append its milliseconds, return whether it went well; an exception is an error."""
    start = time.perf_counter()
    try:
        right = step()
    except OSError:
        right = False
    into.append((time.perf_counter() - start) * 1000)
    return right
