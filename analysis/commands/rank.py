"""study-analysis rank."""

from typing import BinaryIO

from analysis.cli import result_command, rule_options, table_argument
from analysis.output import Output
from analysis.part_options import part_options, read_parts
from analysis.ranking import Weights, rank_teams, shown_decimals


@result_command("rank")
@table_argument("scores")
@part_options
@rule_options
def command(
    scores: BinaryIO,
    paired: BinaryIO | None,
    measures: BinaryIO | None,
    preset: str | None,
    weights: Weights | None,
    awards: tuple[int, ...],
) -> Output:
    """Add final, rank and award to the columns team, s2, s3 or uscore, escore of SCORES.csv.

    Presets: user-study, raim-2024, raim-2025, raim-2025-as-written.
    """
    parts = read_parts(scores, paired, measures)
    assert parts.scores is not None
    table = parts.of(parts.scores["team"])
    assert table is not None
    ranking = rank_teams(
        table,
        preset=preset or ("weights" if weights else "user-study"),
        weights=weights,
        awards=awards,
    )
    return Output(ranking.table, notes=(*parts.notes, *ranking.notes), digits=shown_decimals(ranking.table))
