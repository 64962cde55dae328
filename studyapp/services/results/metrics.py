"""How metrics of the candidates, and S2 with its parts, agree with the judges of a study."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.errors import AnalysisError
from analysis.metrics_against_judges.summary import STREAM, metrics_summary
from studyapp.errors import StudyError
from studyapp.services.ground.workspace import Workspace
from studyapp.services.paired.unpaired import CandidateMetrics, read_unpaired, refuse_stale
from studyapp.services.results.ranking import StudyRanking


@dataclass(frozen=True)
class MetricsAgainstJudges:
    """What an export and its report say of metrics.

    Attributes
    ----------
    measured
        Metrics of the candidates that are ranked; None where there are none that can be used.
    data
        From `metrics_summary`; None without any metric.
    failures
        Why something is left out.
    """

    measured: CandidateMetrics | None = None
    data: Mapping[str, Any] | None = None
    failures: tuple[str, ...] = ()


def metrics_against_judges(workspace: Workspace, ranking: StudyRanking) -> MetricsAgainstJudges:
    """Compare what `studyapp score` computed with the judges; what is stale is left out and named."""
    root = workspace.folders.root
    failures = []
    try:
        measured = read_unpaired(workspace.folders.unpaired)
        if measured is not None:
            refuse_stale(root, measured, workspace.file)
    except StudyError as error:
        measured = None
        failures.append(f"Metrics of candidates are left out: {error}")
    if measured is not None:
        ranked = measured.table["team"].isin(ranking.user.teams)
        measured = CandidateMetrics(measured.table[ranked].reset_index(drop=True), measured.about)
    paired = ranking.parts.parts.paired
    if measured is None and paired is None:
        return MetricsAgainstJudges(failures=tuple(failures))
    defined = [*ranking.parts.about.get("metrics", ()), *(measured.about["metrics"] if measured else ())]
    try:
        data = metrics_summary(
            ranking.user.answers,
            rule=ranking.rule,
            candidates=None if measured is None else measured.table,
            paired=paired,
            definitions=defined,
            skip_unknown=True,
            rng=np.random.default_rng([ranking.drawn.seed, STREAM]),
        )
    except AnalysisError as error:
        return MetricsAgainstJudges(
            failures=(*failures, f"Metrics are not compared with the judges: {error}")
        )
    return MetricsAgainstJudges(measured, data, tuple(failures))
