"""What a rule makes of a made-up table of four teams: shown while somebody types a formula."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.errors import AnalysisError, FormulaError
from analysis.paired.definitions import DEFINITIONS
from analysis.rule import PRESETS, Rule, award_names, read_rule
from analysis.rule.value import ANSWERED
from studyapp.services.ground.scoring_rules import ASKED, check_scoring
from studyapp.study.study_file import StudyFile

TEAMS = ("Aspen", "Birch", "Cedar", "Dogwood")

# Made up: Aspen leads with judges, Birch with metrics, Dogwood is small and fast. Birch and Cedar are alike.
MADE_UP: dict[str, tuple[float, ...]] = {
    "u": (41, 36, 36, 20),
    "bt": (0.62, 0.21, 0.21, -1.04), "bt_prior": (0.55, 0.19, 0.19, -0.93), "jod": (0.5, 0.17, 0.17, -0.84),
    "win_share": (0.68, 0.55, 0.55, 0.22), "mos": (4.1, 3.7, 3.7, 2.6), "dmos": (4.6, 4.2, 4.2, 3.1),
    "psnr": (27.9, 29.4, 28.1, 26.95), "ssim": (0.81, 0.86, 0.81, 0.74), "lpips": (0.18, 0.20, 0.22, 0.31),
    "dists": (0.11, 0.12, 0.13, 0.19), "niqe": (3.6, 4.4, 4.1, 5.8),
    "clipiqa": (0.66, 0.58, 0.60, 0.47), "maniqa": (0.47, 0.41, 0.42, 0.30), "musiq": (68, 63, 64, 52),
    "qalign": (4.1, 3.7, 3.8, 2.9), "fid": (38, 41, 43, 66), "cosine": (0.62, 0.58, 0.55, 0.49),
    "bound": (0.5, 0.5, 0.5, 0.5), "speedup": (1.0, 1.4, 1.1, 3.2),
    "params_m": (1.8, 0.9, 1.2, 0.16), "flops_g": (31, 15, 19, 9), "time_ms": (21, 11, 12, 7.9),
}  # fmt: skip
LIKE = {"val_psnr": "psnr", "test_psnr": "psnr"}
IMAGES = np.array([[0.97], [1.0], [1.03]])
"""How the metrics of three made-up images differ from their means."""


@dataclass(frozen=True)
class Row:
    """A team of the example, best first."""

    rank: int | None
    team: str
    inputs: tuple[str, ...]
    final: str
    award: Any
    reason: str | None


@dataclass(frozen=True)
class Example:
    """What came of the rule, or what is wrong with it and where."""

    text: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    notes: tuple[str, ...] = ()
    error: str | None = None
    excerpt: tuple[str, ...] = ()


def example(file: StudyFile) -> Example:
    """Rank the made-up teams by a study's rule."""
    try:
        return _ranked(file)
    except AnalysisError as error:
        return _refused(error)


def wrong_rule(rules: Any) -> Example | None:
    """Say what is wrong with `rules` of a study file, and where; None if they can be read."""
    if rules is None:
        return None
    try:
        read_rule(rules)
    except AnalysisError as error:
        return _refused(error)
    return None


def _refused(error: AnalysisError) -> Example:
    return Example(error=str(error), excerpt=error.excerpt if isinstance(error, FormulaError) else ())


def _ranked(file: StudyFile) -> Example:
    rule = file.rule
    bases = {entry.base for entry in rule.entries.values() if isinstance(entry.base, str)}
    rule = rule.renamed({base: TEAMS[1] for base in bases})
    known = {*MADE_UP, *LIKE, *DEFINITIONS, *file.extra_metrics, "s3n"}
    wrong = [problem for problem in check_scoring(file) if problem.severity == "error"]
    if wrong:
        rule.refuse_unknown(known)
        return Example(error=f"{wrong[0].what}; {wrong[0].remedy}")
    needed = rule.columns() | rule.counted | _metrics_of(rule)
    made = {name: np.array(_made_up(name), dtype=float) for name in sorted(needed)}
    images = {name: value * IMAGES for name, value in made.items()}
    outcome = rule.outcome(made, teams=TEAMS, images=images)
    awards = award_names(outcome.rank, rule.awards)
    shown = [*sorted(name for name in ("s2", "escore") if rule.needs(name)), *sorted(made)]
    values = {
        name: made[name] if name in made else rule.values(name, made, teams=TEAMS, images=images)
        for name in shown
    }
    order = sorted(range(len(TEAMS)), key=lambda team: (outcome.rank[team] or len(TEAMS) + 1, team))
    rows = tuple(
        Row(
            int(outcome.rank[team]) or None,
            TEAMS[team],
            tuple(_number(values[name], team) for name in shown),
            _number(outcome.final, team),
            awards[team],
            outcome.reasons[team] if outcome.reasons else None,
        )
        for team in order
    )
    excerpt = outcome.fault.excerpt if outcome.fault else ()
    return Example(
        text=rule.text,
        columns=tuple(shown),
        rows=rows,
        notes=tuple(outcome.notes),
        error=str(outcome.fault) if outcome.fault else None,
        excerpt=excerpt,
    )


def fitting_presets(table: str) -> list[str]:
    """Name the presets that use no score that answers of another kind give."""
    asked = ASKED[table]
    return [name for name in PRESETS if not (read_rule(name).columns() & set(ANSWERED)) - set(asked)]


def _metrics_of(rule: Rule) -> set[str]:
    return rule.columns_of("s2") if rule.needs("s2") else set()


def _made_up(name: str) -> Sequence[float]:
    """Values of a column; of a metric that nothing is made up for, those of one that is alike."""
    name = LIKE.get(name, name)
    if name in MADE_UP:
        return MADE_UP[name]
    known = DEFINITIONS.get(name)
    return MADE_UP["lpips" if known is not None and known.better == "lower" else "clipiqa"]


def _number(values: Any, team: int) -> str:
    value = float(np.broadcast_to(values, (len(TEAMS),))[team])
    return "–" if np.isnan(value) else f"{value:.4g}"
