"""What `studyapp measure` does with any folder of models, and its options."""
# pyright: reportMissingImports=false

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import pandas as pd

from analysis.did_you_mean import hint
from analysis.efficiency.measures import NUMBERS, RANKED, read_measures, reader_notes, shown_decimals
from analysis.efficiency.measuring.conventions import find_models
from analysis.efficiency.measuring.inputs import input_images
from analysis.efficiency.measuring.limits import Limits
from analysis.efficiency.measuring.packages import default_cache
from analysis.efficiency.measuring.plan import ROUNDS, Plan
from analysis.efficiency.measuring.run import measure_models
from analysis.efficiency.measuring.table import notes
from analysis.efficiency.measuring.writing import write_measures
from analysis.efficiency.points import model_scores
from analysis.errors import AnalysisError
from analysis.formats import table_form
from analysis.frame import note
from analysis.output import Output, plain, render, shown
from analysis.rule import read_rule
from analysis.teams import refuse_strangers

ESCORE = "raim-escore"
SHOWN = ("team", "params_m", "flops_g", "time_ms", "time_low_ms", "time_high_ms", "comparable", "reproduced")


@dataclass(frozen=True)
class Measured:
    """Measurements to be printed.

    Attributes
    ----------
    scored
        A row for each team, most efficient first.
    remarks
        What a reader of the table must know.
    paths
        The files written; the table is the first.
    failed
        Whether a model failed.
    """

    scored: pd.DataFrame
    remarks: tuple[str, ...]
    paths: tuple[Path, ...]
    failed: bool


def plan_options(function: Any) -> Any:
    """Add the options for how to measure; `make_plan` turns them into a `Plan`."""
    for option in reversed(_PLAN):
        function = option(function)
    return function


_PLAN = (
    click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda or cuda:1."),
    click.option(
        "--passes",
        type=click.IntRange(min=1),
        help="Passes over all images per round. By default 3 on a GPU, 2 on a CPU.",
    ),
    click.option(
        "--rounds",
        type=click.IntRange(min=1),
        default=ROUNDS,
        show_default=True,
        help="Processes per model; models take turns.",
    ),
    click.option(
        "--warmup",
        type=click.FloatRange(min=0),
        help="Seconds of warm-up per image size. By default 3 on a GPU, one forward pass on a CPU.",
    ),
    click.option(
        "--time-limit",
        type=click.FloatRange(min=1),
        default=3600,
        show_default=True,
        help="Seconds that a process may take.",
    ),
    click.option(
        "--memory",
        type=click.IntRange(min=256),
        help="MB that a process and its children may use. By default 80 % of the machine's.",
    ),
    click.option(
        "--gpu-memory",
        type=click.IntRange(min=64),
        help="MB that PyTorch may allocate on a GPU for one model. By default all that it has.",
    ),
    click.option("--install", is_flag=True, help="Download packages that models ask for (wheels only)."),
    click.option(
        "--trust",
        is_flag=True,
        help="Allow pickles, and run models unisolated where isolation is impossible.",
    ),
    click.option(
        "--cache",
        type=click.Path(file_okay=False, path_type=Path),
        help="Folder that keeps the models' environments.",
    ),
)


def make_plan(options: dict[str, Any]) -> Plan:
    """Return the plan that the options of `plan_options` describe."""
    limits = Limits(seconds=options["time_limit"])
    if options["memory"]:
        limits = replace(limits, memory_mb=options["memory"])
    return Plan(
        device=_device(options["device"]),
        passes=options["passes"],
        rounds=options["rounds"],
        warmup_s=options["warmup"],
        gpu_memory_mb=options["gpu_memory"],
        trust=options["trust"],
        install=options["install"],
        cache=options["cache"] or default_cache(),
        limits=limits,
    )


def usual_plan(options: dict[str, Any]) -> Plan:
    """Return the plan of some options of `plan_options`, by their names; the others are as usual.

    Raises
    ------
    AnalysisError
        When there is no such option.
    """
    usual = click.command("plan")(plan_options(lambda **_: None)).make_context("plan", []).params
    for name in options:
        if name not in usual:
            raise AnalysisError(f"measuring has no option {name!r}; {hint(name, usual)}")
    return make_plan(usual | options)


def measure_folder(
    folder: Path,
    plan: Plan,
    *,
    inputs: Path,
    output: Path,
    compare: Path | None,
    teams: Sequence[str],
    rule: str,
    base: str | None,
    progress: Callable[[str, int, int], None],
) -> Measured:
    """Measure the models of a folder that is not a study.

    Parameters
    ----------
    inputs
        Folder of the test set.
    output
        The table to write; details and plots go next to it.
    compare
        Folder with a folder of submitted images for each team.
    teams
        Measure only these; other rows of the table stay.
    rule, base
        Which score to compute, and its baseline model.

    Raises
    ------
    AnalysisError
        If there are no such models, or they cannot be measured here.
    """
    handed_in = {path.name: path for path in sorted(compare.iterdir()) if path.is_dir()} if compare else {}
    models = find_models(folder, teams=list(handed_in))
    unknown = sorted(set(teams) - {model.team for model in models})
    if unknown:
        there = ", ".join(model.team for model in models)
        raise AnalysisError(f"no model of {', '.join(unknown)}; choose from {there}")
    chosen = [model for model in models if not teams or model.team in teams]
    asked = read_rule(rule)
    asked.refuse_unknown((*RANKED, *NUMBERS))
    if base is not None:
        refuse_strangers([base], [model.team for model in chosen], what="--base", among="models measured")
        asked = asked.with_base(base)
    measured = measure_models(chosen, input_images(inputs), plan, handed_in=handed_in, progress=progress)
    written = write_measures(measured, plan, output, keep=[model.team for model in models] if teams else ())
    scored, said = written.scored, list(written.warnings)
    if asked.name != ESCORE:
        scored, lines = model_scores(read_measures(output), asked)
        said += lines
    others = written.scored[~written.scored["team"].isin([one.team for one in measured])]
    kept = reader_notes(others.assign(comparable="") if "comparable" in others else others)
    return Measured(
        scored,
        (*notes(measured), *kept, *said),
        tuple(written.paths),
        any(one.problem for one in measured),
    )


def show(found: Measured, form: str | None) -> None:
    """Print the scores to stdout, and the remarks to stderr."""
    columns = [*SHOWN, *(name for name in ("escore", "score", "rank") if name in found.scored)]
    remarks = list(dict.fromkeys(found.remarks))
    data = {"measures": plain(found.scored.to_dict("records")), "notes": remarks}
    table = Output(found.scored[columns], data, decimals=3, digits=shown_decimals(found.scored))
    click.echo(render(shown(table), table_form(form)), nl=False)
    for remark in remarks:
        note(remark)
    for path in found.paths:
        note(f"wrote {path}")


def _device(name: str) -> str:
    try:
        import torch
    except ImportError:
        raise AnalysisError("measuring models needs PyTorch; install it with pip install torch") from None
    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if name != "cpu" and not name.startswith("cuda"):
        raise AnalysisError(f"there is no device {name!r}; use cpu, cuda or cuda:1")
    if name.startswith("cuda") and not torch.cuda.is_available():
        raise AnalysisError(f"device {name!r}: PyTorch finds no GPU on this machine; use cpu")
    return name
