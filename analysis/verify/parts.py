"""S2 and EScore: scores.csv follows from per-image values, the formula in the ledger, and measures."""

import json
import math
import warnings
from pathlib import Path

import pandas as pd

from analysis.efficiency.measures import read_measures
from analysis.efficiency.points import efficiency_scores
from analysis.errors import AnalysisError
from analysis.paired.score import Formula, formula_from_rows
from analysis.paired.table import paired_means, read_paired, recomputed
from analysis.ranking import read_scores
from analysis.verify.record import MisfitError
from analysis.verify.replay import Replay

SCORES, PAIRED, MEASURES, DEFINITIONS = "scores.csv", "paired.csv", "measures.csv", "definitions.json"


def check_parts(replay: Replay, folder: Path) -> str:
    """scores.csv follows from paired.csv and measures.csv, where they are there; else it is an input."""
    scores = read_scores(folder / SCORES).set_index("team") if (folder / SCORES).exists() else None
    said = []
    if (folder / PAIRED).exists():
        formula = _formula(replay, folder)
        expected = _s2(folder, formula)
        _compare(scores, "s2", expected, f"{PAIRED} gives")
        said.append(f"S2 of {expected.notna().sum()} teams by {formula.name}")
    if (folder / MEASURES).exists():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            escore = efficiency_scores(read_measures(folder / MEASURES)).set_index("team")["escore"]
        _compare(scores, "escore", escore, f"{MEASURES} gives")
        said.append(f"EScore of {escore.notna().sum()} models")
    for part, source in (("s2", PAIRED), ("escore", MEASURES)):
        if scores is not None and part in scores and not (folder / source).exists():
            said.append(f"{part} in {SCORES} was given by hand")
    return ", ".join(said) or "there are no other parts"


def _formula(replay: Replay, folder: Path) -> Formula:
    """The formula in the ledger; a study opened before there was one there goes by the export's own."""
    rules = replay.rules.get("scoring")
    own = None
    if (folder / DEFINITIONS).exists():
        try:
            own = json.loads((folder / DEFINITIONS).read_text(encoding="utf-8"))["formula"]
            formula_from_rows(own["name"], own["terms"])
        except (ValueError, LookupError, TypeError, AnalysisError) as error:
            raise MisfitError(f"{DEFINITIONS} cannot be read ({error})") from None
    chosen = rules or own
    if chosen is None:
        raise MisfitError(f"{DEFINITIONS} is missing, and the ledger holds no formula")
    formula = formula_from_rows(chosen["name"], chosen["terms"])
    if own is not None and formula_from_rows(own["name"], own["terms"]) != formula:
        raise MisfitError(
            f"{DEFINITIONS} has another formula than the ledger: {formula.name}, {formula.text()}"
        )
    return formula


def _s2(folder: Path, formula: Formula) -> pd.Series:
    table = read_paired(folder / PAIRED)
    lacking = [metric for metric in formula.metrics if metric not in table]
    if lacking:
        raise MisfitError(f"{PAIRED} has no column {lacking[0]!r}, which {formula.name} needs")
    expected = recomputed(table, formula)
    for line, (row, wanted) in enumerate(zip(table.to_dict("records"), expected, strict=True), start=2):
        where = f"{PAIRED}, line {line} ({row['team']}, {row['image']})"
        if not _same(row["score"], wanted):
            raise MisfitError(f"{where}: score is {row['score']:.6f}, its metrics give {wanted:.6f}")
        if row.get("formula", formula.name) != formula.name:
            raise MisfitError(f"{where}: formula is {row['formula']!r}, the ledger says {formula.name!r}")
    return paired_means(table.assign(score=expected)).set_index("team")["s2"]


def _compare(scores: pd.DataFrame | None, part: str, expected: pd.Series, source: str) -> None:
    if scores is None or part not in scores:
        raise MisfitError(f"{SCORES} has no {part}, but {source} one")
    for line, (team, value) in enumerate(scores[part].items(), start=2):
        wanted = float(expected.get(team, math.nan))
        if not _same(float(value), wanted):
            raise MisfitError(f"{SCORES}, line {line} ({team}): {part} is {value:.6f}, {source} {wanted:.6f}")


def _same(value: float, wanted: float) -> bool:
    if math.isnan(value) or math.isnan(wanted):
        return math.isnan(value) and math.isnan(wanted)
    return math.isclose(value, wanted, rel_tol=1e-9, abs_tol=1e-9)
