"""The formula that a study goes by, from the table `scoring` of study.yaml, and what can be wrong with it."""

from importlib.util import find_spec
from typing import Any

from analysis.did_you_mean import nearest
from analysis.errors import AnalysisError
from analysis.paired.definitions import DEFINITIONS
from analysis.paired.score import RAIM, Formula, formula_from_rows
from analysis.ranking import PRESETS
from studyapp.errors import Problem, StudyError
from studyapp.study.study_file import STUDY_FILE, StudyFile, rules_of


def formula_of(file: StudyFile) -> Formula:
    """Return the formula of S2: the study's own table, or RAIM's.

    Raises
    ------
    StudyError
        When another table has taken the name of RAIM's.
    """
    table = file.scoring
    if table.name is None:
        return RAIM
    try:
        formula = formula_from_rows(table.name, [term.model_dump() for term in table.terms])
    except AnalysisError as error:
        raise StudyError(f"scoring: {error}") from error
    if formula.name == RAIM.name and formula != RAIM:
        raise StudyError(f"scoring.name is {RAIM.name!r}, but the terms are others; give it another name")
    return formula


def needs_s2(file: StudyFile) -> bool:
    """Tell whether the study's ranking cannot do without S2."""
    weights = file.ranking.weights
    return weights.s2 > 0 if weights else "s2" in PRESETS[file.ranking.preset].needs


def rules_with_scoring(file: StudyFile) -> dict[str, Any]:
    """Return what decides the results, for the ledger: with every term of the formula, whatever its name."""
    return rules_of(file) | {"scoring": formula_of(file).as_dict()}


def check_scoring(file: StudyFile) -> list[Problem]:
    """Name metrics that nobody can compute here, with a did-you-mean."""
    try:
        metrics = [*formula_of(file).metrics, *file.scoring.extra]
    except StudyError as error:
        return [Problem(STUDY_FILE, str(error), "`studyapp schema` prints what is expected")]
    strange = [metric for metric in metrics if metric not in DEFINITIONS]
    return [problem for metric in strange if (problem := _unknown(metric)) is not None]


def _unknown(metric: str) -> Problem | None:
    """Only pyiqa can list its metrics, and importing it takes seconds: with it a near miss is a warning."""
    meant = nearest(metric, DEFINITIONS)
    has_pyiqa = find_spec("pyiqa") is not None
    if meant is None and has_pyiqa:
        return None
    known = f"ours are {', '.join(DEFINITIONS)}; others need pyiqa (`pip install 'studyapp[pyiqa]'`)"
    remedy = f"did you mean {meant!r}?" if meant else known
    what = f"scoring: {metric!r} is no metric of our own"
    return Problem(STUDY_FILE, what, remedy, severity="warning" if has_pyiqa else "error")
