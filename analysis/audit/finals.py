"""Do the finals of a table follow from its parts, and under which rule?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.audit.findings import Finding, Printed
from analysis.errors import AnalysisError
from analysis.ranking import outcome_of, rule_columns
from analysis.rule import FINAL, PRESETS, Outcome, Rule, read_rule
from analysis.rule.shape import is_affine

ENOUGH_ROWS = 2
ON_STEP = 0.05
_ROUNDINGS = 2000


@dataclass(frozen=True)
class Followed:
    """A rule, what it computes from a table, and how far a printed column may be off because of rounding."""

    rule: Rule
    outcome: Outcome
    slack: np.ndarray
    column: str = "final"

    @property
    def name(self) -> str:
        """Its name in findings."""
        return self.rule.name or "the rule"

    def error(self, table: pd.DataFrame) -> np.ndarray:
        """How far each printed final is off, in units of what rounding explains."""
        printed = table[self.column].to_numpy(dtype=float)
        return np.abs(printed - self.outcome.final) / self.slack

    def matches(self, table: pd.DataFrame) -> int:
        """How many finals it reproduces."""
        return int((self.error(table) <= 1 + 1e-9).sum())


def followed_rules(
    table: pd.DataFrame, columns: Mapping[str, Printed], *, base: str | None = None
) -> list[Followed]:
    """Return every preset that the table has the columns for, the one that reproduces most finals first.

    With `base`, the team that the presets' base() refers to.
    """
    found = []
    for name in PRESETS:
        try:
            rule = read_rule(name)
            own = rule.with_base(base) if base is not None and rule.final.base is not None else rule
            follow = followed(table, columns, own)
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
    """Return what a rule computes from a table.

    Rounding explains one in the last decimal of the final and of every column used in it; points of the user
    study are taken as printed, because they are sums of whole points.

    Raises
    ------
    AnalysisError
        If a column is missing that the rule needs.
    """
    outcome = outcome_of(table, rule)
    return _followed(table, columns, rule, outcome, FINAL)


def _followed(
    table: pd.DataFrame, columns: Mapping[str, Printed], rule: Rule, outcome: Outcome, printed: str
) -> Followed:
    values, teams = rule_columns(table), [str(team) for team in table["team"]]
    unit = columns[printed].unit if printed in columns else 0.01
    slack = np.full(len(outcome.final), unit)
    for name in sorted(rule.columns(values) - {"u"}):
        moved = [
            rule.outcome({**values, name: values[name] + sign * columns[name].unit}, teams=teams).final
            for sign in (-1, 1)
        ]
        slack += np.nan_to_num(np.fmax.reduce([np.abs(final - outcome.final) for final in moved]))
    return Followed(rule, outcome, np.fmax(slack, 2 * unit), printed)


def possible_ranks(
    table: pd.DataFrame, columns: Mapping[str, Printed], rule: Rule
) -> tuple[np.ndarray, np.ndarray]:
    """The best and the worst rank of each team for the printed values and for values that print the same."""
    values, teams = rule_columns(table), [str(team) for team in table["team"]]
    rng = np.random.default_rng(0)
    drawn = dict(values)
    for name in sorted(rule.columns(values) - {"u"}):  # sums of whole points are taken as printed
        drawn[name] = values[name] + columns[name].unit * rng.uniform(-0.5, 0.5, (_ROUNDINGS, len(teams)))
    ranks = [rule.outcome(each, teams=teams).rank.reshape(-1, len(teams)) for each in (values, drawn)]
    every = np.vstack(ranks).astype(float)
    every[every == 0] = np.nan
    return np.fmin.reduce(every, axis=0), np.fmax.reduce(every, axis=0)


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
        The rule to check; by default, the preset that reproduces the most rows.
    """
    base = rule.final.base if rule is not None else None
    presets = followed_rules(table, columns, base=base if isinstance(base, str) else None)
    lacking = rule.missing(FINAL, rule_columns(table)) if rule is not None else []
    if rule is not None and lacking:
        why = f"{rule.name or 'the rule'} needs {', '.join(lacking)}, which the table lacks"
        return [Finding("finals", "unchecked", why), *_fits(table, presets[:1])]
    if not presets and rule is None:
        why = "the table lacks the columns that a preset needs (such as s2, s3 or uscore, escore)"
        return [Finding("finals", "unchecked", why)]
    given = int(table["final"].notna().sum())
    if not given:
        return [Finding("finals", "unchecked", "no team has a final")]
    chosen = presets[0] if rule is None else followed(table, columns, rule)
    if rule is None and chosen.matches(table) < min(ENOUGH_ROWS, given):
        names = ", ".join(follow.name for follow in presets)
        return [Finding("finals", "note", f"the finals do not follow from any of {names}")]
    findings = [_follow(table, chosen)]
    findings += [Finding("gates", "note", note) for note in chosen.outcome.notes]
    if findings[0].verdict == "wrong":
        findings += _fits_better(table, chosen, presets)
        findings += _implied(table, chosen)
    return findings


def audit_inner(table: pd.DataFrame, columns: Mapping[str, Printed], rule: Rule) -> list[Finding]:
    """Check the printed scores that a final uses (S2, EScore, ...) against their own columns."""
    found = []
    for name in sorted({*rule.entries, "s2", "escore"} - {FINAL}):
        entry, values = rule.entry(name), rule_columns(table)
        if entry is None or not rule.needs(name) or name not in columns:
            continue
        values.pop(name)
        inner = replace(rule, name="", entries={**rule.entries, FINAL: replace(entry, name=FINAL)})
        if inner.missing(FINAL, values) or (entry.per == "image" and not is_affine(entry.score)):
            continue
        outcome = inner.outcome(values, teams=[str(team) for team in table["team"]])
        found.append(_follow(table, _followed(table, columns, inner, outcome, name)))
    return found


def _fits(table: pd.DataFrame, presets: list[Followed]) -> list[Finding]:
    """The preset that the finals follow."""
    given = int(table["final"].notna().sum())
    return [
        Finding(
            "another rule", "note", f"{best.rule.text} reproduces {best.matches(table)} of {given} finals"
        )
        for best in presets
        if best.matches(table)
    ]


def _fits_better(table: pd.DataFrame, chosen: Followed, presets: list[Followed]) -> list[Finding]:
    """The preset that gives more of the finals than the rule that was asked for."""
    best = next((follow for follow in presets if follow.matches(table) > chosen.matches(table)), None)
    if best is None:
        return []
    given, count = int(table["final"].notna().sum()), best.matches(table)
    why = f"{best.rule.text} fits better: it reproduces {count} of {given} finals"
    return [Finding("another rule", "note", why, float(given), float(count))]


def _follow(table: pd.DataFrame, chosen: Followed) -> Finding:
    check = "finals" if chosen.column == FINAL else f"values of {chosen.column}"
    printed, rule = table[chosen.column].to_numpy(dtype=float), chosen.outcome.final
    without = np.isnan(printed)
    right = chosen.matches(table)
    off = ~(chosen.error(table) <= 1 + 1e-9) & ~(without & np.isnan(rule))
    text = chosen.rule.final.score.text
    named = f"{chosen.name} ({text})" if chosen.rule.name else text
    count = f"{named} reproduces {right} of {int((~without).sum())} {check}"
    if without.any():
        count += f" (no {chosen.column} for {int(without.sum())} of {len(table)} teams)"
    if not off.any():
        return Finding(check, "ok", count)
    rows = tuple(table["team"][off])
    detail = [
        f"{row.team} (printed {_figure(getattr(row, chosen.column))}{_repeats(row, chosen.column)}, "
        f"rule {_figure(value, '.2f')})"
        for row, value in zip(table[off].itertuples(), rule[off], strict=True)
    ]
    return Finding(check, "wrong", f"{count}, but not those of {', '.join(detail)}", teams=rows)


def _figure(value: float, form: str = "g") -> str:
    return "nothing" if np.isnan(value) else f"{value:{form}}"


def _repeats(row: object, column: str) -> str:
    """A final equal to one of its parts was probably copied."""
    for part in ("s2", "s3", "uscore"):
        if part != column and getattr(row, part, None) == getattr(row, column):
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
        f"under {chosen.name}, the printed finals imply EScores in whole rank steps in {whole.sum()} of "
        f"{count} rows, which add up to {nearest.sum()} steps ({law} without ties): {shown}"
    )
    teams = tuple(table["team"][~whole])
    return [Finding("implied escore", "note", why, float(law), float(nearest.sum()), teams)]
