"""Run in a process of its own: check study folders one after the other, and tell what each one took.

Arguments: the folders. Prints a JSON line for each: seconds of processor time, peak memory in MiB above what
the process had, and the problems found. Images are decoded in this process, so that they are in the figures.
"""

import json
import sys
import time
from pathlib import Path

from studyapp.services.folder.checking import check_study
from tests.here import Here


def peak() -> int:
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])


def now_resident() -> int:
    return int(Path("/proc/self/status").read_text().split("VmRSS:")[1].split()[0])


def main() -> None:
    for name in sys.argv[1:]:
        Path("/proc/self/clear_refs").write_text("5")
        before, started = now_resident(), time.process_time()
        problems = check_study(Path(name), pool=Here())
        said = {
            "seconds": time.process_time() - started,
            "mebibytes": (peak() - before) / 1024,
            "problems": [[item.path, item.what, item.severity] for item in problems],
        }
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
