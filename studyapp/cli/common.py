"""What the verbs share: the folder argument, printing, the clock."""

from datetime import UTC, datetime
from pathlib import Path

import click

from analysis.formats import print_report
from analysis.frame import note
from studyapp.protocols import KINDS
from studyapp.services.ground.workspace import Workspace

DEFAULT_PORT = 8000

Folder = click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
asked = click.option(
    "--protocol",
    "kind",
    type=click.Choice(list(KINDS)),
    default="top_k",
    show_default=True,
    help="How judges are asked (docs/protocols.md).",
)
accept_loss = click.option(
    "--accept-loss",
    is_flag=True,
    help="Continue with a database that lost acknowledged events; the ledger and the ranking will say so.",
)


def print_facts(text: str, form: str | None, **facts: object) -> None:
    """Print what came of a verb: the text for people, or the facts as a table of one row, or as JSON."""
    print_report(text, form, rows=[facts], data=facts)


def hold_to_records(workspace: Workspace, *, accept: bool = False) -> None:
    """Continue only with a database that has every acknowledged event, or where its loss is accepted.

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
        note(f"lost, and recorded as lost in the ledger: {event}")


def now() -> datetime:
    """Return the time; the only clock of the command line."""
    return datetime.now(UTC)
