"""Run every benchmark, or those named: ``python -m benchmarks [tiling report ...]``."""

import importlib
import sys

ALL = (
    "tiling",
    "fairness",
    "models",
    "agreement",
    "answers",
    "against_judges",
    "adaptive",
    "saving",
    "report",
    "metrics",
    "counting",
    "measuring",
    "scoring",
    "server",
    "start",
    "uploads",
    "publish",
    "challenge",
    "console",
    "ledger",
    "viewer",
)


def main(names: list[str]) -> None:
    """Run benchmarks one after the other; each prints its own table."""
    for name in names or ALL:
        print(f"\n== {name}", flush=True)
        importlib.import_module(f"benchmarks.bench_{name}").main([])


if __name__ == "__main__":
    main(sys.argv[1:])
