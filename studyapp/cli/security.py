"""Verbs about who may see what."""

import sys
from contextlib import closing
from pathlib import Path

import click

from studyapp.cli.common import Folder, as_json, now
from studyapp.jobs.bars import Bars
from studyapp.services.workspace import open_workspace


@click.command()
@Folder
@click.option("--set-password", metavar="NAME", help="Make an account, or change its password.")
@click.option("--remove", metavar="NAME", help="Remove an account.")
def organiser(folder: Path, set_password: str | None, remove: str | None) -> None:
    """Let organisers sign in by password; without an option, name the accounts.

    The password is asked for, or read from the first line of the input. Setting or removing one ends every
    organiser's session.
    """
    from studyapp.services import organisers

    if set_password and remove:
        raise click.UsageError("give --set-password or --remove, not both")
    workspace = open_workspace(folder)
    with closing(workspace.database) as database:
        if set_password:
            organisers.set_password(workspace.folders, set_password, _new_password())
        elif remove:
            organisers.remove_account(workspace.folders, remove)
        else:
            click.echo("\n".join(organisers.account_names(workspace.folders)))
            return
        with database.writing() as session:
            organisers.end_sessions(session, now=now())
    click.echo("done; every organiser's session has ended", err=True)


def _new_password() -> str:
    if sys.stdin.isatty():
        return click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return sys.stdin.readline().rstrip("\r\n")


@click.command("blind-audit")
@Folder
@click.option(
    "--tiles",
    default=1,
    show_default=True,
    type=click.IntRange(0),
    help="Tiles of each candidate to fetch besides the coarsest level.",
)
@click.option(
    "--seed", default=0, show_default=True, help="For the choice of tiles and the order of requests."
)
@as_json
def blind_audit(folder: Path, tiles: int, seed: int, as_json: bool) -> None:
    """Try every way by which a judge could tell teams apart; exit status 1 when one works.

    Logs in as every judge of a copy of the study, which itself is not touched, and walks through every page,
    tile, script and error.
    """
    from studyapp.blind_audit import report
    from studyapp.blind_audit.run import blind_audit as audit

    with Bars() as progress:
        result = audit(folder, tiles=tiles, seed=seed, progress=progress)
    click.echo(report.as_json(result) if as_json else report.as_text(result))
    if not result.passed:
        raise SystemExit(1)
