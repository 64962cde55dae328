"""Verbs of a study's life: each is one event of its ledger."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlmodel import Session

from analysis.frame import note
from studyapp.cli.common import Folder, accept_loss, hold_to_records, now
from studyapp.services.ground import workspace as workspaces

Reason = click.option(
    "--reason", required=True, help="A sentence for the ledger, where everybody can read it."
)


def undo_option(text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The option that takes an exclusion back."""
    return click.option("--undo", is_flag=True, help=text)


@click.command("start-over")
@Folder
def start_over(folder: Path) -> None:
    """Clear rehearsals before the first real invitation: test judges, their ballots, the ledger of both.

    What is cleared is kept in DIR/var/rehearsals; the study is a draft again.
    """
    from studyapp.server.lock import only_server
    from studyapp.services.people import rehearsing

    workspace = workspaces.open_workspace(folder)
    folders = workspace.folders
    with (
        only_server(folders, patience=0),
        rehearsing.set_aside(folders) as place,
        workspace.database.writing() as session,
    ):
        judges = rehearsing.start_over(session)
    note(f"{judges} test judge{'s' * (judges != 1)} cleared, the record is in {place}")


@click.command()
@Folder
def open(folder: Path) -> None:
    """Let ballots in, without serving; prints the commitment."""
    from studyapp.services.ground.sealing import committed
    from studyapp.services.ground.studies import open_study

    with _writing(folder) as session:
        changed = open_study(session, now=now())
        commitment = committed(session)
    note("the study is now open" if changed else "the study was open already")
    click.echo(f"commitment: {commitment}")


@click.command()
@Folder
def pause(folder: Path) -> None:
    """Stop taking ballots for a while; judges' pages keep what is picked."""
    from studyapp.services.voting.lifecycle import pause_study

    with _writing(folder) as session:
        pause_study(session, now=now())
    note("the study is paused; `studyapp resume DIR` goes on")


@click.command()
@Folder
def resume(folder: Path) -> None:
    """Take ballots again."""
    from studyapp.services.voting.lifecycle import resume_study

    with _writing(folder) as session:
        resume_study(session, now=now())
    note("the study is open again")


@click.command()
@Folder
@accept_loss
def close(folder: Path, accept_loss: bool) -> None:
    """End the voting for good, unseal the results, print the study digest to publish."""
    from studyapp.services.ground.ledger import closing_digest
    from studyapp.services.ground.studies import close_study

    with _writing(folder, accept=accept_loss) as session:
        changed = close_study(session, now=now())
        digest = closing_digest(session)
    note("the study is closed" if changed else "the study was closed already")
    click.echo(f"study digest: {digest}")


@click.command()
@Folder
@Reason
def unseal(folder: Path, reason: str) -> None:
    """See before closing who made what. It stays in the ledger for everybody to read."""
    from studyapp.services.voting.lifecycle import unseal_study

    with _writing(folder) as session:
        unseal_study(session, reason, now=now())
    note("identities and interim results are unsealed")


@click.command()
@Folder
@Reason
def amend(folder: Path, reason: str) -> None:
    """Enter a change of study.yaml made after the invitations, with a number and the reason."""
    from studyapp.services.voting.amending import amend_study

    workspace = workspaces.open_workspace(folder)
    hold_to_records(workspace)
    with workspace.database.writing() as session:
        amendment = amend_study(session, workspace, reason, now=now())
    click.echo(f"amendment {amendment.number}: {', '.join(amendment.keys)}")


@click.command("withdraw-judge")
@Folder
@click.argument("email")
@Reason
@undo_option("Let the ballots count again; the link stays revoked.")
def withdraw_judge(folder: Path, email: str, reason: str, undo: bool) -> None:
    """Leave a judge's ballots out of every result and revoke the link; nothing is deleted."""
    from studyapp.services.voting import lifecycle

    with _writing(folder) as session:
        lifecycle.withdraw_judge(session, email, reason, now=now(), undo=undo)
    note(f"the ballots of {email} {'count again' if undo else 'no longer count'}")


@click.command("disqualify-team")
@Folder
@click.argument("team")
@Reason
@undo_option("Take the team in again.")
def disqualify_team(folder: Path, team: str, reason: str, undo: bool) -> None:
    """Take a team out of every result; judges go on seeing its candidates and are told nothing."""
    from studyapp.services.voting import lifecycle

    with _writing(folder) as session:
        lifecycle.disqualify_team(session, team, reason, now=now(), undo=undo)
    note(f"team {team} is {'in' if undo else 'out of'} the results{' again' if undo else ''}")


@contextmanager
def _writing(folder: Path, *, accept: bool = False) -> Iterator[Session]:
    workspace = workspaces.open_workspace(folder)
    hold_to_records(workspace, accept=accept)
    with workspace.database.writing() as session:
        yield session
