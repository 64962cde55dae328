"""Verbs about judges."""

import dataclasses
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import click
from sqlmodel import Session, select

from analysis.formats import format_options, print_report
from analysis.frame import note
from analysis.table_help import TableArgument, TableCommand, TableHelp
from studyapp.cli.common import Folder, hold_to_records, now
from studyapp.cli.links import USUAL_URL, check_base_url, keep_links, print_links
from studyapp.core.addresses import address_key
from studyapp.core.judges_file import OPTIONAL, REQUIRED, JudgeLine, read_judges
from studyapp.core.links_file import REVOKED, SENT, ListedLink, links_text
from studyapp.db.tables import Judge
from studyapp.errors import ProblemsFoundError, errors_of
from studyapp.services.challenge import conflicts
from studyapp.services.ground import workspace as workspaces
from studyapp.services.ground.sealing import committed
from studyapp.services.ground.site import site_around
from studyapp.services.ground.workspace import Workspace
from studyapp.services.people import invitations

JUDGES = TableHelp(
    "judges", REQUIRED, OPTIONAL, "name,email,conflicts\nJune Miller,june@example.org,team03;team07"
)


@click.command(cls=TableCommand)
@Folder
@click.argument(
    "judges",
    cls=TableArgument,
    tables=(JUDGES,),
    metavar="[JUDGES.csv]",
    type=click.Path(dir_okay=False, path_type=Path),
    required=False,
)
@click.option(
    "--base-url",
    metavar="URL",
    help=f"Where judges reach the server. By default STUDYAPP_BASE_URL, or {USUAL_URL}. "
    "Of a study in a site, /s/NAME is added.",
)
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the links to FILE; links already in it stay.",
)
@click.option("--reissue", metavar="EMAIL", help="Give a judge a new link; the old one stops working.")
@click.option("--revoke", metavar="EMAIL", help="Revoke a judge's link; the ballots stay.")
@click.option("--test", is_flag=True, help="Invite them as test judges, whose ballots never count.")
@format_options
def invite(
    folder: Path,
    *,
    judges: Path | None,
    base_url: str | None,
    output: Path | None,
    reissue: str | None,
    revoke: str | None,
    test: bool,
    form: str | None,
) -> None:
    """Invite the judges listed in JUDGES.csv and give out their links.

    A link is shown only once, as CSV on stdout or in FILE: studyapp keeps nothing but its hash.
    """
    if sum(choice is not None for choice in (judges, reissue, revoke)) != 1:
        raise click.UsageError("give one of JUDGES.csv, --reissue EMAIL or --revoke EMAIL")
    if form not in (None, "csv") and output is not None:
        raise click.UsageError(f"--output writes CSV; remove --format {form}")
    url = check_base_url(base_url)
    usual = url == USUAL_URL and base_url is None
    workspace = workspaces.open_workspace(folder)
    hold_to_records(workspace)
    if site_around(folder) is not None:
        within = f"/s/{folder.resolve().name}"
        url = f"{url.removesuffix(within)}{within}"
    lines = _read(workspace, judges, test=test) if judges else []
    said: list[str] = []

    def refuse_conflicts(session: Session) -> None:
        site = site_around(folder)
        if site is None or site.file.challenge is None:
            return
        known = {address_key(email) for email in session.exec(select(Judge.email))}
        new = [line for line in lines if address_key(line.email) not in known]
        with closing(site):
            conflicts.refuse_judges(site, folder.resolve().name, new, now())

    def change(session: Session) -> list[ListedLink]:
        if revoke:
            judge = invitations.find_judge(session, revoke)
            invitations.revoke_link(session, revoke, now=now())
            return [ListedLink(judge.name, judge.email, REVOKED)]
        if reissue:
            fresh = [invitations.reissue_link(session, reissue, now=now())]
        else:
            refuse_conflicts(session)
            fresh = invitations.invite_judges(session, workspace.key, lines, now=now())
            said.append(f"commitment to the sealed key: {committed(session)}")
            said.append(_how_many(fresh, lines))
        return [ListedLink(item.name, item.email, f"{url}/j/{item.token}") for item in fresh]

    if output is not None:
        before = [ListedLink(line.name, line.email, SENT) for line in lines]
        keep_links(workspace.database, lambda session: [*before, *change(session)], output)
    else:
        print_links(workspace.database, change, lambda links: _show(links, form))
    if usual and not revoke:
        said.append(f"the links point to {url}; use --base-url if judges reach the server at another address")
    for line in said:
        note(line)


def _read(workspace: Workspace, path: Path, *, test: bool) -> list[JudgeLine]:
    teams = [team.id for team in workspace.file.teams]
    lines, problems = read_judges(path, teams, workspace.file.protocol.least)
    if errors := errors_of(problems):
        raise ProblemsFoundError(errors)
    for problem in problems:
        note(problem)
    return [dataclasses.replace(line, test=True) for line in lines] if test else lines


def _how_many(fresh: Sequence[object], lines: Sequence[object]) -> str:
    before = len(lines) - len(fresh)
    said = f"{len(fresh)} invited, {before} already invited"
    if not before:
        return said
    return f"{said}; links are shown only once: `studyapp invite DIR --reissue EMAIL` makes a new one"


def _show(links: Sequence[ListedLink], form: str | None) -> None:
    shown = [item for item in links if item.link != REVOKED]
    if form not in (None, "csv"):
        print_report("", form, rows=[dataclasses.asdict(item) for item in shown])
    elif shown:
        click.echo(links_text(shown), nl=False)
