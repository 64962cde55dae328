"""What a study's rule needs of paired images, and metrics that nobody can compute."""

from collections.abc import Iterable
from importlib.util import find_spec

from analysis.did_you_mean import misspelt
from analysis.efficiency.measures import NUMBERS, RANKED
from analysis.errors import AnalysisError
from analysis.paired.definitions import DEFINITIONS
from analysis.paired.score import refuse_other_teams
from analysis.rule.entry import Entry
from analysis.rule.value import ANSWERED, PAIR_SCORES, RATING_SCORES, STUDY
from studyapp.errors import Problem, StudyError
from studyapp.study.study_file import STUDY_FILE, StudyFile

_MEASURED = {*RANKED, *NUMBERS}
_NEVER_METRICS = {*ANSWERED, *_MEASURED, "s2", "escore"}
ASKED = {"votes": STUDY, "pairs": PAIR_SCORES, "ratings": RATING_SCORES}
"""What the answers of each table give."""


def formula_of(file: StudyFile) -> Entry:
    """Return the formula of S2: the study's own, or RAIM's.

    Raises
    ------
    StudyError
        When it is made of anything but the image's own metrics.
    """
    formula = file.rule.entry("s2")
    assert formula is not None
    try:
        refuse_other_teams(formula)
    except AnalysisError as error:
        raise StudyError(f"rules: {error}") from error
    return formula


def needs_pairs(file: StudyFile) -> bool:
    """Tell whether the study's ranking cannot do without scores of the paired images."""
    return file.rule.needs("s2") or bool(further_metrics(file))


def further_metrics(file: StudyFile) -> list[str]:
    """Name the metrics that the final needs besides those of S2."""
    rule = file.rule
    names = (rule.columns(("s2", "escore")) | rule.counted) - _NEVER_METRICS
    return sorted(names - set(formula_of(file).score.names()))


def check_scoring(file: StudyFile) -> list[Problem]:
    """Name what the rule uses and nobody can compute here, with a did-you-mean."""
    try:
        metrics = {*formula_of(file).score.names(), *further_metrics(file), *file.extra_metrics}
    except StudyError as error:
        return [Problem(STUDY_FILE, str(error), "docs/rules.md describes formulas")]
    asked = ASKED[file.protocol.table]
    foreign = sorted((set(ANSWERED) - set(asked)) & file.rule.columns(("s2", "escore")))
    if foreign:
        given = file.protocol.table
        what = f"rules: {foreign[0]!r} comes from {_table_of(foreign[0])}, and judges here give {given}"
        return [Problem(STUDY_FILE, what, f"there are {', '.join(asked)}; docs/rules.md describes them")]
    known = {*DEFINITIONS, *asked, *_MEASURED, *file.rule.entries}
    strange = sorted(metric for metric in metrics if metric not in DEFINITIONS)
    return [problem for metric in strange if (problem := _unknown(metric, known)) is not None]


def _table_of(score: str) -> str:
    return next(table for table, scores in ASKED.items() if score in scores)


def _unknown(metric: str, known: Iterable[str]) -> Problem | None:
    """Only pyiqa can list its metrics, and importing it takes seconds: with it a near miss is a warning."""
    meant = misspelt(metric, sorted(known), alike=0.7)
    has_pyiqa = find_spec("pyiqa") is not None
    if meant is None and has_pyiqa:
        return None
    there = (
        f"built-in metrics are {', '.join(DEFINITIONS)}; others need pyiqa (`pip install 'studyapp[pyiqa]'`)"
    )
    remedy = f"did you mean {meant!r}?" if meant else there
    what = f"rules: {metric!r} is not a built-in metric, a measure or a rule"
    return Problem(STUDY_FILE, what, remedy, severity="warning" if has_pyiqa else "error")
