"""Measure models one after the other, each in its own process; one failure does not affect the others."""

import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analysis.efficiency.measuring import environment, packages
from analysis.efficiency.measuring.believing import Doubts, doubts_of
from analysis.efficiency.measuring.conventions import Model
from analysis.efficiency.measuring.isolation import refused, run_isolated, why_not_isolated
from analysis.efficiency.measuring.jobs import hidden_folders, make_job
from analysis.efficiency.measuring.plan import Plan
from analysis.efficiency.measuring.reproducing import ImageMatch, check_outputs, compare
from analysis.efficiency.measuring.results import Run, read_run
from analysis.errors import AnalysisError

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Measurement:
    """One model measured, or why it was not.

    Attributes
    ----------
    runs
        A run for each round, up to the one that failed.
    matches
        Outputs compared with the submitted images; empty if there were none.
    states
        The hardware before and after each round.
    remarks
        Anything else worth knowing about it.
    """

    team: str
    model: str
    problem: str = ""
    runs: tuple[Run, ...] = ()
    matches: tuple[ImageMatch, ...] = ()
    states: tuple[Mapping[str, Any], ...] = ()
    isolated: bool = True
    remarks: tuple[str, ...] = ()


def measure_models(
    models: Sequence[Model],
    inputs: Sequence[Path],
    plan: Plan,
    *,
    handed_in: Mapping[str, Path] | None = None,
    progress: Progress | None = None,
) -> list[Measurement]:
    """Run every model on the inputs and measure it.

    Parameters
    ----------
    models
        See `analysis.efficiency.measuring.conventions.find_models`.
    inputs
        The images of the test set, all in one folder.
    handed_in
        Folder of a team's submitted images, by team.
    progress
        Called with (stage, done, total).

    Raises
    ------
    AnalysisError
        If models cannot be isolated here and are not trusted, or without inputs. A model's own failure is in
        its `Measurement`.
    """
    isolated = _isolated(plan)
    if not inputs:
        raise AnalysisError("there are no input images; give their folder with --inputs")
    hidden = hidden_folders(models, inputs, handed_in or {}) if isolated else []
    found = {model.team: Measurement(model.team, model.stem, isolated=isolated) for model in models}
    done = 0
    for turn in range(plan.rounds):
        for model in models:
            if progress is not None:
                progress(f"measuring {model.stem}", done, len(models) * plan.rounds)
            if not found[model.team].problem and model.problem:
                found[model.team] = replace(found[model.team], problem=model.problem)
            elif not found[model.team].problem:
                folder = (handed_in or {}).get(model.team) if turn == 0 else None
                found[model.team] = _alone(found[model.team], model, inputs, plan, folder, hidden)
            done += 1
    if progress is not None:
        progress("measuring", done, len(models) * plan.rounds)
    return list(found.values())


def _alone(before: Measurement, model: Model, *rest: Any) -> Measurement:
    """Add a run; whatever goes wrong with it is the model's own problem."""
    try:
        return _add_run(before, model, *rest)
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        return replace(before, problem=f"measuring failed ({reason})")


def _isolated(plan: Plan) -> bool:
    reason = why_not_isolated()
    if reason and not plan.trust:
        raise AnalysisError(
            f"models cannot be isolated on this machine ({reason}); --trust runs their code as you, with "
            "access to your files and your network"
        )
    return not reason


def _add_run(
    before: Measurement,
    model: Model,
    inputs: Sequence[Path],
    plan: Plan,
    handed_in: Path | None,
    hidden: Sequence[str],
) -> Measurement:
    try:
        python, remarks = _python(model, plan)
    except (AnalysisError, OSError) as error:
        return replace(before, problem=str(error))
    output = Path(tempfile.mkdtemp(prefix="study-measure-output-"))
    try:
        first = environment.state(on_gpu=plan.on_gpu)
        job = make_job(model, inputs, plan, output, count=not before.runs) | {"hidden": list(hidden)}
        run = _run(job, plan, python, isolated=before.isolated)
        states = (*before.states, {"before": first, "after": environment.state(on_gpu=plan.on_gpu)})
        problem, odd = (run.problem, "") if run.problem else check_outputs(output, inputs)
        doubts = Doubts(problem)
        if not problem:
            counted = (*before.runs, run)[0]
            doubts = doubts_of(counted, run, model, inputs, plan.device)
        problem = doubts.refusal
        remarks = tuple(dict.fromkeys((*before.remarks, *remarks, *filter(None, [odd]), *doubts.remarks)))
        matches = before.matches
        if not problem and handed_in is not None:
            matches = tuple(compare(output, handed_in, [path.stem for path in inputs]))
        return replace(
            before, problem=problem, runs=(*before.runs, run), matches=matches, states=states, remarks=remarks
        )
    finally:
        shutil.rmtree(output, ignore_errors=True)


def _python(model: Model, plan: Plan) -> tuple[Path, tuple[str, ...]]:
    """Return the Python to run a model with, and what is to be said of its packages."""
    here = Path(sys.executable)
    missing = {} if model.requirements is None else packages.unmet(model.requirements)
    if model.requirements is None or not missing:
        return here, ()
    if plan.install:
        return packages.environment(model.requirements, plan.cache), ()
    absent = [line for line, version in missing.items() if version is None]
    if absent:
        raise AnalysisError(
            f"needs {', '.join(absent)} ({model.requirements.name}), which is not installed; install it, "
            "or use --install to download it into a separate environment"
        )
    others = ", ".join(f"{version} for {line}" for line, version in missing.items())
    return here, (
        f"ran with other package versions than it asks for ({others}), which --install would download",
    )


def _run(job: dict[str, Any], plan: Plan, python: Path, *, isolated: bool) -> Run:
    ending = run_isolated(job, limits=plan.limits, isolated=isolated, on_gpu=plan.on_gpu, python=str(python))
    if isolated and refused(ending):
        return Run(f"could not be isolated: {ending.printed.strip()[-300:]}", ending.printed)
    return read_run(ending, images=len(job["inputs"]), passes=plan.passes_a_round)
