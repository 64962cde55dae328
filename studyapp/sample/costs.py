"""What the sample's seven methods cost: recorded once, so that every demo joins the same numbers.

docs/sample-study.md explains every count. Classical methods stand here in columns meant for networks:
enough to show how EScore is made, not to judge the methods.
"""

import csv
import io
from dataclasses import dataclass

PIXELS = 1024 * 1024
DEVICE = "CPU (recorded; not comparable with a GPU)"
CALLS = 20


@dataclass(frozen=True)
class Cost:
    """One method's cost.

    Attributes
    ----------
    constants
        Numbers that its call fixes, which take the place of trained parameters.
    operations
        Arithmetic operations for each pixel of three channels, counted by hand.
    time_ms, low, high
        Mean processor time of one thread over `CALLS` calls on 1024 x 1024 pixels, and its 95 % interval;
        recorded by benchmarks/sample_measures.py on 2026-11-21.
    """

    constants: int
    operations: float
    time_ms: float
    low: float
    high: float


COSTS = {
    "wavelet shrinkage": Cost(1, 3 * 90.65 + 36, 206.5162, 203.6666, 209.3658),
    "unsharp mask": Cost(3, 3 * (2 * 21 + 3), 2.9697, 2.9358, 3.0036),
    "total variation": Cost(2, 3 * 25 * 22, 161.8001, 156.9541, 166.6462),
    "the input itself": Cost(0, 0, 0.0008, 0.0004, 0.0012),
    "bilateral filter": Cost(3, 29 * 16 + 4, 38.1243, 36.7344, 39.5142),
    "non-local means": Cost(4, 169 * 30 + 51, 724.6422, 714.5353, 734.7492),
    "median filter": Cost(1, 3 * 19 * 2, 0.1940, 0.1878, 0.2002),
}


def measures_csv(methods: dict[str, str]) -> str:
    """Return the text of measures.csv.

    Parameters
    ----------
    methods
        Method by team id, in the order of the rows.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        [
            "team",
            "params_m",
            "flops_g",
            "time_ms",
            "time_low_ms",
            "time_high_ms",
            "passes",
            "device",
            "comparable",
        ]
    )
    for team, method in methods.items():
        cost = COSTS[method]
        counts = (f"{cost.constants / 1e6:.6f}", f"{cost.operations * PIXELS / 1e9:.4f}")
        writer.writerow([team, *counts, cost.time_ms, cost.low, cost.high, CALLS, DEVICE, "no"])
    return out.getvalue()
