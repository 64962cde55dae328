"""Verbs about who may see what."""

import sys
from contextlib import closing
from pathlib import Path

import click
import segno

from analysis.frame import note
from studyapp.cli.common import Folder, as_json, now
from studyapp.jobs.bars import Bars
from studyapp.services.ground.workspace import open_workspace
from studyapp.services.people.passwords import check_password
from studyapp.services.people.second_factors import SecondFactor, new_second_factor, use_code


@click.command()
@Folder
@click.option("--set-password", metavar="NAME", help="Make an account, or change its password.")
@click.option("--no-second-factor", is_flag=True, help="With --set-password: let the password alone do.")
@click.option("--second-factor", metavar="NAME", help="Give an account another second factor.")
@click.option("--remove", metavar="NAME", help="Remove an account.")
def organiser(
    folder: Path,
    set_password: str | None,
    no_second_factor: bool,
    second_factor: str | None,
    remove: str | None,
) -> None:
    """Let organisers sign in by password and code; without an option, name the accounts.

    The password is asked for, or read from the first line of the input. An account gets a second factor with
    its password: secret and recovery codes are printed once. Any change ends every organiser's session.
    """
    from studyapp.services.people import organisers

    if sum(option is not None for option in (set_password, second_factor, remove)) > 1:
        raise click.UsageError("give one of --set-password, --second-factor and --remove")
    if no_second_factor and set_password is None:
        raise click.UsageError("--no-second-factor goes with --set-password")
    workspace = open_workspace(folder)
    folders, issuer = workspace.folders, f"studyapp {workspace.file.title}"
    with closing(workspace.database) as database:
        if set_password is not None:
            name, password = organisers.checked_name(set_password), _new_password()
            check_password(password, name, workspace.file.title)
            factor = None if no_second_factor else organisers.second_factor_of(folders, name)
            if factor is None and not no_second_factor:
                factor = _new_factor(name, issuer)
            organisers.set_password(folders, name, password, second_factor=factor)
        elif second_factor is not None:
            organisers.check_account(folders, second_factor)
            organisers.set_second_factor(folders, second_factor, _new_factor(second_factor, issuer))
        elif remove is not None:
            organisers.remove_account(folders, remove)
        else:
            click.echo("\n".join(organisers.account_names(folders)))
            return
        with database.writing() as session:
            organisers.end_sessions(session, now=now())
    note("done; every organiser's session has ended")


def _new_password() -> str:
    if sys.stdin.isatty():
        return click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return sys.stdin.readline().rstrip("\r\n")


def _new_factor(name: str, issuer: str) -> SecondFactor:
    """Print a new second factor; at a terminal it is set only when a code shows that the app has it."""
    factor, enrolment = new_second_factor(name, issuer)
    if sys.stdout.isatty():
        segno.make(enrolment.uri, error="l").terminal(compact=True, border=2)
    click.echo(f"secret for the authenticator app: {enrolment.secret}\n{enrolment.uri}")
    click.echo("recovery codes, each good once; keep them where the app is not:")
    click.echo("\n".join(f"  {code}" for code in enrolment.recovery))
    while sys.stdin.isatty():
        code = click.prompt("Code that the app shows now", err=True)
        if used := use_code(factor, code, now=now()):
            return used
        note("this code does not fit; is the machine's clock right?")
    return factor


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
