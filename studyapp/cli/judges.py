"""Verbs about judges."""

import csv
import dataclasses
import sys
from pathlib import Path

import click

from studyapp.cli.common import DEFAULT_PORT, Folder, as_json, now, print_result
from studyapp.core.spreadsheets import plain_cell
from studyapp.errors import ProblemsFoundError
from studyapp.services import workspace as workspaces


@click.command()
@Folder
@click.argument(
    "judges", metavar="JUDGES.CSV", type=click.Path(dir_okay=False, path_type=Path), required=False
)
@click.option(
    "--base-url",
    default=f"http://127.0.0.1:{DEFAULT_PORT}",
    show_default=True,
    help="Where judges reach the server.",
)
@click.option("--reissue", metavar="EMAIL", help="Make a new link for a judge; the old one stops working.")
@click.option("--revoke", metavar="EMAIL", help="Make a judge's link invalid; the ballots stay.")
@click.option("--test", is_flag=True, help="Test judges: their ballots never count.")
@as_json
def invite(
    folder: Path,
    judges: Path | None,
    base_url: str,
    reissue: str | None,
    revoke: str | None,
    test: bool,
    as_json: bool,
) -> None:
    """Invite the judges of a CSV file (name, email, conflicts); print their links, this once, as CSV."""
    from studyapp.core.judges_file import read_judges
    from studyapp.services import invitations
    from studyapp.services.sealing import committed

    workspace = workspaces.open_workspace(folder)
    if sum(choice is not None for choice in (judges, reissue, revoke)) != 1:
        raise click.UsageError("give JUDGES.CSV, or --reissue EMAIL, or --revoke EMAIL")
    fresh = []
    with workspace.database.writing() as session:
        if revoke:
            invitations.revoke_link(session, revoke, now=now())
        elif reissue:
            fresh = [invitations.reissue_link(session, reissue, now=now())]
        elif judges:
            lines, problems = read_judges(
                judges, [team.id for team in workspace.file.teams], workspace.file.protocol.places
            )
            if problems:
                raise ProblemsFoundError(problems)
            if test:
                lines = [dataclasses.replace(line, test=True) for line in lines]
            fresh = invitations.invite_judges(session, workspace.key, lines, now=now())
            click.echo(f"commitment to the sealed key: {committed(session)}", err=True)
            click.echo(f"{len(fresh)} invited, {len(lines) - len(fresh)} were invited before", err=True)
    links = [
        {"name": item.name, "email": item.email, "link": f"{base_url.rstrip('/')}/j/{item.token}"}
        for item in fresh
    ]
    if as_json:
        print_result(links, as_json)
    elif links:
        writer = csv.DictWriter(sys.stdout, ["name", "email", "link"], lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: plain_cell(cell) for name, cell in line.items()} for line in links)
