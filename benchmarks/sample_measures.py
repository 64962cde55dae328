"""How the times in studyapp/sample/costs.py were recorded: processor time of one thread, 1024 x 1024 pixels.

Run it with OMP_NUM_THREADS=1. It prints the mean of a call in milliseconds and its 95 % interval.
"""

import time

import numpy as np
from scipy.stats import t as student

SIDE = 1024
CALLS = 20


def main() -> None:
    """Time every method on a corner of the sample's mosaic."""
    import cv2

    from studyapp.sample.degrade import degrade
    from studyapp.sample.entries import ENTRIES
    from studyapp.sample.restore import METHODS
    from studyapp.sample.scenes import scenes

    cv2.setNumThreads(1)
    mosaic = next(scene for scene in scenes("full") if scene.photograph == "mosaic")
    pixels = degrade(mosaic.original()[:SIDE, :SIDE], rng=np.random.default_rng(1))
    for entry in ENTRIES:
        method = METHODS[entry.method]
        method(pixels)
        times = []
        for _ in range(CALLS):
            start = time.process_time_ns()
            method(pixels)
            times.append((time.process_time_ns() - start) / 1e6)
        mean, spread = np.mean(times), np.std(times, ddof=1) / np.sqrt(CALLS)
        half = student.ppf(0.975, CALLS - 1) * spread
        print(f"{entry.id}: {mean:.4f} [{mean - half:.4f}, {mean + half:.4f}] ms  {entry.method}")


if __name__ == "__main__":
    main()
