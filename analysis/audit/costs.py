"""Parameters and FLOPs of a table: whether FLOPs or multiply-adds are printed, and which are too few.

A convolution applies each weight at every position of its output, so a network whose layers all work at the
size of the input makes at least (parameters - biases - scales) x pixels multiply-adds. Strides, pooling, a
pixel-unshuffle before the layers, attention on vectors, tables that are looked up and weights that are not
used make it less: what is below the bound may be right, and says that something is not a plain network, or
that something was not counted. A pixel-shuffle at the end costs nothing and changes nothing.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.audit.findings import Finding

SLACK = 1.25
"""So much is explained by biases, scales and small branches (of published plain networks up to 1.08)."""
UNIT = {
    "macs": "multiply-adds (MACs)",
    "flops": "FLOPs, two for each multiply-add",
    "either": "either of the two",
}
_MAY_BE = (
    "It may be right where weights work at fewer positions (strides, pooling, a pixel-unshuffle first), "
    "are looked "
    "up, are chosen by the input, or are not used; otherwise operators were not counted"
)


@dataclass(frozen=True)
class Bound:
    """The bound of one model.

    Attributes
    ----------
    least_g
        Multiply-adds of a plain network with so many parameters, billions.
    factor
        How many times too low the multiply-adds are for it, if the printed number counts them.
    """

    least_g: float
    factor: float


def plain_bound(params_m: float, printed_g: float, pixels: int) -> Bound:
    """Return what a plain full-resolution network of so many parameters needs.

    Examples
    --------
    >>> bound = plain_bound(0.14, 1.6, 256 * 256)
    >>> round(bound.least_g, 2), round(bound.factor, 1)
    (9.18, 5.7)
    """
    least = params_m * 1e6 * pixels / 1e9
    return Bound(least, least / printed_g if printed_g else np.inf)


def audit_costs(table: pd.DataFrame, *, side: int) -> list[Finding]:
    """Say which unit a table's FLOPs have, and whose are below the bound from parameters and pixels.

    Parameters
    ----------
    table
        team, params_m, flops_g; macs_g where it has some. Rows without one of them are left out.
    side
        Of the square input that they were counted at.
    """
    if not {"params_m", "flops_g"} <= set(table):
        return [Finding("FLOPs", "unchecked", "there are no parameters and FLOPs to compare")]
    known = table[(table["params_m"] > 0) & table["flops_g"].notna()]
    if known.empty:
        return [Finding("FLOPs", "unchecked", "no row has both parameters and FLOPs")]
    pixels = side**2
    unit, finding = _unit(known, pixels, side)
    return [finding, *_below(known, pixels, side, unit)]


def _unit(known: pd.DataFrame, pixels: int, side: int) -> tuple[str, Finding]:
    """Whether the column counts multiply-adds or two FLOPs for each of them."""
    if "macs_g" in known and known["macs_g"].notna().all():
        ratio = known["flops_g"] / known["macs_g"].where(known["macs_g"] > 0)
        off = known.loc[ratio < 2 * (1 - 1e-6), "team"].astype(str)
        if off.empty:
            said = "FLOPs are two for each multiply-add, and transforms by estimate, in every row"
            return "flops", Finding("MACs or FLOPs", "ok", said)
        why = f"FLOPs are fewer than two for each multiply-add: {', '.join(off)}"
        return "flops", Finding("MACs or FLOPs", "wrong", why, teams=tuple(off))
    uses = (known["flops_g"] * 1e9 / (known["params_m"] * 1e6 * pixels)).to_numpy()
    count = len(uses)
    # Below the bound even with the slack, read as two FLOPs for each multiply-add, and as multiply-adds.
    as_flops, as_macs = int((uses * SLACK < 2).sum()), int((uses * SLACK < 1).sum())
    figures = (
        f"read as two FLOPs for each multiply-add, {as_flops} of {count} rows are below what a plain "
        f"network of their parameters needs at {side}x{side}; read as multiply-adds, {as_macs}"
    )
    if 2 * as_flops > count and 2 * as_macs <= count:
        why = f"the column FLOPs counts {UNIT['macs']}, as fvcore does: {figures}"
        return "macs", Finding("MACs or FLOPs", "note", why, float(as_flops), float(as_macs))
    if 2 * ((uses > 2 / SLACK) & (uses < 2 * SLACK)).sum() > count:
        why = f"the column FLOPs fits {UNIT['flops']}, of plain networks: most rows are twice their bound"
        return "flops", Finding("MACs or FLOPs", "note", why)
    why = f"the column FLOPs can be {UNIT['either']}; a table has to say which: {figures}"
    return "either", Finding("MACs or FLOPs", "note", why, float(as_flops), float(as_macs))


def _below(known: pd.DataFrame, pixels: int, side: int, unit: str) -> list[Finding]:
    found, least = [], 0
    for row in known.itertuples():
        printed, params = float(row.flops_g), float(row.params_m)  # pyright: ignore
        bound = plain_bound(params, printed / 2 if unit == "flops" else printed, pixels)
        if bound.factor <= SLACK:
            least += 1
            continue
        twice = (
            f" ({2 * bound.factor:.1f} times if they are two for each multiply-add)"
            if unit == "either"
            else ""
        )
        what = "multiply-adds, printed as FLOPs," if unit == "macs" else "FLOPs"
        why = (
            f"{row.team}: {printed:.3g} G {what} with {params:.3g} M parameters at {side}x{side} is "
            f"{bound.factor:.1f} times too low for a plain full-resolution network{twice}: each weight "
            f"works at every pixel, which takes {bound.least_g:.3g} G multiply-adds. {_MAY_BE}"
        )
        found.append(Finding("FLOPs by parameters", "note", why, bound.least_g, printed, (str(row.team),)))
    if least:
        said = (
            f"{least} of {len(known)} models make as many multiply-adds as a plain network of their "
            f"parameters at {side}x{side}, or nearly (biases and small branches explain {SLACK:g} times)"
        )
        found.append(Finding("FLOPs by parameters", "ok", said))
    return found
