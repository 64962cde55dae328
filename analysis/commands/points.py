"""`studyapp analyse points`: what the places of votes are worth."""

from typing import BinaryIO

from analysis.cli import result_command, rule_options, table_argument
from analysis.output import Output
from analysis.points import team_points, why_no_s3n
from analysis.ranking import shown_decimals
from analysis.rule import Rule
from analysis.unshown import unshown_note
from analysis.votes import read_votes


@result_command("points")
@table_argument("votes")
@rule_options(awards=False, scored=False)
def command(votes: BinaryIO, rule: Rule) -> Output:
    """Points (total), S3 (mean over judges) and normalised S3 of each team, from VOTES.csv."""
    given = read_votes(votes)
    table = team_points(given, points=rule.points)
    reason = why_no_s3n(table["s3"].to_numpy())
    if given.simulated:
        table["simulated"] = True
    notes = (reason, unshown_note(given.ballots))
    return Output(table, notes=tuple(note for note in notes if note), digits=shown_decimals(table))
