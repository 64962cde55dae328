"""Can a table of scores be correct? The laws of points and ranks, checked on any published table.

Each judge gives the same number of points on each image, so S3 adds up to points x images. Rank scores of N
models go from 10 to 0 in equal steps, so EScore adds up to 15 N (more if models tie). Ranks follow from
finals, finals from parts. An audit says what is inconsistent; it does not guess why.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.amounts import how_many
from analysis.audit.finals import (
    Followed,
    audit_finals,
    audit_inner,
    followed,
    followed_rules,
    possible_ranks,
)
from analysis.audit.findings import Finding, Printed, as_printed
from analysis.errors import AnalysisError
from analysis.ranking import PRESET_COLUMNS, SIMULATED, rule_columns, validate_scores
from analysis.rule import FINAL, Rule

SHORTFALL = 0.01
RANK_SCORE_MEAN = 15.0


def audit_scores(
    scores: pd.DataFrame,
    *,
    images: int | None = None,
    points: Sequence[float],
    rule: Rule | None = None,
) -> list[Finding]:
    """Check a table of scores against the conservation laws and its own columns.

    Parameters
    ----------
    scores
        team and any of s2, s3 (or uscore), escore, metrics, final, rank. Columns of text
        (`analysis.tables.read_table`) show their printed precision; a sum may differ by half a unit of the
        last decimal for each row.
    images
        Number of images of the user study; without it the sum of S3 is not checked.
    points
        Points of the first place, the second, ...
    rule
        The rule that the finals should follow; by default, the preset that reproduces the most rows.

    Returns
    -------
    list of Finding
        Every check that the columns allow; the table cannot be correct if any verdict is "wrong".
    """
    table = validate_scores(scores, rule, further=PRESET_COLUMNS)
    columns = {
        name: as_printed(str(name), scores[name], table[name])
        for name in table.columns
        if name not in ("team", "award", SIMULATED)
    }
    teams = table["team"].tolist()
    study = columns.get("s3", columns.get("uscore"))
    findings = []
    if study is not None:
        findings += _audit_study(teams, study, images, points)
    if "escore" in columns:
        findings += _audit_escore(teams, columns["escore"])
    if "rank" in columns:
        findings += _audit_ranks(table, columns, rule)
    if "final" in columns:
        findings += audit_finals(table, columns, rule=rule)
    if rule is not None:
        findings += audit_inner(table, columns, rule)
    if not findings:
        raise AnalysisError(
            "scores: nothing to audit; give s3 or uscore, escore, or final with its parts or ranks. If a "
            "column has another name, give it with --column, as in --column final=score"
        )
    return findings


def _audit_study(teams: list[str], s3: Printed, images: int | None, points: Sequence[float]) -> list[Finding]:
    check = f"sum of {s3.name}"
    if images is None:
        return [Finding(check, "unchecked", "give the number of images to check the sum of points")]
    if not s3.complete:
        return [Finding(check, "unchecked", f"{s3.name} is missing in some rows")]
    expected, found = images * sum(points), float(s3.values.sum())
    slack = s3.unit / 2 * len(teams)
    law = f"{sum(points):g} points x {how_many(images, 'images')} = {expected:g}"
    if abs(found - expected) <= slack:
        total = Finding(check, "ok", f"{s3.name} adds up to {found:g}; {law}", expected, found)
    elif 0 < expected - found <= SHORTFALL * expected:
        why = f"{s3.name} adds up to {found:g}, not quite {law}; rounding explains {slack:g}"
        total = Finding(check, "note", why, expected, found)
    else:
        why = f"{s3.name} adds up to {found:g}, not {law}: these are not the plain points of all teams"
        total = Finding(check, "wrong", why, expected, found)
    return [total, *_outside(teams, s3, highest=images * points[0])]


def _audit_escore(teams: list[str], escore: Printed) -> list[Finding]:
    count = len(teams)
    if not escore.complete or count < 2:
        lacking = _named(teams, np.isnan(escore.values))
        why = "escore needs a value in each of at least two rows"
        why += f"; missing for {', '.join(lacking)}" if lacking else ""
        return [Finding("sum of escore", "unchecked", why, teams=lacking)]
    expected, found = RANK_SCORE_MEAN * count, float(escore.values.sum())
    slack = escore.unit / 2 * count
    law = f"15 x {count} models = {expected:g}"
    if abs(found - expected) <= slack:
        total = Finding("sum of escore", "ok", f"escore adds up to {found:g}; {law}", expected, found)
    elif found > expected:
        why = f"escore adds up to {found:g}, more than {law}: correct only if models tie in a measure"
        total = Finding("sum of escore", "note", why, expected, found)
    else:
        steps = np.round(escore.values * (count - 1) / 10).sum() * 10 / (count - 1)
        why = (
            f"escore adds up to {found:g} ({steps:.2f} in whole rank steps), not {law}; ties only increase it"
        )
        total = Finding("sum of escore", "wrong", why, expected, found)
    return [total, *_outside(teams, escore, highest=2 * RANK_SCORE_MEAN), *_audit_steps(teams, escore)]


def _audit_steps(teams: list[str], escore: Printed) -> list[Finding]:
    """Every EScore is a whole number of steps of 10 / (N - 1)."""
    step = 10 / (len(teams) - 1)
    if step < 4 * escore.unit:
        return []
    off = np.abs(escore.values - np.round(escore.values / step) * step) > escore.unit
    name = f"escore is a whole number of rank steps of 10/{len(teams) - 1}"
    if not off.any():
        return [Finding("steps of escore", "ok", name)]
    rows = _named(teams, off)
    return [Finding("steps of escore", "wrong", f"{name}, but not for {', '.join(rows)}", teams=rows)]


def _whose(table: pd.DataFrame, columns: Mapping[str, Printed], rule: Rule | None) -> Followed | None:
    """The rule that ranks follow where they do not simply follow the finals, the highest first."""
    if rule is not None:
        if rule.missing(FINAL, rule_columns(table)):
            return None
        found = followed(table, columns, rule)
    elif "final" not in table:
        return None
    else:
        found = next(iter(followed_rules(table, columns)), None)
        if found is None or found.matches(table) < len(table):
            return None
    entry = found.rule.final
    own = entry.order or entry.require or entry.better == "lower"
    return found if own or "final" not in table else None


def _audit_ranks(table: pd.DataFrame, columns: Mapping[str, Printed], rule: Rule | None) -> list[Finding]:
    """Check ranks against the rule where they follow one, else against the finals where these are there."""
    teams, whose = table["team"].tolist(), _whose(table, columns, rule)
    if whose is not None:
        return [_audit_ranks_of_rule(table, columns, whose)]
    return [_audit_ranks_of_finals(teams, columns["final"], columns["rank"])] if "final" in columns else []


def _audit_ranks_of_finals(teams: list[str], final: Printed, rank: Printed) -> Finding:
    """A rank must lie between 1 + the teams surely better and 1 + the teams possibly better."""
    present = ~np.isnan(final.values)
    values = final.values[present]
    better = np.array([(values > value + final.unit).sum() for value in final.values])
    maybe = np.array([(values >= value - final.unit).sum() for value in final.values])
    off = present & ~((rank.values >= better + 1) & (rank.values <= maybe))
    off |= ~present & ~np.isnan(rank.values)
    if not off.any():
        return Finding("ranks", "ok", "the ranks follow from the finals")
    rows = _named(teams, off)
    return Finding(
        "ranks", "wrong", f"the ranks of {', '.join(rows)} do not follow from the finals", teams=rows
    )


def _audit_ranks_of_rule(table: pd.DataFrame, columns: Mapping[str, Printed], whose: Followed) -> Finding:
    """A rank must be one that the rule gives, as far as the printed decimals tell."""
    teams, rank = table["team"].tolist(), columns["rank"]
    best, worst = possible_ranks(table, columns, whose.rule)
    inside = (rank.values >= best) & (rank.values <= worst)
    off = (whose.outcome.rank != np.nan_to_num(rank.values)) & ~inside
    if not off.any():
        return Finding("ranks", "ok", f"the ranks follow from {whose.name}")
    rows = _named(teams, off)
    detail = ", ".join(
        f"{team} (printed {printed:g}, rule {right or 'none'})"
        for team, printed, right in zip(
            rows, np.nan_to_num(rank.values)[off], whose.outcome.rank[off], strict=True
        )
    )
    return Finding("ranks", "wrong", f"the ranks do not follow from {whose.name}: {detail}", teams=rows)


def _outside(teams: list[str], column: Printed, *, highest: float) -> list[Finding]:
    off = (column.values < -column.unit) | (column.values > highest + column.unit)
    if not off.any():
        return []
    rows = _named(teams, off)
    why = f"{column.name} is between 0 and {highest:g}, but not for {', '.join(rows)}"
    return [Finding(f"range of {column.name}", "wrong", why, teams=rows)]


def _named(teams: list[str], which: np.ndarray) -> tuple[str, ...]:
    return tuple(team for team, concerned in zip(teams, which, strict=True) if concerned)
