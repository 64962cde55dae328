"""Can the efficiency of models be as their times, parameters and FLOPs say?"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.audit.costs import audit_costs
from analysis.audit.findings import Finding
from analysis.audit.measured import UNCOUNTED, audit_measured
from analysis.audit.timings import audit_times, rank_changes
from analysis.efficiency.times import OUR_SIDE, Times
from analysis.errors import AnalysisError
from analysis.rule import Outcome, Rule


def audit_efficiency(times: Times, rule: Rule | None = None) -> list[Finding]:
    """Return everything that a file of times shows.

    Parameters
    ----------
    rule
        Whose ranks are compared with and without the first images, too.

    Raises
    ------
    AnalysisError
        When the rule needs a column that the file lacks, or the file was changed by hand.
    """
    found = audit_times(times)
    if rule is not None:
        found += _ranks_of_rule(times, rule)
    if len(times.costs):
        found += audit_costs(times.costs, side=times.side)
    try:
        return [*found, *audit_measured(times.details)]
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise AnalysisError(
            f"the details of the models are not what `studyapp measure` writes ({reason}); measure them again"
        ) from error


def audit_measures(measures: pd.DataFrame) -> list[Finding]:
    """Return what the rows of measures.csv show: units, the bound, counts with gaps, means beside medians.

    Parameters
    ----------
    measures
        See `analysis.efficiency.measures.validate_measures`; their FLOPs are those of 1024x1024 pixels.
    """
    found = audit_costs(measures, side=OUR_SIDE)
    if "uncounted" in measures:
        gaps = measures[measures["uncounted"].astype(str).str.startswith("INCOMPLETE")]
        found += [
            Finding(UNCOUNTED, "wrong", f"{row['team']}: {row['uncounted']}", teams=(row["team"],))
            for row in gaps.to_dict("records")
        ]
    if "time_median_ms" in measures:
        found += _skewed(measures)
    return found


def _skewed(measures: pd.DataFrame) -> list[Finding]:
    known = measures[measures["time_ms"].notna() & (measures["time_median_ms"] > 0)]
    if known.empty:
        return []
    mean, median = known["time_ms"].rank(method="min"), known["time_median_ms"].rank(method="min")
    changes = rank_changes(list(mean), list(median), list(map(str, known["team"])))
    if changes:
        why = f"ranks of time change when medians count in place of means: {', '.join(changes)}"
        return [Finding("mean and median", "note", why)]
    return [Finding("mean and median", "ok", "means and medians of the times give the same ranks")]


def ranked(times: Times, rule: Rule, ms: Sequence[float]) -> Outcome:
    """Return what a rule makes of the models of a file with these times."""
    costs = pd.DataFrame({"team": [one.model for one in times.models]})
    if len(times.costs):
        costs = costs.merge(times.costs, on="team", how="left")
    columns = {str(name): costs[name].to_numpy(dtype=float) for name in costs if name != "team"}
    return rule.outcome({**columns, "time_ms": np.asarray(ms, dtype=float)}, teams=list(costs["team"]))


def _ranks_of_rule(times: Times, rule: Rule) -> list[Finding]:
    names = [one.model for one in times.models]
    mean = ranked(times, rule, [one.mean for one in times.models])
    found = [
        Finding("gates", "note", f"no rank for {name}: {reason}", teams=(name,))
        for name, reason in zip(names, mean.reasons, strict=True)
        if reason is not None
    ]
    found += [Finding("gates", "note", note) for note in mean.notes]
    by = rule.name or "the rule"
    for what, ms in (
        ("without the first image of each run", [one.mean_without_first for one in times.models]),
        ("by medians", [one.median for one in times.models]),
    ):
        changes = rank_changes(_places(mean), _places(ranked(times, rule, ms)), names)
        said = f"{what}: {', '.join(changes)}" if changes else f"{what} nobody changes rank"
        verdict = "note" if changes else "ok"
        found.append(Finding(f"ranks of {by} {what}", verdict, said))
    return found


def _places(outcome: Outcome) -> list[float]:
    return [float(place) if place > 0 else np.nan for place in outcome.rank]
