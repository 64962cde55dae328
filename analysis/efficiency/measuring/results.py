"""What one run of a model found, read from reports that the model could have written itself."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from analysis.efficiency.measuring.isolation import Ending
from analysis.efficiency.measuring.reading import printable

STAGES = ("started", "imported", "restored", "pass", "counted", "done")
SLACK = 1.02
_LAST_LINES = 12
_MOST_TEXT = 700
_MOST_REMARKS = 8
_SIGNALS = {137: "killed (SIGKILL, as the kernel does when memory runs out)", 139: "crashed (SIGSEGV)"}


@dataclass(frozen=True)
class Run:
    """One process of one model.

    Attributes
    ----------
    problem
        Why it failed, "" if it did not; what is unknown below is then empty.
    printed
        The last lines of what it printed.
    times
        Milliseconds, a list of passes, each a list of images.
    coverage
        Share of the passes' wall clock, seen from outside, that the forward passes account for.
    counts
        `analysis.efficiency.counting.counts.Counts` as plain values; None with the reason in `why_no_counts`.
    remarks
        What a reader of the numbers must know.
    restoring_s
        Seconds, seen from outside, to make the networks, warm up and restore every image once.
    outside_ms
        Milliseconds per image in the passes, seen from outside, including everything around the forward
        passes.
    """

    problem: str
    printed: str = ""
    seconds: float = 0.0
    entry: str = ""
    times: tuple[tuple[float, ...], ...] = ()
    coverage: float = math.nan
    forwards: int | None = None
    tile: int | None = None
    memory: dict[str, float] = field(default_factory=dict)
    precision: str = ""
    params: int | None = None
    counts: dict[str, Any] | None = None
    why_no_counts: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    restoring_s: float = 0.0
    outside_ms: float = math.nan


def read_run(ending: Ending, *, images: int, passes: int) -> Run:
    """Return what a process found, or why it is not accepted."""
    printed = "\n".join(ending.printed.splitlines()[-_LAST_LINES:])
    problem = _why_failed(ending, passes)
    if not problem:
        try:
            return _believed(ending, printed, images)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            problem = f"its report is not what measuring reports: {error}"
    return Run(_text(problem), printed, ending.seconds)


def _why_failed(ending: Ending, passes: int) -> str:
    stages = [report["stage"] for report in ending.reports]
    told = [
        str(report.get("problem", "")) for report in ending.reports if report["stage"] in ("breach", "failed")
    ]
    wanted = [*STAGES[:3], *["pass"] * passes, *STAGES[4:]]
    if ending.stopped:
        return ending.stopped
    if told:
        return told[-1]
    if ending.status:
        how = _SIGNALS.get(ending.status, f"exit status {ending.status}")
        return f"{how}, after the stage {stages[-1] if stages else 'of starting'!r}"
    if stages != wanted:
        last = stages[-1] if stages else "of starting"
        return f"ended after the stage {last!r}, with exit status 0 and without results"
    return ""


def _believed(ending: Ending, printed: str, images: int) -> Run:
    at = {stage: report for report in ending.reports for stage in [report["stage"]]}
    passes = [report for report in ending.reports if report["stage"] == "pass"]
    times = tuple(_milliseconds(report["times"], images) for report in passes)
    began = [at["restored"]["at"], *(report["at"] for report in passes[:-1])]
    walls = [(report["at"] - start) * 1e3 for report, start in zip(passes, began, strict=True)]
    spent = sum(map(sum, times))
    if spent > sum(walls) * SLACK + 50:
        raise ValueError(f"{spent:.0f} ms of forward passes in {sum(walls):.0f} ms")
    counted = at["counted"]
    params = counted["params"]
    tile, forwards = at["restored"]["tile"], at["restored"]["forwards"]
    return Run(
        problem="",
        printed=printed,
        seconds=ending.seconds,
        entry=_text(at["imported"]["entry"]),
        times=times,
        coverage=spent / sum(walls) if sum(walls) else math.nan,
        restoring_s=at["restored"]["at"] - at["imported"]["at"],
        outside_ms=sum(walls) / (len(passes) * images),
        forwards=None if forwards is None else int(forwards),
        tile=None if tile is None else int(tile),
        memory={_text(name): _number(value) for name, value in counted["memory"].items()},
        precision=_text(counted["precision"]),
        params=None if params is None else int(_number(params)),
        counts=_counts(counted["counts"]),
        why_no_counts=_text(counted["why"]),
        remarks=tuple(_text(remark) for remark in counted["remarks"][:_MOST_REMARKS]),
        facts=dict(counted["facts"]) | {"device": _text(counted["facts"].get("device", ""))},
    )


def _counts(counts: dict[str, Any] | None) -> dict[str, Any] | None:
    if counts is not None:
        for name in ("params", "flops", "macs", "activations"):
            _number(counts[name])
        for item in counts["uncounted"]:
            item |= {"name": _text(item["name"])[:80], "share": _number(item["share"])}
        counts["complete"] = bool(counts["complete"])
    return counts


def _text(value: Any) -> str:
    """One line of text that can be shown."""
    return printable(" ".join(str(value)[:_MOST_TEXT].split()))


def _milliseconds(times: Sequence[float], images: int) -> tuple[float, ...]:
    if len(times) != images:
        raise ValueError(f"{len(times)} times for {images} images")
    return tuple(_number(value) for value in times)


def _number(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number) or number < 0:
        raise ValueError(f"{value!r} is not a number from 0 up")
    return number
