"""`study-analysis convert`: tables of answers from and to the forms of other tools."""

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
from analysis.votes import validate_votes

_ANY_SCALE = (float("-inf"), float("inf"))


@click.command("convert")
@click.argument("file", metavar="FILE", type=click.File("rb"))
@click.option(
    "--from", "source", type=click.Choice(list(FORMS)), help="The form of FILE; ours where left out."
)
@click.option(
    "--to", "target", type=click.Choice(list(FORMS)), help="The form to write; ours where left out."
)
@click.option("--team", help="The team of a Codabench scores.json, which does not name it.")
@click.option("--leave-out", is_flag=True, help="Leave out the answers that the form cannot hold.")
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
    """Convert FILE from one form to another. Ours are VOTES.csv, PAIRS.csv, RATINGS.csv and SCORES.csv.

    What a form cannot hold is named: columns are left out with a note, answers only with --leave-out.
    """
    if source is None and target is None:
        raise AnalysisError("give --from, --to, or both")
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
            f"--from {source}: it holds no single answers; convert the table they were made from"
        )
    table = form.read(data)
    if form.table == "scores":
        if team is None:
            raise AnalysisError(f"--from {source}: the file does not name its team; give --team")
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
        raise AnalysisError("scores: no column team; add it")
    return table


def _ours(table: pd.DataFrame) -> str:
    there = [column for column in table if column != "image" or set(table[column]) != {""}]
    return csv_text(table[there])


def _theirs(target: str, table: pd.DataFrame, kind: Kind, team: str | None, leave_out: bool) -> str:
    text, notes = written_as(target, table, kind, team=team, leave_out=leave_out)
    for line in notes:
        note(line)
    return text
