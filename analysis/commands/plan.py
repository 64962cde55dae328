"""`study-analysis plan`: how many judges and images a study needs."""

from pathlib import Path
from typing import Any, BinaryIO

import click
import numpy as np
import pandas as pd

from analysis.cli import result_command, rule_options, seed_option
from analysis.output import Output
from analysis.planning.plot import plot_plan
from analysis.planning.summary import ADVANTAGES, IMAGES, JUDGES, plan_summary
from analysis.ranking import read_scores
from analysis.rule import Rule
from analysis.teams import refuse_strangers
from analysis.votes import read_votes


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
            self.fail(f"{value!r} is not a list of numbers separated by commas, such as 5,10,20", param, ctx)


@result_command("plan")
@click.argument("votes", metavar="[PILOT.csv]", type=click.File("rb"), required=False)
@click.option(
    "--judges", type=_Numbers(int), default=JUDGES, help="Numbers of judges to try.  [5,10,15,20,30]"
)
@click.option("--images", type=_Numbers(int), default=IMAGES, help="Numbers of images to try.  [25,50,100]")
@click.option("--teams", type=click.IntRange(2, 200), default=10, show_default=True, help="Without a pilot.")
@click.option(
    "--advantage",
    "advantages",
    type=_Numbers(float),
    default=ADVANTAGES,
    help="Without a pilot: chances that each team beats the next.  [0.525,0.55,0.575]",
)
@click.option(
    "--image-sd", type=click.FloatRange(0, 5), help="Taste of images, log units.  [0.6 or the pilot's]"
)
@click.option(
    "--judge-sd", type=click.FloatRange(0, 5), help="Taste of judges, log units.  [0.3 or the pilot's]"
)
@click.option("--studies", type=click.IntRange(10), default=400, show_default=True, help="Simulated studies.")
@click.option(
    "--target", type=click.FloatRange(0.01, 1), default=0.9, show_default=True, help="Wanted P(best)."
)
@click.option(
    "--plot", "plot", type=click.Path(dir_okay=False, path_type=Path), help="Write a plot to this file."
)
@rule_options(awards=False, scored=False)
@click.option("--scores", type=click.File("rb"), help="Only checked: are its teams those of the pilot?")
@seed_option
def command(
    votes: BinaryIO | None,
    *,
    rule: Rule,
    plot: Path | None,
    scores: BinaryIO | None,
    seed: int,
    **options: Any,
) -> Output:
    """Simulate studies of many sizes and say how often each finds the best team and the podium.

    Tastes of judges and images come from the votes of a pilot, or from the options.
    """
    pilot = None if votes is None else read_votes(votes)
    if pilot is not None and scores is not None:
        refuse_strangers(read_scores(scores)["team"], pilot.table["team"].cat.categories, what="scores")
    data = plan_summary(pilot, points=rule.points, rng=np.random.default_rng(seed), **options)
    if plot is not None:
        plot_plan(data, plot)
    table = pd.DataFrame(data["grid"])
    if data["simulated"]:
        table["pilot_simulated"] = True
    return Output(table, data | {"seed": seed}, _notes(data, seed))


def _notes(data: dict[str, Any], seed: int) -> tuple[str, ...]:
    notes = [
        f"tastes ({data['components']}): image sd {data['image_sd']:.2f}, judge sd {data['judge_sd']:.2f}; "
        f"{data['studies']} simulated studies each, seed {seed}"
    ]
    for row in data["needed"]:
        enough = f"{row['judges']} judges" if row["judges"] else "no number of judges tried"
        notes.append(f"{row['scenario']}, {row['images']} images: {enough} reach {row['target']:.0%}")
    return tuple(notes)
