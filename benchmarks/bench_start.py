"""What a start costs: importing the application, beside what any such application imports, and the memory.

Processor seconds of fresh interpreters, medians, taken by turns; MB that a process holds after the import
(resident, Linux).
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys

OURS, PEER = "import studyapp.app", "import flask, flask_login, sqlmodel, numpy"
GOAL = 1.5
HELD = """
import pathlib, re
print(re.search(r"VmRSS:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1])
"""


def main(argv: list[str] | None = None) -> None:
    """Print our figure, the peer's and the ratio."""
    parser = argparse.ArgumentParser(prog="bench_start", description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args(argv).runs
    for code in (OURS, PEER):
        _seconds(code)  # writes the compiled files
    both = [(_seconds(OURS), _seconds(PEER)) for _ in range(runs)]
    ours, peer = (statistics.median(column) for column in zip(*both, strict=True))
    print(f"{OURS:<50} {ours:6.2f} CPU s {_held(OURS):7.0f} MB")
    print(f"{PEER:<50} {peer:6.2f} CPU s {_held(PEER):7.0f} MB")
    print(f"{'ratio':<50} {ours / peer:6.2f}   goal {GOAL}")


def _run(code: str) -> str:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, env=environment)
    return done.stdout.decode()


def _seconds(code: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _run(code)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _held(code: str) -> float:
    return int(_run(f"{code}{HELD}")) / 1024


if __name__ == "__main__":
    main()
