"""Saving an answer of each protocol: CPU milliseconds beside those of a top-3 ballot, on SQLite.

From the answer as the page sends it to the commit, both records included, in one thread; the waiting for the
disk, which all have in common, is not counted.
"""

import argparse
import os
import tempfile
import time
import uuid
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
from sqlmodel import col, func, select

from benchmarks.served_study import make_study
from studyapp.db.tables import Trial, TrialSlot
from studyapp.protocols import Asked
from studyapp.services.ground.studies import the_protocol
from studyapp.services.ground.workspace import Workspace, open_workspace
from studyapp.services.voting.ballot_box import BallotBox
from studyapp.services.voting.ballots import Cast

KINDS = ("top_k", "ranking", "pairwise", "acr", "slider")
IMAGES = 5


def main(argv: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="bench_saving", description=__doc__)
    parser.add_argument("--answers", type=int, default=400, help="of each kind, in turns of a hundred")
    rounds = parser.parse_args(argv).answers // 100
    os.environ.pop("STUDYAPP_DATABASE_URL", None)
    print(f"{'what':<24} {'ours':>10} {'a top-3 ballot':>16} {'ratio':>8}")
    with tempfile.TemporaryDirectory(prefix="studyapp-bench-") as folder:
        saving = {kind: _Saving(Path(folder) / kind, kind) for kind in KINDS}
        # In turns, so that whatever else the machine does meets all alike.
        seconds = {kind: [] for kind in KINDS}
        for _ in range(rounds):
            for kind, one in saving.items():
                seconds[kind].append(one.hundred())
        for one in saving.values():
            one.close()
    base = np.median(seconds["top_k"])
    for kind, taken in seconds.items():
        ours = np.median(taken)
        print(f"{kind:<24} {10 * ours:>7.2f} ms {10 * base:>13.2f} ms {ours / base:>7.2f}x")


class _Saving:
    """A study of one judge who answers again and again."""

    def __init__(self, root: Path, kind: str) -> None:
        make_study(root, judges=1, images=IMAGES, protocol=f"kind: {kind}")
        self._workspace: Workspace = open_workspace(root)
        self._box = BallotBox(self._workspace.database)
        with self._workspace.database.reading() as session:
            protocol = the_protocol(session)
            trials = session.exec(
                select(Trial.judge_id, Trial.public_id, func.count(col(TrialSlot.slot)) - 1)
                .join(TrialSlot, col(TrialSlot.trial_id) == Trial.id)
                .where(Trial.kind == "main")
                .group_by(col(Trial.id), col(Trial.judge_id), col(Trial.public_id))
            ).all()
        self._answers: dict[tuple[int, str], Any] = {
            (judge, public_id): protocol.simulate(
                protocol.question(Asked("main", slots)), {slot: float(slot) for slot in range(1, slots + 1)}
            )[-1]
            for judge, public_id, slots in trials
        }
        self._revisions = dict.fromkeys(self._answers, 0)
        self._turn = cycle(self._answers)

    def hundred(self) -> float:
        """Save a hundred answers; return the CPU seconds."""
        start = time.process_time()
        for _ in range(100):
            trial = next(self._turn)
            judge, public_id = trial
            cast = Cast(
                judge,
                public_id,
                str(uuid.uuid4()),
                self._revisions[trial],
                self._answers[trial],
                datetime.now(UTC),
            )
            self._revisions[trial] = self._box.save(cast).revision
        return time.process_time() - start

    def close(self) -> None:
        """Give back the database."""
        self._workspace.database.close()


if __name__ == "__main__":
    main()
