"""Measurements as the rows of measures.csv, and in full."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from analysis.amounts import how_many
from analysis.audit.measured import BITS, UNCOUNTED, audit_measured
from analysis.efficiency.measures import NUMBERS, RANKED, REQUIRED, TEXTS, with_whole_counts
from analysis.efficiency.measuring import environment
from analysis.efficiency.measuring.plan import Plan
from analysis.efficiency.measuring.reproducing import CLOSE_LEVELS, CLOSE_PSNR, summary, verdict
from analysis.efficiency.measuring.run import Measurement

LEVEL = 0.95
_MOST_NAMES = 8
_SHOWN_LINES = 3


def mean_interval(passes: np.ndarray) -> tuple[float, float, float]:
    """Return mean, low and high of the mean time per image, from Student's t over the passes.

    A pass, not a forward pass of one image, is the unit of repetition: drift affects a whole pass, and
    differences between images are not errors, because all models get the same ones. With three to five passes
    a percentile bootstrap would cover far less than 95 %. A single pass has no interval (NaN).

    Parameters
    ----------
    passes
        Milliseconds, shape (passes, images).

    Examples
    --------
    >>> mean_interval(np.array([[10.0, 20.0], [12.0, 22.0], [11.0, 21.0]]))
    (16.0, 13.516, 18.484)
    """
    means = passes.mean(axis=1)
    mean = float(means.mean())
    if len(means) < 2:
        return mean, math.nan, math.nan
    half = stats.t.ppf((1 + LEVEL) / 2, len(means) - 1) * means.std(ddof=1) / np.sqrt(len(means))
    return mean, round(max(mean - float(half), 0.0), 3), round(mean + float(half), 3)


def measures_table(measurements: Sequence[Measurement]) -> pd.DataFrame:
    """Return the rows of measures.csv, sorted by team; a model that failed only has its problem."""
    columns = [*REQUIRED, *NUMBERS, *TEXTS]
    rows = [_row(measurement) for measurement in sorted(measurements, key=lambda one: one.team)]
    table = pd.DataFrame(rows, columns=columns)
    for name in (*RANKED, *NUMBERS):
        table[name] = table[name].astype(float)
    return with_whole_counts(table)


def details(measurements: Sequence[Measurement], plan: Plan) -> dict[str, Any]:
    """Return everything that was found, as plain values for JSON."""
    shown = dataclasses.asdict(plan) | {"passes": plan.passes_a_round, "cache": str(plan.cache)}
    return {
        "plan": shown,
        "machine": environment.machine(),
        "close": {"levels": CLOSE_LEVELS, "psnr": CLOSE_PSNR},
        "models": [_details(measurement) for measurement in measurements],
    }


def notes(measurements: Sequence[Measurement]) -> list[str]:
    """Return what a reader of the table must know about each model."""
    found = []
    for one in measurements:
        if one.problem:
            printed = one.runs[-1].printed.splitlines()[-_SHOWN_LINES:] if one.runs else []
            found.append("\n    ".join([f"{one.team}: failed: {one.problem}", *printed]))
            continue
        found += [f"{one.team}: {remark}" for remark in said_of(one)]
        if one.runs[0].why_no_counts:
            found.append(f"{one.team}: FLOPs unknown: {one.runs[0].why_no_counts}")
        if verdict(one.matches) == "different":
            found.append(f"{one.team}: {_mismatch(one)}")
    return found


def said_of(one: Measurement) -> list[str]:
    """Return what must be known about a measured model, besides what has its own column."""
    run = one.runs[0]
    found = [*one.remarks, *run.remarks]
    if not one.isolated:
        found.append("ran without isolation, as --trust allows")
    if run.forwards == 0:
        found.append("main called no nn.Module, so its time is that of the whole main")
    elif run.coverage < 0.5:
        rest = "the rest of main" if run.entry == "main" else "the handling of images"
        share = f"forward passes are only {run.coverage:.0%} of the elapsed time"
        share += f" ({run.outside_ms:.4g} ms per image)"
        found.append(f"{share}, and {rest} is not counted")
    if run.tile:
        found.append(f"restored in tiles of {run.tile} pixels")
    return found + _audited(one)


def _audited(one: Measurement) -> list[str]:
    """What cannot be right, but for gaps of the count, which have a column of their own; bits of weights."""
    found = audit_measured([{"team": one.team, "runs": [dataclasses.asdict(one.runs[0])]}])
    told = [
        finding
        for finding in found
        if (finding.verdict == "wrong" and finding.check != UNCOUNTED)
        or (finding.verdict == "note" and finding.check == BITS)
    ]
    return [finding.message.removeprefix(f"{one.team}: ") for finding in told]


def _mismatch(one: Measurement) -> str:
    bad = [match for match in one.matches if match.verdict in ("different", "missing")]
    worst = max(bad, key=lambda match: match.largest or 0)
    how = worst.note or f"up to {worst.largest} levels, {worst.psnr:.1f} dB"
    return (
        f"{len(bad)} of {how_many(len(one.matches), 'outputs')} differ from the submitted images (image "
        f"{worst.image}: {how})"
    )


def _row(one: Measurement) -> dict[str, Any]:
    row: dict[str, Any] = {"team": one.team, "status": "failed" if one.problem else "measured"}
    row |= dict.fromkeys(TEXTS, "") | {"status": row["status"], "problem": one.problem}
    if one.problem:
        return row
    run = one.runs[0]
    times = passes_of(one)
    mean, low, high = mean_interval(times)
    memory = [max(run.memory.values(), default=math.nan) for run in one.runs]
    row |= {
        "time_ms": round(mean, 3),
        "time_median_ms": round(float(np.median(times)), 3),
        "time_low_ms": low,
        "time_high_ms": high,
        "images": times.shape[1],
        "passes": times.shape[0],
        "memory_mb": round(max(memory), 1),
        "device": str(run.facts.get("device", "")),
        "comparable": "yes" if run.facts.get("comparable") else "no",
        "precision": run.precision,
        "tile": "" if run.tile is None else str(run.tile),
        "reproduced": verdict(one.matches),
        "remarks": "; ".join(said_of(one)),
    }
    if run.params is not None:
        row["params_m"] = run.params / 1e6
    if run.counts is not None:
        row |= _counted(run.counts)
    elif run.why_no_counts:
        row["problem"] = f"FLOPs unknown: {run.why_no_counts}"
    return row


def _counted(counts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "params_m": counts["params"] / 1e6,
        "flops_g": counts["flops"] / 1e9,
        "macs_g": counts["macs"] / 1e9,
        "activations_m": counts["activations"] / 1e6,
        "uncounted": _uncounted(counts),
    }


def _uncounted(counts: Mapping[str, Any]) -> str:
    """Operators without a formula, each with its share of all outputs' elements."""
    names = [f"{item['name']} {item['share']:.1%}" for item in counts["uncounted"]]
    shown = "; ".join(names[:_MOST_NAMES]) + ("; ..." if len(names) > _MOST_NAMES else "")
    return shown if counts["complete"] else f"INCOMPLETE: {shown or 'see the details'}"


def passes_of(one: Measurement) -> np.ndarray:
    """Return the milliseconds of all rounds, shape (passes, images)."""
    return np.array([times for run in one.runs for times in run.times])


def _details(one: Measurement) -> dict[str, Any]:
    return {
        "team": one.team,
        "model": one.model,
        "problem": one.problem,
        "isolated": one.isolated,
        "remarks": list(one.remarks),
        "reproduced": dict(summary(one.matches)),
        "images": [dataclasses.asdict(match) for match in one.matches],
        "runs": [dataclasses.asdict(run) for run in one.runs],
        "states": list(one.states),
    }
