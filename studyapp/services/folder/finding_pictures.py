"""Which files show a fairness finding: those of one image that it is about, and what to compare them with."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.preflight.finding import INPUT, PANELS, TRUTH
from studyapp.core.hidden_trials import CONTROLS, KNOWN_WORSE
from studyapp.study.folder import FolderPlan

_APART = {KNOWN_WORSE, *CONTROLS}
_REFERENCE = CONTROLS[0]


@dataclass(frozen=True)
class Pictured:
    """An image of a finding: files by what they are to it (`PANELS`), the team, and what is beside it."""

    files: Mapping[str, Path]
    team: str
    other: str


def pictured(plan: FolderPlan, problem: Mapping[str, Any], image: str) -> Pictured | None:
    """Return what shows a problem in an image; None for what is no finding, and where a file for it is gone.

    Parameters
    ----------
    plan
        The study folder as it is now.
    problem
        A finding as `check` tells it, as JSON.
    image
        Its name.
    """
    wanted = PANELS.get(problem["kind"] or "")
    if wanted is None:
        return None
    if problem["path"].startswith("paired/"):
        source, truth, all_candidates = plan.pair_inputs, plan.pair_truths.get(image), plan.pair_candidates
    else:
        source, truth, all_candidates = plan.inputs, plan.candidates.get((image, _REFERENCE)), plan.candidates
    candidates = {
        team: path
        for (name, team), path in sorted(all_candidates.items())
        if name == image and team not in _APART
    }
    # What all teams agree on is told of the input: any of them shows it.
    team = problem["path"].partition("teams/")[2] or next(iter(candidates), "")
    other = problem["other"] or next((name for name in candidates if name != team), "")
    known = {
        "input": source.get(image),
        "team": candidates.get(team),
        "other": {INPUT: source.get(image), TRUTH: truth, **candidates}.get(other),
    }
    files = {name: path for name, path in known.items() if name in wanted and path is not None}
    if len(files) < sum(name in wanted for name in known):
        return None
    return Pictured(files, team, other)
