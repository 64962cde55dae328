"""Measure models one after the other, each in a process of its own; what fails, fails alone."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from analysis.efficiency.measuring import environment, packages
from analysis.efficiency.measuring.conventions import Model
from analysis.efficiency.measuring.isolation import refused, run_isolated, why_not_isolated
from analysis.efficiency.measuring.limits import Limits
from analysis.efficiency.measuring.reproducing import ImageMatch, check_outputs, compare
from analysis.efficiency.measuring.results import Run, read_run
from analysis.errors import AnalysisError

Progress = Callable[[str, int, int], None]
ROUNDS = 2
CPU_PASSES, GPU_PASSES = 2, 3


@dataclass(frozen=True)
class Plan:
    """How to measure.

    Attributes
    ----------
    device
        "cpu" or "cuda".
    passes
        Over all images, in every round; None: 3 on a GPU, 2 on a CPU.
    rounds
        How often each model gets a process; the models take turns, so that what drifts meets all of them.
    warmup_forwards, warmup_s
        For each shape; None: 10 forwards and 3 s on a GPU, one forward on a CPU.
    count_s
        For counting FLOPs.
    trust
        Run models without isolation where that is not to be had, and let weights be pickles.
    install
        Fetch the packages that models ask for.
    cache
        Where environments are kept.
    """

    device: str = "cpu"
    passes: int | None = None
    rounds: int = ROUNDS
    warmup_forwards: int | None = None
    warmup_s: float | None = None
    count_s: float = 300
    trust: bool = False
    install: bool = False
    limits: Limits = field(default_factory=Limits)
    cache: Path = field(default_factory=packages.default_cache)

    @property
    def passes_a_round(self) -> int:
        """How many passes each process times."""
        return self.passes or (GPU_PASSES if self.on_gpu else CPU_PASSES)

    @property
    def on_gpu(self) -> bool:
        """Whether the models run on a GPU."""
        return self.device.startswith("cuda")


@dataclass(frozen=True)
class Measurement:
    """One model measured, or why it was not.

    Attributes
    ----------
    runs
        A run for each round, up to the one that failed.
    matches
        Outputs against the images handed in; empty where none were.
    states
        The hardware before and after each round.
    remarks
        What else is to be said of it.
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
        The images of the test set, all of one folder.
    handed_in
        Folder of the images that a team handed in, by team.
    progress
        Called with (stage, done, total).

    Raises
    ------
    AnalysisError
        When models cannot be isolated here and are not trusted; without inputs. A model's own failure is in
        its `Measurement`.
    """
    isolated = _isolated(plan)
    if not inputs:
        raise AnalysisError("there are no input images; name their folder with --inputs")
    found = {model.team: Measurement(model.team, model.stem, isolated=isolated) for model in models}
    done = 0
    for turn in range(plan.rounds):
        for model in models:
            if progress is not None:
                progress(f"measuring {model.stem}", done, len(models) * plan.rounds)
            if not found[model.team].problem:
                folder = (handed_in or {}).get(model.team) if turn == 0 else None
                found[model.team] = _add_run(found[model.team], model, inputs, plan, folder)
            done += 1
    if progress is not None:
        progress("measuring", done, len(models) * plan.rounds)
    return list(found.values())


def _isolated(plan: Plan) -> bool:
    reason = why_not_isolated()
    if reason and not plan.trust:
        raise AnalysisError(
            f"models cannot be isolated on this machine ({reason}); --trust runs their code as you, with "
            "your files and your network"
        )
    return not reason


def _add_run(
    before: Measurement, model: Model, inputs: Sequence[Path], plan: Plan, handed_in: Path | None
) -> Measurement:
    try:
        python, remarks = _python(model, plan)
    except (AnalysisError, OSError) as error:
        return replace(before, problem=str(error))
    output = Path(tempfile.mkdtemp(prefix="study-measure-output-"))
    try:
        first = environment.state(on_gpu=plan.on_gpu)
        run = _run(model, inputs, plan, python, output, isolated=before.isolated, count=not before.runs)
        states = (*before.states, {"before": first, "after": environment.state(on_gpu=plan.on_gpu)})
        problem = run.problem or check_outputs(output, inputs)
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
            f"needs {', '.join(absent)} ({model.requirements.name}), which is not here; install it, or let "
            "--install fetch it into an environment of the model's own"
        )
    others = ", ".join(f"{version} for {line}" for line, version in missing.items())
    return here, (f"ran with other packages than it asks for: {others}; --install fetches them",)


def _run(
    model: Model,
    inputs: Sequence[Path],
    plan: Plan,
    python: Path,
    output: Path,
    *,
    isolated: bool,
    count: bool,
) -> Run:
    job = {
        "name": model.name,
        "file": os.path.abspath(model.file),
        "folders": [os.path.abspath(folder) for folder in model.folders],
        "folder": os.path.abspath(model.root),
        "weights": model.weights and os.path.abspath(model.weights),
        "zoo": os.path.abspath(model.zoo),
        "inputs": [os.path.abspath(path) for path in inputs],
        "inputs_folder": os.path.abspath(inputs[0].parent),
        "seen": [os.path.abspath(path) for path in (*model.seen, *inputs)],
        "frozen": [os.path.abspath(path) for path in (inputs[0].parent, model.place, model.zoo)],
        "output": str(output),
        "device": plan.device,
        "trust": plan.trust,
        "passes": plan.passes_a_round,
        "warmup_forwards": plan.warmup_forwards,
        "warmup_s": plan.warmup_s,
        "count": count,
        "count_s": plan.count_s,
    }
    ending = run_isolated(job, limits=plan.limits, isolated=isolated, on_gpu=plan.on_gpu, python=str(python))
    if isolated and refused(ending):
        return Run(f"could not be isolated: {ending.printed.strip()[-300:]}", ending.printed)
    return read_run(ending, images=len(inputs), passes=plan.passes_a_round)
