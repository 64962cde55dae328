"""What judges said about candidates: reasons that the study accepts, and the two files made from them."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis.amounts import how_many
from analysis.json_text import read_json
from analysis.verify.record import Event, MisfitError
from analysis.verify.replay import Replay
from analysis.verify.results import plain
from analysis.verify.seal import compare_rows, read_rows
from analysis.verify.shown import CONTROLS

REASONS, LINES = "reasons.csv", "reasons.jsonl"
COLUMNS = (
    "judge", "image", "kind", "trial", "slot", "team", "answer", "region", "attribute", "direction",
    "severity", "x", "y", "width", "height", "text",
)  # fmt: skip
SIDES = {"A": "Image A (Left)", "B": "Image B (Right)"}


def check_reasons(replay: Replay, folder: Path) -> str:
    """reasons.csv and reasons.jsonl contain what judges who count said about teams that are not excluded."""
    standing = list(_standing(replay))
    expected = [row for event in standing for row in _rows(replay, event)]
    if not expected and not (folder / REASONS).exists() and not (folder / LINES).exists():
        return "nobody gave reasons"
    compare_rows(REASONS, COLUMNS, expected, read_rows(folder / REASONS, COLUMNS))
    _compare_lines([line for event in standing if (line := _line(replay, event))], folder / LINES)
    return f"{how_many(len(expected), 'reasons')} as given"


def _standing(replay: Replay) -> Iterator[Event]:
    """The last events of trials, by judge and position; practice trials have no reasons."""
    for judge in replay.counting:
        own = [trial for trial in replay.trials.values() if trial.judge == judge.label]
        for trial in sorted(own, key=lambda trial: trial.position):
            event = replay.current.get(trial.public_id)
            if event is not None and trial.kind != "practice":
                yield event


def _kept(replay: Replay, event: Event) -> list[dict[str, Any]]:
    """The event's reasons about teams that are not out, by slot."""
    slots = replay.trials[event.body["trial"]].slots
    given = [
        item for item in event.body.get("reasons", ()) if slots[item["slot"] - 1] not in replay.disqualified
    ]
    return sorted(given, key=lambda reason: reason["slot"])


def _rows(replay: Replay, event: Event) -> Iterator[tuple[str, ...]]:
    trial, answer = replay.trials[event.body["trial"]], event.body["answer"]
    for reason in _kept(replay, event):
        slot = reason["slot"]
        said = replay.protocol.said_of(answer, slot)
        about = (
            trial.judge,
            trial.image,
            trial.kind,
            trial.public_id,
            str(slot),
            trial.slots[slot - 1],
            said,
        )
        words = (plain(reason["region"] or ""), plain(reason["attribute"]), reason["direction"])
        severity = str(reason["severity"] or "")
        rect = [str(side) for side in reason["rect"] or ("",) * 4]
        yield *about, *words, severity, *rect, plain(reason["text"] or "")


def _line(replay: Replay, event: Event) -> dict[str, Any] | None:
    """What reasons.jsonl has of a complete ballot; its images by team."""
    trial, protocol, reasons = replay.trials[event.body["trial"]], replay.protocol, _kept(replay, event)
    letters = {
        slot: _letters(slot)
        for slot, team in enumerate(trial.slots, start=1)
        if team not in replay.disqualified
    }
    if trial.kind != "main" or not event.body["complete"] or not reasons:
        return None
    if protocol.is_pair and len(letters) < 2:
        return None
    lines = []
    for reason in reasons:
        letter = _letters(reason["slot"])
        who = SIDES[letter] if protocol.is_pair else f"Image {letter}"
        words = f"{reason['region'] or 'Marked'} {reason['attribute']}: {who} is {reason['direction']}."
        line = f"{words} {reason['text']}" if reason["text"] else words
        lines.append(line.translate({ord("<"): "‹", ord(">"): "›"}))
    answer = protocol.said_in_letters(event.body["answer"], letters)
    return {
        "images": [_place(trial.slots[slot - 1], trial.image) for slot in letters],
        "solution": "\n".join(["<thinking>", *lines, "</thinking>", f"<answer>{answer}</answer>"]),
        "candidates": {letter: trial.slots[slot - 1] for slot, letter in letters.items()},
        "judge": trial.judge,
        "image": trial.image,
        "trial": trial.public_id,
    }


def _place(team: str, image: str) -> str:
    """Where the image is in the study's folder."""
    return f"{team}/{image}" if team in CONTROLS else f"teams/{team}/{image}"


def _letters(slot: int) -> str:
    before, last = divmod(slot - 1, 26)
    return (_letters(before) if before else "") + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[last]


def _compare_lines(expected: Sequence[Mapping[str, Any]], path: Path) -> None:
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    found = [_without_kind_of_file(read_json(line)) for line in text.split("\n") if line]
    for number, (want, have) in enumerate(zip(expected, found, strict=False), start=1):
        for key in sorted({*want, *have}):
            if want.get(key) != have.get(key):
                raise MisfitError(
                    f"{LINES}, line {number}: {key} is {have.get(key)!r}, but the ledger gives "
                    f"{want.get(key)!r}"
                )
    if len(expected) != len(found):
        raise MisfitError(
            f"{LINES} has {how_many(len(found), 'lines')}, but the ledger gives {len(expected)}"
        )


def _without_kind_of_file(line: dict[str, Any]) -> dict[str, Any]:
    """The ledger does not say which kind of file an image was."""
    return line | {"images": [name.rpartition(".")[0] for name in line["images"]]}
