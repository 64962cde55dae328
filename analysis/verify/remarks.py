"""What judges said of candidates: reasons.csv follows from the ballots as they stand."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from analysis.verify.record import Event
from analysis.verify.replay import Replay
from analysis.verify.results import plain
from analysis.verify.seal import compare_rows, read_rows

REASONS = "reasons.csv"
COLUMNS = (
    "judge", "image", "kind", "trial", "slot", "team", "answer", "good", "bad", "x", "y", "width", "height",
    "text",
)  # fmt: skip


def check_reasons(replay: Replay, folder: Path) -> str:
    """reasons.csv holds every reason of the judges who count, of teams that are not out, and nothing else."""
    expected = [row for event in _standing(replay) for row in _rows(replay, event)]
    if not expected and not (folder / REASONS).exists():
        return "nobody gave reasons"
    compare_rows(REASONS, COLUMNS, expected, read_rows(folder / REASONS, COLUMNS))
    return f"{len(expected)} reasons as they were given"


def _standing(replay: Replay) -> Iterator[Event]:
    """The last events of trials, by judge and position; practice trials have no reasons."""
    for judge in replay.counting:
        own = [trial for trial in replay.trials.values() if trial.judge == judge.label]
        for trial in sorted(own, key=lambda trial: trial.position):
            event = replay.current.get(trial.public_id)
            if event is not None and trial.kind != "practice":
                yield event


def _rows(replay: Replay, event: Event) -> Iterator[tuple[str, ...]]:
    trial, answer = replay.trials[event.body["trial"]], event.body["answer"]
    for reason in sorted(event.body.get("reasons", ()), key=lambda reason: reason["slot"]):
        slot = reason["slot"]
        team = trial.slots[slot - 1]
        if team not in replay.disqualified:
            said = replay.protocol.said_of(answer, slot)
            rect = [str(side) for side in reason["rect"] or ("",) * 4]
            about = (trial.judge, trial.image, trial.kind, trial.public_id, str(slot), team, said)
            yield *about, _tags(reason, "+"), _tags(reason, "-"), *rect, plain(reason["text"])


def _tags(reason: dict[str, Any], sign: str) -> str:
    return plain("; ".join(tag[1:] for tag in reason["tags"] if tag[0] == sign))
