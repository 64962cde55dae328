"""Run in a process of its own: score folders of pairs one after the other, and tell what each one took.

Arguments: the folders. Prints a JSON line for each: seconds of processor time, peak memory in MiB above what
the process had, and each team's values and problems; or why the folder was refused.
"""

import json
import sys
import time
from pathlib import Path

from analysis.errors import AnalysisError
from analysis.paired.backends import Tools, describe
from analysis.paired.folder import find_pairs
from analysis.paired.measuring import Task, measure_pair
from tests.hostile.measure import now_resident, peak

METRICS = ("psnr",)  # the only one that takes the corpus's 20 x 10 pixels


def score(folder: Path) -> dict:
    definitions = {metric: describe(metric, Tools()) for metric in METRICS}
    try:
        pairs = find_pairs(folder)
    except AnalysisError as error:
        return {"refused": str(error)}
    rows = [row for pair in pairs for row in measure_pair(Task(pair, definitions, Tools()))]
    return {"teams": {row.team: {"values": row.values, "problems": row.problems} for row in rows}}


def main() -> None:
    for name in sys.argv[1:]:
        Path("/proc/self/clear_refs").write_text("5")
        before, started = now_resident(), time.process_time()
        said = score(Path(name))
        said |= {"seconds": time.process_time() - started, "mebibytes": (peak() - before) / 1024}
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
