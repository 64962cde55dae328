"""`studyapp analyse metrics`: how well image metrics agree with the judges."""

from typing import BinaryIO

import click
import numpy as np

from analysis.cli import (
    answers_argument,
    result_command,
    rule_options,
    sampling_options,
    seed_option,
    shown_option,
    table_option,
)
from analysis.metrics_against_judges.judged import By
from analysis.metrics_against_judges.summary import (
    ceilings_table,
    differences_table,
    images_table,
    measures_table,
    metrics_summary,
    overview_table,
    summary_lines,
    worst_table,
)
from analysis.metrics_against_judges.table import read_definitions, read_metrics
from analysis.output import Output, intervals_note, marked
from analysis.paired.table import read_paired
from analysis.resampling.two_way import Sampling
from analysis.rule import Rule
from analysis.user_study.read import Answers


@result_command("metrics")
@answers_argument()
@table_option("--candidates", "Metrics of what judges saw.", table="candidates")
@table_option("--paired", "Scores of images with ground truth: the parts of S2, compared by team.")
@click.option(
    "--definitions",
    type=click.File("rb"),
    multiple=True,
    help="definitions.json of scores, which says whether lower or higher is better. Repeatable.",
)
@click.option("--lower", multiple=True, metavar="METRIC", help="For this metric lower is better; repeatable.")
@click.option(
    "--higher", multiple=True, metavar="METRIC", help="For this metric higher is better; repeatable."
)
@click.option(
    "--by",
    type=click.Choice(["points", "worths"]),
    default="points",
    show_default=True,
    help="Votes: compare with points, or with Plackett-Luce worths.",
)
@shown_option("overview", "measures", "differences", "ceilings", "images", "worst")
@rule_options(awards=False, scored=False)
@sampling_options(draws=1_000)
@seed_option
def command(
    answers: Answers,
    *,
    candidates: BinaryIO | None,
    paired: BinaryIO | None,
    definitions: tuple[BinaryIO, ...],
    lower: tuple[str, ...],
    higher: tuple[str, ...],
    by: By,
    shown: str,
    rule: Rule,
    sampling: Sampling,
    seed: int,
) -> Output:
    """Compare image metrics with the judges of ANSWERS.csv (votes, pairs or ratings).

    SROCC, KRCC, PLCC after a logistic, RMSE, outlier ratio and the share of pairs in the same order: within
    images, over all candidates, and over teams. Metrics for which lower is better are reversed first, so
    that 1 is always perfect agreement. Intervals resample judges and images; split halves and repeats show
    how high a value can be with judges as noisy as these.
    """
    data = metrics_summary(
        answers,
        rule=rule,
        candidates=None if candidates is None else read_metrics(candidates),
        paired=None if paired is None else read_paired(paired),
        definitions=[row for file in definitions for row in read_definitions(file)],
        lower=lower,
        higher=higher,
        by=by,
        sampling=sampling,
        rng=np.random.default_rng(seed),
    )
    notes = [*summary_lines(data), intervals_note(data)]
    if data["draws"] > data["draws_of_fits"]:
        notes.append(
            f"PLCC, RMSE, outliers, and KRCC of all candidates: the first {data['draws_of_fits']} of them"
        )
    if data["simulated"]:
        notes.append("the answers of this study are simulated")
    table = marked(TABLES[shown](data), data)
    return Output(table, data | {"seed": seed}, tuple(notes), decimals=3)


TABLES = {
    "overview": overview_table,
    "measures": measures_table,
    "differences": differences_table,
    "ceilings": ceilings_table,
    "images": images_table,
    "worst": worst_table,
}
