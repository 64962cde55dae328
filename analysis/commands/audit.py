"""`studyapp analyse audit`: what cannot be correct in a table of scores."""

from dataclasses import asdict
from typing import BinaryIO

import click
import pandas as pd

from analysis.amounts import how_many
from analysis.audit.findings import Finding
from analysis.audit.scores import audit_scores
from analysis.audit.votes import audit_s3, audit_votes
from analysis.cli import complete_rule, result_command, table_argument, table_option
from analysis.did_you_mean import hint
from analysis.errors import AnalysisError
from analysis.output import Output
from analysis.ranking import WORDS
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
@click.option(
    "--base", metavar="TEAM", help="The team that base() in the rule refers to. By default the rule's own."
)
@click.option(
    "--column",
    "renamed",
    multiple=True,
    metavar="NAME=PRINTED",
    help="Name of a column in this table, as in final=score or team=model; repeatable.",
)
@table_option("--votes", "Audit these votes too: S3 must follow from them.")
@click.option(
    "--notes",
    "notes_file",
    type=click.File("rb"),
    help="notes.json of the same export, which explains missing votes.",
)
def command(
    scores: BinaryIO,
    images: int | None,
    points: str | None,
    rule: str | None,
    base: str | None,
    renamed: tuple[str, ...],
    votes: BinaryIO | None,
    notes_file: BinaryIO | None,
) -> Output:
    """Find what cannot be correct in SCORES.csv: sums that must be constant, finals, ranks.

    SCORES.csv can be a table as printed in a paper: team and any of s2, s3, escore, metrics, final, rank.
    Finals and ranks must follow from the other columns by the rule; if not, a preset that fits better is
    named.

    Exit status 1 if something is wrong.
    """
    chosen = chosen_rule(rule or "user-study", points=points)
    if base is not None:
        chosen = chosen.with_base(base)
    table = _renamed(read_table(scores), renamed)
    if rule is not None:
        chosen.refuse_unknown({*table.columns, *WORDS, *chosen.counted})
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
    notes = (
        (f"{wrong} of {how_many(len(findings), 'checks')} found something that cannot be correct",)
        if wrong
        else ()
    )
    return Output(frame, data=findings, notes=notes, exit_code=1 if wrong else 0)


def _renamed(table: pd.DataFrame, renamed: tuple[str, ...]) -> pd.DataFrame:
    """Call printed columns by the names that are known here; a column that had such a name gives way."""
    names = {}
    for text in renamed:
        known, sign, printed = (part.strip() for part in text.partition("="))
        if not (known and sign and printed):
            raise AnalysisError(f"--column {text!r}: give NAME=PRINTED, for example final=score")
        if printed not in table:
            raise AnalysisError(
                f"--column {text}: the table has no column {printed!r}; {hint(printed, table.columns)}"
            )
        names[printed] = known
    given_up = [name for name in names.values() if name in table and name not in names]
    return table.drop(columns=given_up).rename(columns=names)
