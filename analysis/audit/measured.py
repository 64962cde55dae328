"""What `studyapp measure` recorded of a model beyond its row: gaps of the count, weights, other inputs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from analysis.audit.findings import Finding

UNCOUNTED, BITS = "operators not counted", "bits of the weights"
SLOWER = 1.5
"""Inputs are slower when each is, and the median by this factor: 1 chance in 20 to 252 if they are equal."""
SAME_OUTPUT = 1e-3
"""Of the range of an output: what re-parameterisation may change by rounding."""
ALIKE_DB = 30.0
"""The middle of an output when the image is a pixel smaller, against that of the whole image."""
_ENOUGH = 0.01
_OPERATIONS = 10
"""For an element, of operators that are listed as cheap: what they can cost at most."""
_LOST = 0.8


def audit_measured(models: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """Return what was found of each model, those that are all right together.

    Parameters
    ----------
    models
        Models of measures.json that did not fail, as `analysis.efficiency.times.Times.details` has them.
    """
    found: list[Finding] = []
    for name, check in _CHECKS.items():
        told = [
            Finding(name, verdict, f"{model['team']}: {why}", teams=(str(model["team"]),))
            for model in models
            for verdict, why in check(model["runs"][0])
        ]
        notable = [one for one in told if one.verdict != "ok"]
        fine = [one.teams[0] for one in told if one.verdict == "ok"]
        found += notable
        if fine:
            found.append(
                Finding(name, "ok", f"{_FINE[name]}: {', '.join(dict.fromkeys(fine))}", teams=tuple(fine))
            )
    return found


Said = Iterator[tuple[str, str]]


def _uncounted(run: Mapping[str, Any]) -> Said:
    counts = run["counts"]
    if counts is None:
        yield "unchecked", f"not counted: {run['why_no_counts']}"
        return
    gaps = [one for one in counts["uncounted"] if one.get("kind") in ("outside aten", "unknown")]
    macs = counts["macs"]
    for one in gaps:
        missing = one.get("possible", 0)
        how = (
            f"with the weights that it takes, at every position of its output, {missing / 1e9:.3g} G "
            f"multiply-adds could be missing ({missing / macs:.2g} times those counted)"
            if missing and macs
            else "it takes no weights, so nothing limits what is missing"
        )
        yield "wrong", f"{one['name']} was not counted, but what comes before and after it was; {how}"
    if not counts["complete"] and not gaps:
        notes = [str(note) for note in counts.get("notes", []) if "outside PyTorch" in str(note)]
        hidden = (counts.get("weights") or {}).get("unused", 0)
        held = f"; {hidden / 1e6:.3g} M parameters are used by no recorded operator" if hidden else ""
        yield "wrong", f"{'; '.join(notes) or 'the count is incomplete'}{held}"
    elif counts["complete"]:
        yield from _cheap(counts, macs)


def _cheap(counts: Mapping[str, Any], macs: float) -> Said:
    elements = sum(one.get("elements", 0) for one in counts["uncounted"])
    most = _OPERATIONS * elements
    if not macs or most <= 2 * macs * _ENOUGH * 10:
        yield "ok", ""
        return
    names = ", ".join(f"{one['name']} {one['share']:.0%}" for one in counts["uncounted"][:3])
    yield (
        "note",
        f"operators with a few operations per element ({names}) are not in its FLOPs; at {_OPERATIONS} "
        f"each they are {most / 1e9:.3g} G, compared with the {2 * macs / 1e9:.3g} G counted",
    )


def _fvcore(run: Mapping[str, Any]) -> Said:
    counts = run["counts"]
    check = (counts or {}).get("fvcore")
    if not check or not check.get("ours"):
        return
    if check["macs"] >= _LOST * check["ours"]:
        yield "ok", ""
        return
    named = ", ".join(str(name) for name, _ in (check.get("unsupported") or [])[:3])
    size = "x".join(f"{side:g}" for side in check["shape"][2:])
    yield (
        "note",
        f"fvcore, which NTIRE's scripts use, counts {check['macs'] / 1e9:.3g} of {check['ours'] / 1e9:.3g} "
        f"G multiply-adds at {size}; it misses what comes before an operator that its tracer cannot "
        f"follow{f' (it leaves out {named})' if named else ''}",
    )


def _weights(run: Mapping[str, Any]) -> Said:
    use = (run["counts"] or {}).get("weights") or {}
    total = sum(use.values())
    if not total:
        return
    parts = {
        "hidden": "are used by operators that were not counted",
        "unused": "are used by no operator: left from training, or used outside PyTorch",
    }
    odd = [
        f"{use[name] / 1e6:.3g} M {said}"
        for name, said in parts.items()
        if use.get(name, 0) > _ENOUGH * total
    ]
    fewer = use.get("fewer", 0)
    if fewer > _ENOUGH * total:
        odd.append(
            f"{fewer / 1e6:.3g} M are multiplied at fewer positions than there are pixels (strides, "
            "pooling, vectors), so parameters x pixels does not limit its multiply-adds"
        )
    yield ("note", f"of {total / 1e6:.3g} M parameters {'; '.join(odd)}") if odd else ("ok", "")


def _bits(run: Mapping[str, Any]) -> Said:
    kinds = (run.get("probes") or {}).get("weights") or []
    kept = [one for one in kinds if one["kind"] != "buffer" or one["bits"] <= 8]
    if not kept:
        return
    said = [
        f"{one['elements'] / 1e6:.3g} M of {one['dtype']} ({one['bits']:g} bits, "
        f"{one['elements'] * one['bits'] / 8e6:.3g} MB{_KEPT[one['kind']]})"
        for one in kept
        if one["kind"] in _KEPT
    ]
    plain = all(one["kind"] == "parameter" and one["dtype"] == "float32" for one in kept)
    yield ("ok", "") if plain else ("note", f"weights are {', '.join(said)}")


_KEPT = {
    "parameter": "",
    "buffer": ", kept as buffers, which are not parameters",
    "packed": ", packed, not parameters",
}


def _memory(run: Mapping[str, Any]) -> Said:
    found = (run.get("probes") or {}).get("inputs") or {}
    if "why" in found or "seen_ms" not in found:
        yield (
            "unchecked",
            f"other inputs were not tried: {found.get('why', 'a main reads its images itself')}",
        )
        return
    seen, moved = found["seen_ms"], found["moved_ms"]
    if found["differs"] is False:
        yield (
            "wrong",
            "its output stays the same when the pixels of its input are moved: it does not depend on the "
            "input",
        )
    if _slower(moved, seen):
        yield (
            "wrong",
            f"an image that it has seen takes {np.median(seen):.3g} ms, but the same pixels moved "
            f"{np.median(moved):.3g} ms ({np.median(moved) / np.median(seen):.1f} times, in each of "
            f"{len(seen)} turns): it remembers inputs, and its times are those of remembering",
        )
    elif found["differs"] is not False:
        yield "ok", ""


def _sizes(run: Mapping[str, Any]) -> Said:
    found = (run.get("probes") or {}).get("inputs") or {}
    if "moved_ms" not in found:
        return
    if found["cropped_problem"]:
        yield "note", f"a smaller size was not tried: {found['cropped_problem']}"
        return
    moved, cropped, psnr = found["moved_ms"], found["cropped_ms"], found["cropped_psnr"]
    fine = True
    if _slower(cropped, moved):
        fine = False
        yield (
            "wrong",
            f"a new image takes {np.median(moved):.3g} ms, but one that is a pixel smaller "
            f"{np.median(cropped):.3g} ms ({np.median(cropped) / np.median(moved):.1f} times, in each of "
            f"{len(moved)} turns): it is only fast for sizes that it knows",
        )
    if psnr is not None and psnr < ALIKE_DB:
        fine = False
        yield (
            "note",
            f"the middle of its output changes when the image is a pixel smaller ({psnr:.0f} dB): it may "
            "run another network for sizes that it does not know",
        )
    if fine:
        yield "ok", ""


def _deployed(run: Mapping[str, Any]) -> Said:
    found = (run.get("probes") or {}).get("deployed")
    if not found:
        return
    if "why" in found:
        yield (
            "unchecked",
            f"{found['method']}() could not be compared ({found['why']}); it may have been called already",
        )
        return
    before, after = (
        f"{found[f'params_{when}'] / 1e6:.4g} M parameters and {found[f'macs_{when}'] / 1e9:.4g} G "
        "multiply-adds"
        for when in ("before", "after")
    )
    same = found["difference"] <= SAME_OUTPUT
    what = f"{before} before {found['method']}(), {after} after"
    if same and before == after:
        yield "ok", ""
    elif same:
        yield (
            "note",
            f"{what}; the outputs are the same (largest difference {found['difference']:.1e} of their range)",
        )
    else:
        yield (
            "wrong",
            f"{what}, but not the same outputs: they differ by up to {found['difference']:.2g} of their "
            "range, so neither count is that of the network that made the images",
        )


def _slower(slow: Sequence[float], fast: Sequence[float]) -> bool:
    return bool(slow and fast and min(slow) > max(fast) and np.median(slow) > SLOWER * np.median(fast))


_CHECKS: dict[str, Callable[[Mapping[str, Any]], Said]] = {
    UNCOUNTED: _uncounted,
    "fvcore's count": _fvcore,
    "parameters at work": _weights,
    BITS: _bits,
    "inputs seen before": _memory,
    "sizes": _sizes,
    "re-parameterisation": _deployed,
}
_FINE = {
    UNCOUNTED: "every operator with much work was counted",
    "fvcore's count": "fvcore counts about the same",
    "parameters at work": "nearly all parameters are multiplied at every pixel",
    BITS: "all weights are parameters of float32",
    "inputs seen before": "moved pixels take no longer, and change the output",
    "sizes": "images a pixel smaller take no longer, and give the same output",
    "re-parameterisation": "re-parameterising again changes nothing",
}
