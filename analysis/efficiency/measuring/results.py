"""What one run of a model found, read from reports that the model could have written itself."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from analysis.amounts import how_many
from analysis.efficiency.measuring.isolation import Ending
from analysis.efficiency.measuring.reading import printable

STAGES = ("started", "imported", "restored", "pass", "counted", "done")
SLACK = 1.02
_LAST_LINES = 12
_MOST_TEXT = 700
_MOST_REMARKS = 8
_MOST_ITEMS, _DEEPEST = 64, 4
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
    probes
        What `inside.probing` found: weights, inputs, deployed; empty but in the first run of a model.
    selected
        Its row of the organisers' select_model: name, data_range, tile; empty for other entry points.
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
    probes: dict[str, Any] = field(default_factory=dict)
    selected: dict[str, Any] = field(default_factory=dict)


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
        selected=_plain(at["imported"].get("selected", {})),
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
        probes=_probed(counted.get("probes", {})),
        remarks=tuple(_text(remark) for remark in counted["remarks"][:_MOST_REMARKS]),
        facts=dict(counted["facts"]) | {"device": _text(counted["facts"].get("device", ""))},
    )


def _counts(counts: dict[str, Any] | None) -> dict[str, Any] | None:
    if counts is not None:
        for name in ("params", "flops", "macs", "activations"):
            _number(counts[name])
        for item in counts["uncounted"]:
            item |= {"name": _text(item["name"])[:80], "share": _number(item["share"])}
            item |= {name: _number(item.get(name, 0)) for name in ("possible", "elements")}
            item["kind"] = _text(item.get("kind", ""))
        counts["weights"] = _plain(counts.get("weights", {}))
        counts["fvcore"] = _plain(counts.get("fvcore"))
        counts["complete"] = bool(counts["complete"])
    return counts


def _probed(probes: dict[str, Any]) -> dict[str, Any]:
    """What probing found, its times and counts as numbers."""
    found = _plain(probes)
    inputs, deployed = found.get("inputs", {}), found.get("deployed", {})
    inputs |= {name: list(map(_number, values)) for name, values in inputs.items() if name.endswith("_ms")}
    counts = ("difference", "params_before", "params_after", "macs_before", "macs_after")
    deployed |= {name: _number(deployed[name]) for name in counts if name in deployed}
    for one in found.get("weights", []):
        one |= {name: _number(one[name]) for name in ("bits", "elements")}
    return found


def _plain(value: Any, depth: int = 0) -> Any:
    """A value of JSON with bounded names, lists and depth, and numbers from 0 up."""
    if isinstance(value, dict) and depth < _DEEPEST:
        few = list(value.items())[:_MOST_ITEMS]
        return {_text(name): _plain(inner, depth + 1) for name, inner in few}
    if isinstance(value, list | tuple) and depth < _DEEPEST:
        return [_plain(inner, depth + 1) for inner in value[:_MOST_ITEMS]]
    if value is None or isinstance(value, bool):
        return value
    return _number(value) if isinstance(value, int | float) else _text(value)


def _text(value: Any) -> str:
    """One line of text that can be shown."""
    return printable(" ".join(str(value)[:_MOST_TEXT].split()))


def _milliseconds(times: Sequence[float], images: int) -> tuple[float, ...]:
    if len(times) != images:
        raise ValueError(f"{len(times)} times for {how_many(images, 'images')}")
    return tuple(_number(value) for value in times)


def _number(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number) or number < 0:
        raise ValueError(f"{value!r} is not a number from 0 up")
    return number
