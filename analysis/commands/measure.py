"""`study-measure`: what each team's model costs, and whether it makes the images that the team handed in."""
# pyright: reportMissingImports=false

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pandas as pd

from analysis.efficiency.measures import NUMBERS, RANKED, read_measures, reader_notes, shown_decimals
from analysis.efficiency.measuring.conventions import find_models
from analysis.efficiency.measuring.inputs import input_images
from analysis.efficiency.measuring.limits import Limits
from analysis.efficiency.measuring.packages import default_cache
from analysis.efficiency.measuring.plan import ROUNDS, Plan
from analysis.efficiency.measuring.run import measure_models
from analysis.efficiency.measuring.table import notes
from analysis.efficiency.measuring.telling import told_progress
from analysis.efficiency.measuring.writing import write_measures
from analysis.efficiency.points import model_scores
from analysis.errors import AnalysisError
from analysis.frame import Framed, note
from analysis.output import Output, render, shown
from analysis.rule import read_rule
from analysis.teams import refuse_strangers

Folder = click.Path(exists=True, file_okay=False, path_type=Path)
SHOWN = ("team", "params_m", "flops_g", "time_ms", "time_low_ms", "time_high_ms", "comparable", "reproduced")


def plan_options(function: Any) -> Any:
    """The options of every command that measures, gathered into a `Plan`."""
    for option in reversed(_PLAN):
        function = option(function)
    return function


_PLAN = (
    click.option("--device", default="auto", show_default=True, help="auto, cpu, cuda or cuda:1."),
    click.option(
        "--passes", type=click.IntRange(min=1), help="Over all images in each round: 3 on a GPU, 2 on a CPU."
    ),
    click.option(
        "--rounds",
        type=click.IntRange(min=1),
        default=ROUNDS,
        show_default=True,
        help="Processes of each model, taking turns.",
    ),
    click.option(
        "--warmup",
        type=click.FloatRange(min=0),
        help="Seconds for each size: 3 on a GPU, one forward on a CPU.",
    ),
    click.option(
        "--time-limit",
        type=click.FloatRange(min=1),
        default=3600,
        show_default=True,
        help="Seconds for a process.",
    ),
    click.option(
        "--memory",
        type=click.IntRange(min=256),
        help="MB for a process and its children. Default: 80 % of the machine's.",
    ),
    click.option("--install", is_flag=True, help="Fetch packages that models ask for (wheels only)."),
    click.option(
        "--trust", is_flag=True, help="Allow pickles, and models without isolation where there is none."
    ),
    click.option(
        "--cache",
        type=click.Path(file_okay=False, path_type=Path),
        help="Folder for the environments of models.",
    ),
)


def make_plan(options: dict[str, Any]) -> Plan:
    """Return the plan that `plan_options` say."""
    limits = Limits(seconds=options["time_limit"])
    if options["memory"]:
        limits = replace(limits, memory_mb=options["memory"])
    return Plan(
        device=_device(options["device"]),
        passes=options["passes"],
        rounds=options["rounds"],
        warmup_s=options["warmup"],
        trust=options["trust"],
        install=options["install"],
        cache=options["cache"] or default_cache(),
        limits=limits,
    )


@click.command("study-measure", cls=Framed)
@click.version_option(package_name="studyapp")
@click.argument("folder", metavar="MODELDIR", type=Folder)
@click.option("--inputs", type=Folder, required=True, help="Folder of the test set.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The table to write."
)
@click.option("--team", "teams", multiple=True, help="Measure this team's model only; may be repeated.")
@click.option("--compare", type=Folder, help="Folder with a folder of handed-in images for each team.")
@click.option(
    "--rule",
    default="raim-escore",
    show_default=True,
    metavar="NAME|FORMULA",
    help="Which score to print; esr-2025 and esr-2026 are NTIRE ESR's.",
)
@click.option("--base", metavar="TEAM", help="The model that the rule measures the others by.")
@plan_options
def main(
    folder: Path,
    inputs: Path,
    out: Path,
    teams: tuple[str, ...],
    compare: Path | None,
    rule: str,
    base: str | None,
    **options: Any,
) -> None:
    """Measure the models of MODELDIR (models/ and model_zoo/), each in a process of its own.

    Writes --out, and beside it the details (.json) and a plot (.svg, .png). Exit status: 0; 1 when a model
    failed; 2 when the input is refused.
    """
    handed_in = {path.name: path for path in sorted(compare.iterdir()) if path.is_dir()} if compare else {}
    models = find_models(folder, teams=list(handed_in))
    unknown = sorted(set(teams) - {model.team for model in models})
    if unknown:
        there = ", ".join(model.team for model in models)
        raise AnalysisError(f"no model of {', '.join(unknown)}; there are models of {there}")
    chosen = [model for model in models if not teams or model.team in teams]
    asked = read_rule(rule)
    asked.refuse_unknown((*RANKED, *NUMBERS))
    if base is not None:
        refuse_strangers([base], [model.team for model in chosen], what="--base", among="models measured")
        asked = asked.with_base(base)
    plan = make_plan(options)
    with told_progress() as progress:
        measured = measure_models(chosen, input_images(inputs), plan, handed_in=handed_in, progress=progress)
    written = write_measures(measured, plan, out, keep=[model.team for model in models] if teams else ())
    scored, said = written.scored, list(written.warnings)
    if asked.name != "raim-escore":
        scored, lines = model_scores(read_measures(out), asked)
        said += lines
    others = written.scored[~written.scored["team"].isin([one.team for one in measured])]
    kept = reader_notes(others.assign(comparable="") if "comparable" in others else others)
    show(scored, list(dict.fromkeys([*notes(measured), *kept, *said])), written.paths)
    if any(one.problem for one in measured):
        raise SystemExit(1)


def show(scored: pd.DataFrame, remarks: Sequence[str], paths: Sequence[Path]) -> None:
    """Print the scores to stdout, and to stderr what goes with them."""
    columns = [*SHOWN, *(name for name in ("escore", "score", "rank") if name in scored)]
    table = Output(scored[columns], decimals=3, digits=shown_decimals(scored))
    click.echo(render(shown(table), "markdown"), nl=False)
    for remark in remarks:
        note(remark)
    for path in paths:
        note(f"wrote {path}")


def _device(name: str) -> str:
    try:
        import torch
    except ImportError:
        raise AnalysisError("measuring models needs PyTorch; install it: pip install torch") from None
    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if name != "cpu" and not name.startswith("cuda"):
        raise AnalysisError(f"device {name!r}; give cpu, cuda or cuda:1")
    if name.startswith("cuda") and not torch.cuda.is_available():
        raise AnalysisError(f"device {name!r}: this machine's PyTorch finds no GPU; give cpu")
    return name


if __name__ == "__main__":
    main()
