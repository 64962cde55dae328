"""`studyapp analyse audit`: what cannot be right in a table of scores."""

from dataclasses import asdict
from typing import BinaryIO

import click
import pandas as pd

from analysis.audit.findings import Finding
from analysis.audit.scores import audit_scores
from analysis.audit.votes import audit_s3, audit_votes
from analysis.cli import complete_rule, result_command, table_argument, table_option
from analysis.output import Output
from analysis.rule_files import chosen_rule
from analysis.study_notes import read_notes
from analysis.tables import read_table
from analysis.votes import read_votes


@result_command("audit")
@table_argument("scores")
@click.option(
    "--images", type=click.IntRange(min=1), help="Number of images in the user study; checks the sum of S3."
)
@click.option(
    "--points",
    metavar="P,P,...",
    help="Points for first place, second, and so on. By default the rule's, or 3,2,1.",
)
@click.option(
    "--rule",
    shell_complete=complete_rule,
    metavar="NAME|FORMULA|FILE",
    help="The rule behind the finals. By default the preset that reproduces the most rows.",
)
@table_option("--votes", "Audit these votes too: S3 must follow from them.")
@click.option(
    "--notes",
    "notes_file",
    type=click.File("rb"),
    help="notes.json of the same export: explains what the votes lack.",
)
def command(
    scores: BinaryIO,
    images: int | None,
    points: str | None,
    rule: str | None,
    votes: BinaryIO | None,
    notes_file: BinaryIO | None,
) -> Output:
    """Find what cannot be right in SCORES.csv: sums that must be constant, finals, ranks.

    Exit status 1 if something is wrong.
    """
    chosen = chosen_rule(rule or "user-study", points=points)
    table = read_table(scores)
    found: list[Finding] = []
    if votes is not None:
        ballots, known = read_votes(votes), read_notes(notes_file) if notes_file else None
        images = images or ballots.table["image"].nunique()
        found = [
            *audit_votes(ballots, points=chosen.points, notes=known),
            *audit_s3(table, ballots, points=chosen.points),
        ]
    found += audit_scores(table, images=images, points=chosen.points, rule=chosen if rule else None)
    findings = [asdict(finding) for finding in found]
    wrong = sum(finding.verdict == "wrong" for finding in found)
    frame = pd.DataFrame(findings).assign(teams=["; ".join(finding.teams) for finding in found])
    notes = (f"{wrong} of {len(findings)} checks found something that cannot be right",) if wrong else ()
    return Output(frame, data=findings, notes=notes, exit_code=1 if wrong else 0)
