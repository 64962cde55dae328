"""Do the finals of a table follow from its parts, and under which rule?"""

import numpy as np
import pandas as pd

from analysis.audit.findings import Finding, Printed
from analysis.errors import AnalysisError
from analysis.ranking import PRESETS, final_scores

TOLERANCE = 0.02
ENOUGH_ROWS = 2
ON_STEP = 0.05
ESCORE_FACTOR = {"raim-2025": 0.8}


def audit_finals(table: pd.DataFrame, *, escore: Printed | None, preset: str | None = None) -> list[Finding]:
    """Say which rule the finals follow, name the rows that do not, and what EScores the finals imply.

    Parameters
    ----------
    table
        Validated scores with the column final.
    escore
        The EScores with their printed precision, if there are any.
    preset
        The rule to check; without it, the one that reproduces the most rows to 0.02.
    """
    rules = _rules(table, preset)
    if not rules:
        why = "the parts that a preset needs (s2, s3 or uscore, escore) are not in the table"
        return [Finding("finals", "unchecked", why)]
    printed = table["final"].to_numpy(dtype=float)
    given = int((~np.isnan(printed)).sum())
    if not given:
        return [Finding("finals", "unchecked", "no team has a final")]
    error = {name: np.abs(printed - values) for name, values in rules.items()}
    name = max(rules, key=lambda rule: (_matches(error[rule]), -float(np.nanmedian(error[rule]))))
    if preset is None and _matches(error[name]) < min(ENOUGH_ROWS, given):
        return [Finding("finals", "note", f"the finals follow from none of {', '.join(rules)}")]
    findings = [_follow(table, name, rules[name])]
    if findings[0].verdict == "wrong" and escore is not None and name in ESCORE_FACTOR:
        findings += _implied(table, name, rules[name])
    return findings


def _rules(table: pd.DataFrame, preset: str | None) -> dict[str, np.ndarray]:
    """The finals under each preset that the table has the parts for."""
    if preset is not None:
        return {preset: final_scores(table, preset=preset)}
    rules = {}
    for name in PRESETS:
        try:
            values = final_scores(table, preset=name)
        except AnalysisError:
            continue
        if not np.isnan(values).all():
            rules[name] = values
    return rules


def _matches(error: np.ndarray) -> int:
    return int((error <= TOLERANCE + 1e-9).sum())


def _follow(table: pd.DataFrame, name: str, rule: np.ndarray) -> Finding:
    printed = table["final"].to_numpy(dtype=float)
    without = np.isnan(printed)
    right = _matches(np.abs(printed - rule))
    off = ~(np.abs(printed - rule) <= TOLERANCE + 1e-9) & ~(without & np.isnan(rule))
    count = f"{name} ({PRESETS[name].formula}) reproduces {right} of {int((~without).sum())} finals"
    if without.any():
        count += f" (no final for {int(without.sum())} of {len(table)} teams)"
    if not off.any():
        return Finding("finals", "ok", count)
    rows = tuple(table["team"][off])
    detail = [
        f"{row.team} (printed {_figure(row.final)}{_repeats(row)}, rule {_figure(value, '.2f')})"
        for row, value in zip(table[off].itertuples(), rule[off], strict=True)
    ]
    return Finding("finals", "wrong", f"{count}; not those of {', '.join(detail)}", teams=rows)


def _figure(value: float, form: str = "g") -> str:
    return "nothing" if np.isnan(value) else f"{value:{form}}"


def _repeats(row: object) -> str:
    """A final that is one of its own parts was probably copied."""
    for part in ("s2", "s3", "uscore"):
        if getattr(row, part, None) == getattr(row, "final"):  # noqa: B009
            return f" like its {part}"
    return ""


def _implied(table: pd.DataFrame, name: str, rule: np.ndarray) -> list[Finding]:
    """The EScores that would give the printed finals; whole rank steps speak for the finals."""
    count = len(table)
    printed = table["final"].to_numpy(dtype=float)
    steps = (
        (table["escore"].to_numpy(dtype=float) + (printed - rule) / ESCORE_FACTOR[name]) * (count - 1) / 10
    )
    whole = np.abs(steps - np.round(steps)) <= ON_STEP
    if whole.sum() < 0.75 * count or np.isnan(steps).any():
        return []
    nearest = np.round(steps).astype(int)
    scores = zip(table["team"], nearest * 10 / (count - 1), strict=True)
    shown = ", ".join(f"{team} {score:.2f}" for team, score in scores)
    law = 3 * count * (count - 1) // 2
    why = (
        f"under {name} the printed finals imply EScores of whole rank steps in {whole.sum()} of {count} rows"
        f" and add up to {nearest.sum()} steps ({law} without ties): {shown}"
    )
    teams = tuple(table["team"][~whole])
    return [Finding("implied escore", "note", why, float(law), float(nearest.sum()), teams)]
