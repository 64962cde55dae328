"""`studyapp analyse plan`: how many judges and images a study needs."""

from pathlib import Path
from typing import Any, BinaryIO

import click
import numpy as np
import pandas as pd

from analysis.amounts import how_many
from analysis.cli import result_command, rule_options, scale_option, seed_option, table_option
from analysis.output import Output
from analysis.planning.plot import plot_plan
from analysis.planning.summary import ADVANTAGES, IMAGES, JUDGES, plan_summary
from analysis.ranking import read_scores
from analysis.rule import Rule
from analysis.table_help import TableArgument
from analysis.teams import refuse_strangers
from analysis.user_study.read import read_answers, user_study


class _Numbers(click.ParamType):
    """Numbers separated by commas."""

    name = "list"

    def __init__(self, kind: type[int] | type[float]) -> None:
        self.kind = kind

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, ...]:
        if not isinstance(value, str):
            return tuple(value)
        try:
            return tuple(self.kind(part) for part in value.split(","))
        except ValueError:
            self.fail(
                f"{value!r} is not a list of numbers; separate them by commas, as in 5,10,20", param, ctx
            )


@result_command("plan")
@click.argument(
    "pilot",
    cls=TableArgument,
    tables=("votes", "pairs", "ratings"),
    metavar="[PILOT.csv]",
    type=click.File("rb"),
    required=False,
)
@scale_option
@click.option(
    "--protocol",
    type=click.Choice(["top_k", "ranking", "pairwise", "acr", "acr_hr", "dcr", "slider"]),
    help="How judges are asked, as in study.yaml.  [as in the pilot, or top_k]",
)
@click.option(
    "--pairs-per-judge",
    type=click.IntRange(min=1),
    help="For pairwise: how many pairs each judge compares.  [all pairs of every image]",
)
@click.option("--judges", type=_Numbers(int), default=JUDGES, help="How many judges to try.  [5,10,15,20,30]")
@click.option("--images", type=_Numbers(int), default=IMAGES, help="How many images to try.  [25,50,100]")
@click.option(
    "--teams", type=click.IntRange(2, 200), default=10, show_default=True, help="Teams, if there is no pilot."
)
@click.option(
    "--advantage",
    "advantages",
    type=_Numbers(float),
    default=ADVANTAGES,
    help="If there is no pilot: how likely each team beats the next.  [0.525,0.55,0.575]",
)
@click.option(
    "--image-sd",
    type=click.FloatRange(0, 5),
    help="How much images differ in taste, in log units.  [0.6, or the pilot's]",
)
@click.option(
    "--judge-sd",
    type=click.FloatRange(0, 5),
    help="How much judges differ in taste, in log units.  [0.3, or the pilot's]",
)
@click.option(
    "--studies", type=click.IntRange(10), default=400, show_default=True, help="Simulated studies per size."
)
@click.option(
    "--target",
    type=click.FloatRange(0.01, 1),
    default=0.9,
    show_default=True,
    help="How often the best team must be found.",
)
@click.option(
    "--plot", "plot", type=click.Path(dir_okay=False, path_type=Path), help="Also draw a plot into this file."
)
@rule_options(awards=False, scored=False)
@table_option("--scores", "Only checked: its teams must be those of the pilot.")
@seed_option
def command(
    pilot: BinaryIO | None,
    *,
    scale: tuple[float, float] | None,
    rule: Rule,
    plot: Path | None,
    scores: BinaryIO | None,
    seed: int,
    **options: Any,
) -> Output:
    """Simulate studies of many sizes and say how often each finds the best team and the top three.

    How much judges and images differ comes from the answers of a pilot (votes, pairs or ratings), or from the
    options.
    """
    answers = None if pilot is None else read_answers(pilot, scale=scale)
    if answers is not None and scores is not None:
        teams = user_study(answers, rule).teams
        refuse_strangers(read_scores(scores)["team"], teams, what="scores", among="pilot")
    data = plan_summary(answers, points=rule.points, rng=np.random.default_rng(seed), **options)
    if plot is not None:
        plot_plan(data, plot)
    table = pd.DataFrame(data["grid"])
    if data["simulated"]:
        table["pilot_simulated"] = True
    return Output(table, data | {"seed": seed}, _notes(data, seed))


def _notes(data: dict[str, Any], seed: int) -> tuple[str, ...]:
    notes = [
        f"{data['protocol']}, tastes ({data['components']}): image sd {data['image_sd']:.2f}, judge sd "
        f"{data['judge_sd']:.2f}; {data['studies']} simulated studies per size, seed {seed}"
    ]
    for row in data["needed"]:
        best, podium = (
            how_many(row[name], "judges") if row[name] else "more judges than were tried"
            for name in ("judges", "podium")
        )
        notes.append(
            f"{row['scenario']}, {how_many(row['images'], 'images')}: {row['target']:.0%} needs {best} "
            f"for the best team, {podium} for the top three in order"
        )
    return tuple(notes)
