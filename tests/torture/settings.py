"""The ways in which the server is set up for its torture."""

import random
import shutil
import subprocess
from pathlib import Path

# Adds TORTURE_SKEW seconds to the time of day and leaves the monotonic clock alone.
_SKEWED_CLOCK = r"""
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t id, struct timespec *now) {
  int result = (int) syscall(SYS_clock_gettime, id, now);
  const char *skew = getenv("TORTURE_SKEW");
  if (result == 0 && skew && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) now->tv_sec += atol(skew);
  return result;
}
"""


def system_sqlite(folder: Path) -> dict[str, str]:
    """Hide the bundled SQLite from the server: it takes the system's, and no WAL if that has the bug."""
    hidden = folder / "without-pysqlite3"
    hidden.mkdir(exist_ok=True)
    (hidden / "pysqlite3.py").write_text("raise ImportError('hidden')\n", encoding="utf-8")
    return {"PYTHONPATH": str(hidden)}


class SkewedClock:
    """Environments that give a server a time of day up to an hour off, another one at each call."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            raise RuntimeError("the skewed clock needs a C compiler (cc)")
        source = folder / "skewed_clock.c"
        source.write_text(_SKEWED_CLOCK, encoding="utf-8")
        self.library = source.with_suffix(".so")
        command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(self.library), str(source)]
        subprocess.run(command, check=True)

    def __call__(self, rng: random.Random) -> dict[str, str]:
        return {"LD_PRELOAD": str(self.library), "TORTURE_SKEW": str(rng.randint(-3600, 3600))}
