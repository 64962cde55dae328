"""Verbs of a study's life: each is one event of its ledger."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlmodel import Session

from analysis.amounts import how_many
from analysis.formats import format_options
from analysis.frame import note
from studyapp.cli.common import Folder, accept_loss, hold_to_records, now, print_facts
from studyapp.services.ground import workspace as workspaces

Reason = click.option("--reason", required=True, help="A sentence for the ledger, which everybody can read.")


def undo_option(text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The option that undoes an exclusion."""
    return click.option("--undo", is_flag=True, help=text)


@click.command("start-over")
@Folder
def start_over(folder: Path) -> None:
    """Clear test runs before the first real invitation: test judges, their ballots and ledger entries.

    Everything cleared is kept in DIR/var/rehearsals; the study is a draft again.
    """
    from studyapp.services.people import rehearsing

    with rehearsing.clearing(workspaces.open_workspace(folder)) as (session, place):
        judges = rehearsing.start_over(session)
    note(f"cleared {how_many(judges, 'test judges')}; the record is kept in {place}")


@click.command()
@Folder
@format_options
def open(folder: Path, form: str | None) -> None:
    """Accept ballots, without starting the server; prints the commitment to publish."""
    from studyapp.services.ground.sealing import committed
    from studyapp.services.ground.studies import open_study

    with _writing(folder) as session:
        changed = open_study(session, now=now())
        commitment = committed(session)
    note("the study is now open" if changed else "the study was already open")
    print_facts(f"commitment: {commitment}", form, commitment=commitment)


@click.command()
@Folder
def pause(folder: Path) -> None:
    """Stop accepting ballots for a while; judges' pages keep what was picked."""
    from studyapp.services.voting.lifecycle import pause_study

    with _writing(folder) as session:
        pause_study(session, now=now())
    note(f"study paused; run `studyapp resume {folder}` to continue")


@click.command()
@Folder
def resume(folder: Path) -> None:
    """Accept ballots again."""
    from studyapp.services.voting.lifecycle import resume_study

    with _writing(folder) as session:
        resume_study(session, now=now())
    note("the study is open again")


@click.command()
@Folder
@accept_loss
@format_options
def close(folder: Path, accept_loss: bool, form: str | None) -> None:
    """End voting for good, unseal the results, and print the study digest to publish."""
    from studyapp.services.ground.ledger import closing_digest
    from studyapp.services.ground.studies import close_study

    with _writing(folder, accept=accept_loss) as session:
        changed = close_study(session, now=now())
        digest = closing_digest(session)
    note("the study is closed" if changed else "the study was already closed")
    print_facts(f"study digest: {digest}", form, digest=digest)


@click.command()
@Folder
@Reason
def unseal(folder: Path, reason: str) -> None:
    """Reveal team identities and interim results before closing. The ledger shows everybody that you did."""
    from studyapp.services.voting.lifecycle import unseal_study

    with _writing(folder) as session:
        unseal_study(session, reason, now=now())
    note("team identities and interim results are now visible to organisers")


@click.command()
@Folder
@Reason
@format_options
def amend(folder: Path, reason: str, form: str | None) -> None:
    """Record a change made to study.yaml after inviting judges, with a number and the reason."""
    from studyapp.services.voting.amending import amend_study

    workspace = workspaces.open_workspace(folder)
    hold_to_records(workspace)
    with workspace.database.writing() as session:
        amendment = amend_study(session, workspace, reason, now=now())
    keys = ", ".join(amendment.keys)
    print_facts(f"amendment {amendment.number}: {keys}", form, number=amendment.number, keys=keys)


@click.command("withdraw-judge")
@Folder
@click.argument("email")
@Reason
@undo_option("Count the ballots again; the link stays revoked.")
def withdraw_judge(folder: Path, email: str, reason: str, undo: bool) -> None:
    """Exclude a judge's ballots from every result and revoke the link; nothing is deleted."""
    from studyapp.services.voting import lifecycle

    with _writing(folder) as session:
        lifecycle.withdraw_judge(session, email, reason, now=now(), undo=undo)
    note(f"the ballots of {email} {'count again' if undo else 'no longer count'}")


@click.command("disqualify-team")
@Folder
@click.argument("team")
@Reason
@undo_option("Include the team again.")
def disqualify_team(folder: Path, team: str, reason: str, undo: bool) -> None:
    """Exclude a team from every result; judges still see its candidates and are not told."""
    from studyapp.services.voting import lifecycle

    with _writing(folder) as session:
        lifecycle.disqualify_team(session, team, reason, now=now(), undo=undo)
    note(f"team {team} is {'included in the results again' if undo else 'excluded from the results'}")


@contextmanager
def _writing(folder: Path, *, accept: bool = False) -> Iterator[Session]:
    workspace = workspaces.open_workspace(folder)
    hold_to_records(workspace, accept=accept)
    with workspace.database.writing() as session:
        yield session
