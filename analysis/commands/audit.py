"""study-analysis audit."""

from dataclasses import asdict
from typing import BinaryIO

import click
import pandas as pd

from analysis.audit.findings import Finding
from analysis.audit.tables import audit_scores
from analysis.audit.votes import audit_s3, audit_votes
from analysis.cli import points_option, result_command, table_argument
from analysis.errors import AnalysisError
from analysis.output import Output
from analysis.ranking import PRESETS
from analysis.study_notes import read_notes
from analysis.tables import read_table
from analysis.votes import read_votes


@result_command("audit")
@table_argument("scores")
@click.option("--images", type=click.IntRange(min=1), help="Images of the user study; checks the sum of S3.")
@points_option
@click.option(
    "--preset", metavar="NAME", help="The rule of the finals; else the one that gives the most rows."
)
@click.option("--votes", type=click.File("rb"), help="Votes to audit too; S3 must follow from them.")
@click.option(
    "--notes",
    "notes_file",
    type=click.File("rb"),
    help="notes.json of the export that the votes are from: causes of what they lack.",
)
def command(
    scores: BinaryIO,
    images: int | None,
    points: tuple[float, ...],
    preset: str | None,
    votes: BinaryIO | None,
    notes_file: BinaryIO | None,
) -> Output:
    """Check the conservation laws of SCORES.csv and that finals and ranks follow; exit status 1 if not.

    Columns: team and any of s2, s3 or uscore, escore, final, rank.
    """
    if preset == "weights" or (preset and preset not in PRESETS):
        raise AnalysisError(
            f"--preset {preset}: use {', '.join(name for name in PRESETS if name != 'weights')}"
        )
    table = read_table(scores)
    found: list[Finding] = []
    if votes is not None:
        ballots, known = read_votes(votes), read_notes(notes_file) if notes_file else None
        images = images or ballots.table["image"].nunique()
        found = [
            *audit_votes(ballots, points=points, notes=known),
            *audit_s3(table, ballots, points=points),
        ]
    found += audit_scores(table, images=images, points=points, preset=preset)
    findings = [asdict(finding) for finding in found]
    wrong = sum(finding.verdict == "wrong" for finding in found)
    frame = pd.DataFrame(findings).assign(teams=["; ".join(finding.teams) for finding in found])
    notes = (f"{wrong} of {len(findings)} checks found what cannot be right",) if wrong else ()
    return Output(frame, data=findings, notes=notes, exit_code=1 if wrong else 0)
