"""Verbs about who may see what."""

import sys
from contextlib import closing
from pathlib import Path

import click
import segno

from analysis.formats import format_options, print_report
from analysis.frame import note
from analysis.progress import shown_progress
from studyapp.cli.common import Folder, now
from studyapp.services.ground.workspace import open_workspace
from studyapp.services.people.passwords import check_password
from studyapp.services.people.second_factors import SecondFactor, new_second_factor, use_code


@click.command()
@Folder
@click.option("--set-password", metavar="NAME", help="Create an account, or change its password.")
@click.option("--no-second-factor", is_flag=True, help="With --set-password: sign in by password alone.")
@click.option("--second-factor", metavar="NAME", help="Give an account a new second factor.")
@click.option("--remove", metavar="NAME", help="Remove an account.")
@format_options
def organiser(
    folder: Path,
    set_password: str | None,
    no_second_factor: bool,
    second_factor: str | None,
    remove: str | None,
    form: str | None,
) -> None:
    """Set up how organisers sign in: by password and a code from an app. Without options, list the accounts.

    You are asked for the password, unless the first line of standard input has it. An account gets a second
    factor along with its password; its secret and recovery codes are printed only once. Any change signs
    every organiser out.
    """
    from studyapp.services.people import organisers

    if sum(option is not None for option in (set_password, second_factor, remove)) > 1:
        raise click.UsageError("give only one of --set-password, --second-factor and --remove")
    if no_second_factor and set_password is None:
        raise click.UsageError("--no-second-factor works only together with --set-password")
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
            names = organisers.account_names(folders)
            print_report(names, form, rows=[{"name": name} for name in names])
            return
        with database.writing() as session:
            organisers.end_sessions(session, now=now())
    note("done; every organiser has been signed out")


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
    click.echo("recovery codes; each works once. Keep them away from the device with the app:")
    click.echo("\n".join(f"  {code}" for code in enrolment.recovery))
    while sys.stdin.isatty():
        code = click.prompt("Code shown by the app now", err=True)
        if used := use_code(factor, code, now=now()):
            return used
        note("this code is wrong; check that this machine's clock is right")
    return factor


@click.command("blind-audit")
@Folder
@click.option(
    "--tiles",
    default=1,
    show_default=True,
    type=click.IntRange(0),
    help="Tiles to fetch per candidate, besides the coarsest level.",
)
@click.option("--seed", default=0, show_default=True, help="Random seed: which tiles, and in what order.")
@format_options
def blind_audit(folder: Path, tiles: int, seed: int, form: str | None) -> None:
    """Try every way a judge could tell teams apart. Exit status 1 if one works.

    Signs in as every judge of a copy of the study and goes through every page, tile, script and error. The
    study itself is not touched.
    """
    from studyapp.blind_audit import report
    from studyapp.blind_audit.run import blind_audit as audit

    with shown_progress() as progress:
        result = audit(folder, tiles=tiles, seed=seed, progress=progress)
    print_report(report.as_text(result), form, rows=report.rows(result), data=report.whole(result))
    if not result.passed:
        raise SystemExit(1)
