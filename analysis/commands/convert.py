"""`studyapp analyse convert`: tables of answers to and from other tools' formats."""

from pathlib import Path
from typing import BinaryIO

import click
import pandas as pd

from analysis.errors import AnalysisError
from analysis.exchange.form import Kind, csv_text
from analysis.exchange.forms import FORMS, written_as
from analysis.exchange.sources import csv_table
from analysis.files import write_whole
from analysis.frame import note
from analysis.pairs import validate_pairs
from analysis.ratings import validate_ratings
from analysis.table_help import TableArgument, TableCommand
from analysis.votes import validate_votes

_ANY_SCALE = (float("-inf"), float("inf"))


@click.command("convert", cls=TableCommand)
@click.argument(
    "file",
    cls=TableArgument,
    tables=("votes", "pairs", "ratings", "scores"),
    metavar="FILE",
    type=click.File("rb"),
)
@click.option(
    "--from", "source", type=click.Choice(list(FORMS)), help="Format of FILE. By default one of ours."
)
@click.option("--to", "target", type=click.Choice(list(FORMS)), help="Format to write. By default ours.")
@click.option("--team", help="The team of a Codabench scores.json, which does not name its team.")
@click.option("--leave-out", is_flag=True, help="Drop answers that the format cannot hold.")
@click.option(
    "--output",
    "destination",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to this file instead of stdout.",
)
def command(
    file: BinaryIO,
    *,
    source: str | None,
    target: str | None,
    team: str | None,
    leave_out: bool,
    destination: Path | None,
) -> None:
    """Convert FILE from one format to another. Ours are VOTES.csv, PAIRS.csv, RATINGS.csv and SCORES.csv.

    Columns that a format cannot hold are dropped with a note; answers only with --leave-out.
    """
    if source is None and target is None:
        raise AnalysisError("nothing to convert: give --from, --to or both")
    table, kind = _read(file.read(), source, target, team)
    text = _ours(table) if target is None else _theirs(target, table, kind, team, leave_out)
    if destination is None:
        click.echo(text, nl=False)
    else:
        write_whole(destination, text)


def _read(data: bytes, source: str | None, target: str | None, team: str | None) -> tuple[pd.DataFrame, Kind]:
    if source is None:
        kind = FORMS[str(target)].table
        return _validated(csv_table(data), kind), kind
    form = FORMS[source]
    if form.read is None:
        raise AnalysisError(
            f"--from {source}: this format has no single answers; convert the table it was made from"
        )
    table = form.read(data)
    if form.table == "scores":
        if team is None:
            raise AnalysisError(f"--from {source}: the file does not name its team; add --team")
        table.insert(0, "team", team)
    return _validated(table, form.table), form.table


def _validated(table: pd.DataFrame, kind: Kind) -> pd.DataFrame:
    if kind == "votes":
        return validate_votes(table).table
    if kind == "pairs":
        return validate_pairs(table).table
    if kind == "ratings":
        return validate_ratings(table, scale=_ANY_SCALE).table
    if "team" not in table:
        raise AnalysisError("scores: there is no column team; add one")
    return table


def _ours(table: pd.DataFrame) -> str:
    there = [column for column in table if column != "image" or set(table[column]) != {""}]
    return csv_text(table[there])


def _theirs(target: str, table: pd.DataFrame, kind: Kind, team: str | None, leave_out: bool) -> str:
    text, notes = written_as(target, table, kind, team=team, leave_out=leave_out)
    for line in notes:
        note(line)
    return text
