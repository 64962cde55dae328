"""Verbs of a running study: serving it, watching it, closing it."""

import dataclasses
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analysis.formats import format_options, print_report
from analysis.frame import note
from analysis.printable import printable
from studyapp.cli.common import DEFAULT_PORT, Folder, accept_loss, hold_to_records, now
from studyapp.services.ground import workspace as workspaces
from studyapp.settings import base_url, behind_tls, check_address, proxies

if TYPE_CHECKING:
    from sqlmodel import Session

    from studyapp.services.ground.site import Site
    from studyapp.services.results.monitoring import StudyStatus


@click.command()
@Folder
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=DEFAULT_PORT,
    show_default=True,
    type=click.IntRange(1, 65535),
    help="Port to listen on.",
)
@click.option("--workers", type=click.IntRange(1, 8), help="Processes. By default one per core, up to 4.")
@click.option("--draft", is_flag=True, help="Leave a draft study closed to ballots.")
@click.option("--insecure", is_flag=True, help="Allow serving other machines without TLS.")
@click.option(
    "--no-link", is_flag=True, help="Print no owner's link, which would stay in a log: sign in by password."
)
@accept_loss
def serve(
    folder: Path,
    *,
    host: str,
    port: int,
    workers: int | None,
    draft: bool,
    insecure: bool,
    no_link: bool,
    accept_loss: bool,
) -> None:
    """Open the study and serve it to judges, or serve a site; prints an owner's link."""
    check_address(host, insecure=insecure)
    shown = f"[{host}]" if ":" in host else host
    reached = base_url() or f"http://{shown}:{port}"
    from studyapp.server import serve as run
    from studyapp.server import usual_workers
    from studyapp.server.reached import address_notes

    for line in address_notes(host, port, base_url(), proxies=proxies(), tls=behind_tls()):
        note(line)

    def begin(site: "Site") -> None:
        if site.is_lone:
            _open_study(folder, draft=draft)
        with site.database.writing() as session:
            entrance = way_in(session, folder, str(reached), link=not no_link)
        entrance()
        sys.stdout.flush()

    def check(workspace: workspaces.Workspace) -> None:
        hold_to_records(workspace, accept=accept_loss)

    run(folder, host, port, workers or usual_workers(), check=check, begin=begin)


def way_in(session: "Session", folder: Path, reached: str, *, link: bool) -> Callable[[], None]:
    """Make the link that signs in an owner, or end the one before; return what says how to sign in."""
    from sqlmodel import select

    from studyapp.db.site_tables import Account
    from studyapp.services.people import sign_in_links

    if link:
        token = sign_in_links.owner_link(session, now=now())
        return lambda: click.echo(f"organiser: {reached}/o/{token}")
    sign_in_links.revoke_links(session, None, now=now())
    anybody = session.exec(select(Account.id).limit(1)).first() is not None
    how = "" if anybody else f"; make an account first: studyapp account {folder} --set-password NAME"
    return lambda: note(f"sign in at {reached}/sign-in{how}")


def _open_study(folder: Path, *, draft: bool) -> None:
    from studyapp.services.ground import studies
    from studyapp.services.ground.sealing import committed

    with closing(workspaces.open_workspace(folder).database) as database, database.writing() as session:
        if not studies.is_registered(session):
            note("the study has no images yet: add them in the console, or in its folder")
            return
        opened = studies.the_study(session).state == "draft" and not draft
        if opened and not studies.has_judges(session):
            note(
                "no judges are invited yet, so the study stays closed to ballots: invite them in the console"
            )
            return
        if opened:
            studies.open_study(session, now=now())
        commitment = committed(session)
    if opened:
        note("the study is now open: ballots are accepted")
    note(f"commitment to the sealed key: {commitment}")


@click.command()
@Folder
@format_options
def status(folder: Path, form: str | None) -> None:
    """Show judges' progress and who was excluded. Reveals neither picks nor who made what."""
    from studyapp.services.results.monitoring import study_status

    with workspaces.open_workspace(folder).database.reading() as session:
        state = study_status(session)
    data = {**dataclasses.asdict(state), "complete": state.complete, "total": state.total}
    rows = [dict(row, skipped=" ".join(row["skipped"])) for row in data["judges"]]
    print_report(_lines(state), form, rows=rows, data=data)


def _lines(state: "StudyStatus") -> Iterator[str]:
    unsealed = ", unsealed" if state.unsealed else ""
    title = printable(state.title)
    yield (f"{title}: {state.state}{unsealed}, {state.complete} of {state.total} ballots complete")
    if state.commitment:
        yield (f"  commitment {state.commitment}")
    if state.study_digest:
        yield (f"  study digest {state.study_digest}")
    for item in state.amendments:
        yield (f"  amendment {item.number} ({', '.join(item.keys)}): {printable(item.reason)}")
    for team in state.disqualified:
        yield (f"  disqualified: team {team}")
    for judge in state.judges:
        marks = {"test": judge.test, "withdrawn": judge.withdrawn, "link revoked": not judge.link_live}
        kind = "".join(f" ({mark})" for mark, holds in marks.items() if holds)
        done = "done" if judge.finished_at else f"last saved {judge.last_saved_at or 'never'}"
        yield (f"  {judge.complete:>4}/{judge.total}  {judge.name} <{judge.email}>{kind}  {done}")
