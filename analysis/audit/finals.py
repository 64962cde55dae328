"""Do the finals of a table follow from its parts, and under which rule?"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.audit.findings import Finding, Printed
from analysis.errors import AnalysisError
from analysis.ranking import outcome_of, rule_columns
from analysis.rule import PRESETS, Outcome, Rule, read_rule

ENOUGH_ROWS = 2
ON_STEP = 0.05


@dataclass(frozen=True)
class Followed:
    """A rule, what it makes of a table, and how far the printed finals may be from that by rounding alone."""

    rule: Rule
    outcome: Outcome
    slack: np.ndarray

    @property
    def name(self) -> str:
        """What it is called in findings."""
        return self.rule.name or "the rule"

    def error(self, table: pd.DataFrame) -> np.ndarray:
        """How far each printed final is off, in units of what rounding explains."""
        printed = table["final"].to_numpy(dtype=float)
        return np.abs(printed - self.outcome.final) / self.slack

    def matches(self, table: pd.DataFrame) -> int:
        """How many finals it reproduces."""
        return int((self.error(table) <= 1 + 1e-9).sum())


def followed_rules(table: pd.DataFrame, columns: Mapping[str, Printed]) -> list[Followed]:
    """Return every preset that the table has the columns for, the one that gives the most finals first."""
    found = []
    for name in PRESETS:
        try:
            follow = followed(table, columns, read_rule(name))
        except AnalysisError:
            continue
        if not np.isnan(follow.outcome.final).all():
            found.append(follow)
    if "final" not in table or table["final"].isna().all():
        return found
    return sorted(
        found, key=lambda follow: (-follow.matches(table), float(np.nanmedian(follow.error(table))))
    )


def followed(table: pd.DataFrame, columns: Mapping[str, Printed], rule: Rule) -> Followed:
    """Return what a rule makes of a table.

    Rounding explains one in the last decimal of the final and of every column that it is made of; points of
    the user study are taken as printed, because they are sums of whole points.

    Raises
    ------
    AnalysisError
        When a column is missing that the rule needs.
    """
    outcome = outcome_of(table, rule)
    values, teams = rule_columns(table), [str(team) for team in table["team"]]
    unit = columns["final"].unit if "final" in columns else 0.01
    slack = np.full(len(table), unit)
    for name in sorted(rule.columns(values) - {"u"}):
        moved = [
            rule.outcome({**values, name: values[name] + sign * columns[name].unit}, teams=teams).final
            for sign in (-1, 1)
        ]
        slack += np.nan_to_num(np.fmax.reduce([np.abs(final - outcome.final) for final in moved]))
    return Followed(rule, outcome, np.fmax(slack, 2 * unit))


def audit_finals(
    table: pd.DataFrame, columns: Mapping[str, Printed], *, rule: Rule | None = None
) -> list[Finding]:
    """Say which rule the finals follow, name the rows that do not, and what EScores the finals imply.

    Parameters
    ----------
    table
        Validated scores with the column final.
    columns
        Their printed precision.
    rule
        The rule to check; without it, the preset that reproduces the most rows.
    """
    presets = followed_rules(table, columns)
    if not presets and rule is None:
        why = "the columns that a preset needs (such as s2, s3 or uscore, escore) are not in the table"
        return [Finding("finals", "unchecked", why)]
    given = int(table["final"].notna().sum())
    if not given:
        return [Finding("finals", "unchecked", "no team has a final")]
    chosen = presets[0] if rule is None else followed(table, columns, rule)
    if rule is None and chosen.matches(table) < min(ENOUGH_ROWS, given):
        names = ", ".join(follow.name for follow in presets)
        return [Finding("finals", "note", f"the finals follow from none of {names}")]
    findings = [_follow(table, chosen)]
    if findings[0].verdict == "wrong":
        findings += _fits_better(table, chosen, presets)
        findings += _implied(table, chosen)
    return findings


def _fits_better(table: pd.DataFrame, chosen: Followed, presets: list[Followed]) -> list[Finding]:
    """The preset that gives more of the finals than the rule that was asked for."""
    best = next((follow for follow in presets if follow.matches(table) > chosen.matches(table)), None)
    if best is None:
        return []
    given, count = int(table["final"].notna().sum()), best.matches(table)
    why = f"{best.rule.text} fits better: it reproduces {count} of {given} finals"
    return [Finding("another rule", "note", why, float(given), float(count))]


def _follow(table: pd.DataFrame, chosen: Followed) -> Finding:
    printed, rule = table["final"].to_numpy(dtype=float), chosen.outcome.final
    without = np.isnan(printed)
    right = chosen.matches(table)
    off = ~(chosen.error(table) <= 1 + 1e-9) & ~(without & np.isnan(rule))
    text = chosen.rule.final.score.text
    named = f"{chosen.name} ({text})" if chosen.rule.name else text
    count = f"{named} reproduces {right} of {int((~without).sum())} finals"
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


def _implied(table: pd.DataFrame, chosen: Followed) -> list[Finding]:
    """The EScores that would give the printed finals; whole rank steps speak for the finals."""
    weight = next((term.weight for term in chosen.rule.terms or () if term.text == "escore"), 0.0)
    if "escore" not in table or not weight:
        return []
    count = len(table)
    printed = table["final"].to_numpy(dtype=float)
    escore = table["escore"].to_numpy(dtype=float) + (printed - chosen.outcome.final) / weight
    steps = escore * (count - 1) / 10
    whole = np.abs(steps - np.round(steps)) <= ON_STEP
    if whole.sum() < 0.75 * count or np.isnan(steps).any():
        return []
    nearest = np.round(steps).astype(int)
    scores = zip(table["team"], nearest * 10 / (count - 1), strict=True)
    shown = ", ".join(f"{team} {score:.2f}" for team, score in scores)
    law = 3 * count * (count - 1) // 2
    why = (
        f"under {chosen.name} the printed finals imply EScores of whole rank steps in {whole.sum()} of "
        f"{count} rows and add up to {nearest.sum()} steps ({law} without ties): {shown}"
    )
    teams = tuple(table["team"][~whole])
    return [Finding("implied escore", "note", why, float(law), float(nearest.sum()), teams)]
