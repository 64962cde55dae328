"""study-analysis audit."""

from dataclasses import asdict
from typing import BinaryIO

import click
import pandas as pd

from analysis.audit import audit_scores
from analysis.cli import points_option, result_command, table_argument
from analysis.output import Output
from analysis.ranking import PRESETS
from analysis.tables import read_table


@result_command("audit")
@table_argument("scores")
@click.option("--images", type=click.IntRange(min=1), help="Images of the user study; checks the sum of S3.")
@points_option
@click.option(
    "--preset",
    type=click.Choice([name for name in PRESETS if name != "weights"]),
    help="The rule of the finals; without it, the one that reproduces the most rows.",
)
def command(scores: BinaryIO, images: int | None, points: tuple[float, ...], preset: str | None) -> Output:
    """Check the conservation laws of SCORES.csv and that finals and ranks follow; exit status 1 if not.

    Columns: team and any of s2, s3 or uscore, escore, final, rank.
    """
    findings = [
        asdict(finding)
        for finding in audit_scores(read_table(scores), images=images, points=points, preset=preset)
    ]
    wrong = sum(finding["verdict"] == "wrong" for finding in findings)
    table = pd.DataFrame(findings).assign(teams=["; ".join(finding["teams"]) for finding in findings])
    notes = (f"{wrong} of {len(findings)} checks found what cannot be right",) if wrong else ()
    return Output(table, data=findings, notes=notes, exit_code=1 if wrong else 0)
