"""S2 and EScore: scores.csv follows from per-image values, the formula in the ledger, and measures."""

import math
import warnings
from pathlib import Path

import pandas as pd

from analysis.amounts import how_many
from analysis.efficiency.measures import read_measures
from analysis.efficiency.points import efficiency_scores
from analysis.errors import AnalysisError
from analysis.json_text import read_json
from analysis.paired.table import read_paired, recomputed
from analysis.parts import Parts
from analysis.ranking import read_scores
from analysis.rule import Rule, plain_rule
from analysis.rule.entry import Entry, read_entry
from analysis.verify.record import MisfitError
from analysis.verify.replay import Replay

SCORES, PAIRED, MEASURES, DEFINITIONS = "scores.csv", "paired.csv", "measures.csv", "definitions.json"
RULE = "rule.json"


def check_parts(replay: Replay, folder: Path) -> str:
    """scores.csv follows from paired.csv and measures.csv, if they exist; otherwise it is an input."""
    rule = ledger_rule(replay)
    scores = read_scores(folder / SCORES).set_index("team") if (folder / SCORES).exists() else None
    said = []
    if (folder / PAIRED).exists():
        expected = _s2(rule, folder)
        _compare(scores, "s2", expected, f"{PAIRED} gives")
        said.append(f"S2 of {how_many(expected.notna().sum(), 'teams')}")
    if (folder / MEASURES).exists():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            escore = efficiency_scores(read_measures(folder / MEASURES), rule).set_index("team")["escore"]
        _compare(scores, "escore", escore, f"{MEASURES} gives")
        said.append(f"EScore of {how_many(escore.notna().sum(), 'models')}")
    for part, source in (("s2", PAIRED), ("escore", MEASURES)):
        if scores is not None and part in scores and not (folder / source).exists():
            said.append(f"{part} was given by hand in {SCORES}")
    return ", ".join(said) or "there are no other parts"


def ledger_rule(replay: Replay) -> Rule:
    """The study's rule according to the ledger.

    Raises
    ------
    MisfitError
    """
    try:
        return plain_rule(replay.rules["rule"])
    except (AnalysisError, KeyError) as error:
        raise MisfitError(f"the ledger's rule cannot be read: {error}") from None


def check_rule(replay: Replay, folder: Path) -> str:
    """rule.json is the ledger's rule."""
    rule = ledger_rule(replay)
    try:
        found = read_json((folder / RULE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise MisfitError(f"{RULE} cannot be read ({error})") from None
    if found != rule.plain():
        raise MisfitError(f"{RULE} differs from the ledger's rule: {rule.text}")
    return rule.text


def _formula(rule: Rule, folder: Path) -> Entry:
    """The formula of S2 in the ledger, which the definitions beside the export must have, too."""
    formula = rule.entry("s2")
    assert formula is not None
    if (folder / DEFINITIONS).exists():
        try:
            own = read_entry("s2", read_json((folder / DEFINITIONS).read_text(encoding="utf-8"))["formula"])
        except (ValueError, LookupError, TypeError, AttributeError, AnalysisError) as error:
            raise MisfitError(f"{DEFINITIONS} cannot be read ({error})") from None
        if own != formula:
            raise MisfitError(f"the formula in {DEFINITIONS} differs from the ledger's: {formula.text()}")
    return formula


def _s2(rule: Rule, folder: Path) -> pd.Series:
    table, formula = read_paired(folder / PAIRED), _formula(rule, folder)
    text = formula.score.text
    lacking = [metric for metric in formula.score.names() if metric not in table]
    if lacking:
        raise MisfitError(f"{PAIRED} has no column {lacking[0]!r}, which {text} needs")
    expected = recomputed(table, formula)
    for line, (row, wanted) in enumerate(zip(table.to_dict("records"), expected, strict=True), start=2):
        where = f"{PAIRED}, line {line} ({row['team']}, {row['image']})"
        if not _same(row["score"], wanted):
            raise MisfitError(f"{where}: score is {row['score']:.6f}, but its metrics give {wanted:.6f}")
        if row.get("formula", text) != text:
            raise MisfitError(f"{where}: formula is {row['formula']!r}, but the ledger says {text!r}")
    return Parts(paired=table.assign(score=expected)).means(rule).set_index("team")["s2"]


def _compare(scores: pd.DataFrame | None, part: str, expected: pd.Series, source: str) -> None:
    if scores is None or part not in scores:
        raise MisfitError(f"{SCORES} has no {part}, but {source} one")
    for line, (team, value) in enumerate(scores[part].items(), start=2):
        wanted = float(expected.get(team, math.nan))
        if not _same(float(value), wanted):
            raise MisfitError(
                f"{SCORES}, line {line} ({team}): {part} is {value:.6f}, but {source} {wanted:.6f}"
            )


def _same(value: float, wanted: float) -> bool:
    if math.isnan(value) or math.isnan(wanted):
        return math.isnan(value) and math.isnan(wanted)
    return math.isclose(value, wanted, rel_tol=1e-9, abs_tol=1e-9)
