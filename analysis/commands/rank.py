"""study-analysis rank."""

from typing import BinaryIO

from analysis.cli import result_command, rule_options, table_argument
from analysis.output import Output
from analysis.part_options import part_options, read_parts
from analysis.ranking import rank_teams, shown_decimals
from analysis.rule import Rule


@result_command("rank")
@table_argument("scores")
@part_options
@rule_options()
def command(scores: BinaryIO, paired: BinaryIO | None, measures: BinaryIO | None, rule: Rule) -> Output:
    """Add final, rank and award to the columns of SCORES.csv: team and those that the rule needs.

    docs/rules.md lists the presets and the language of formulas.
    """
    parts = read_parts(scores, paired, measures, rule)
    assert parts.scores is not None
    teams = list(parts.scores["team"])
    table = parts.of(teams, rule)
    assert table is not None
    ranking = rank_teams(table, rule, parts.images(rule, list(table["team"])))
    return Output(ranking.table, notes=(*parts.notes, *ranking.notes), digits=shown_decimals(ranking.table))
