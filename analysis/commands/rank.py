"""study-analysis rank."""

from typing import BinaryIO

import click

from analysis.cli import result_command, table_argument
from analysis.errors import AnalysisError
from analysis.output import Output
from analysis.ranking import PRESETS, Weights, rank_teams, read_scores


@result_command("rank")
@table_argument("scores")
@click.option(
    "--preset", type=click.Choice(list(PRESETS)), help="The rule; user-study unless --weights is given."
)
@click.option("--weights", metavar="S2,S3,E", help="final = S2 * s2 + S3 * 100 * s3n + E * escore.")
@click.option(
    "--awards", default="1,2,3", show_default=True, help="Awards of the first class, the second, ..."
)
def command(scores: BinaryIO, preset: str | None, weights: str | None, awards: str) -> Output:
    """Add final, rank and award to the columns team, s2, s3 or uscore, escore of SCORES.csv."""
    own = _weights(weights)
    ranking = rank_teams(
        read_scores(scores),
        preset=preset or ("weights" if own else "user-study"),
        weights=own,
        awards=_awards(awards),
    )
    return Output(ranking.table, notes=ranking.notes)


def _weights(text: str | None) -> Weights | None:
    if text is None:
        return None
    try:
        return Weights(*(float(part) for part in _three(text)))
    except ValueError:
        raise AnalysisError(f"--weights {text!r}: give three numbers, for example 0.4,0.6,0") from None


def _three(text: str) -> list[str]:
    parts = text.split(",")
    if len(parts) != 3:
        raise ValueError
    return parts


def _awards(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise AnalysisError(f"--awards {text!r}: give counts, for example 1,2,3") from None
