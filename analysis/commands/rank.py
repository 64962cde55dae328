"""study-analysis rank."""

from typing import BinaryIO

from analysis.cli import result_command, rule_options, table_argument
from analysis.output import Output
from analysis.ranking import Weights, rank_teams, read_scores


@result_command("rank")
@table_argument("scores")
@rule_options
def command(scores: BinaryIO, preset: str | None, weights: Weights | None, awards: tuple[int, ...]) -> Output:
    """Add final, rank and award to the columns team, s2, s3 or uscore, escore of SCORES.csv.

    Presets: user-study, raim-2024, raim-2025, raim-2025-as-written.
    """
    ranking = rank_teams(
        read_scores(scores),
        preset=preset or ("weights" if weights else "user-study"),
        weights=weights,
        awards=awards,
    )
    return Output(ranking.table, notes=ranking.notes)
