"""What the verbs share: the folder argument, printing, the clock."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from analysis.frame import note
from studyapp.services.ground.workspace import Workspace

DEFAULT_PORT = 8000

Folder = click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
accept_loss = click.option(
    "--accept-loss",
    is_flag=True,
    help="Go on with a database that lost acknowledged events; the ledger and the ranking will say so.",
)
as_json = click.option(
    "--format",
    "as_json",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    callback=lambda _context, _parameter, form: form == "json",
    help="How to print the result.",
)


def print_result(value: Any, as_json: bool) -> None:
    """Print a result: JSON, or a dict on one line, or a list with a line each."""
    if as_json:
        click.echo(json.dumps(value, indent=2, ensure_ascii=False))
    elif isinstance(value, dict):
        click.echo(", ".join(f"{name} {number}" for name, number in value.items()))
    else:
        click.echo("\n".join(str(line) for line in value))


def hold_to_records(workspace: Workspace, *, accept: bool = False) -> None:
    """Go on only with a database that has every acknowledged event, or where its loss is accepted.

    Raises
    ------
    StudyError
        Naming what is missing.
    """
    from studyapp.services.ground.second_record import accept_loss, refuse_loss

    if not accept:
        refuse_loss(workspace)
        return
    for event in accept_loss(workspace, now=now()):
        note(f"lost, and entered in the ledger as such: {event}")


def now() -> datetime:
    """Return the time; the only clock of the command line."""
    return datetime.now(UTC)
